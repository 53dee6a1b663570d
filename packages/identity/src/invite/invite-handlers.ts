import { Refusal } from '@gatehouse/contract'
import type { Handlers } from '@gatehouse/enforcement'
import type { HandlerDeps } from '../deps.ts'

type Names = 'auth.acceptInvite' | 'user.invite' | 'user.import'

/** How people come in other than by an administrator's one-time password. */
export const inviteHandlers = (_deps: HandlerDeps): Pick<Handlers, Names> => ({
  'auth.acceptInvite': notYet,
  'user.invite': notYet,
  'user.import': notYet,
})

function notYet(): Promise<never> {
  throw new Refusal('unavailable', { hint: 'this part is being built' })
}
