import { Refusal } from '@gatehouse/contract'
import type { Handlers } from '@gatehouse/enforcement'
import type { HandlerDeps } from '../deps.ts'

type Names = 'approval.request' | 'approval.list' | 'approval.get' | 'approval.approve' | 'approval.deny' | 'approval.cancel' | 'mfa.reset'

/** A second person's yes, and what needs one. */
export const approvalHandlers = (_deps: HandlerDeps): Pick<Handlers, Names> => ({
  'approval.request': notYet,
  'approval.list': notYet,
  'approval.get': notYet,
  'approval.approve': notYet,
  'approval.deny': notYet,
  'approval.cancel': notYet,
  'mfa.reset': notYet,
})

function notYet(): Promise<never> {
  throw new Refusal('unavailable', { hint: 'this part is being built' })
}
