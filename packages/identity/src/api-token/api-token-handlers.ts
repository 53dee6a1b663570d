import { Refusal } from '@gatehouse/contract'
import type { Handlers } from '@gatehouse/enforcement'
import type { HandlerDeps } from '../deps.ts'

type Names = 'serviceAccount.create' | 'serviceAccount.list' | 'serviceAccount.get' | 'serviceAccount.update' | 'serviceAccount.disable' | 'serviceAccount.delete' | 'apiToken.create' | 'apiToken.list' | 'apiToken.get' | 'apiToken.revoke'

/** Programs' accounts and the tokens of programs and scripts. */
export const apiTokenHandlers = (_deps: HandlerDeps): Pick<Handlers, Names> => ({
  'serviceAccount.create': notYet,
  'serviceAccount.list': notYet,
  'serviceAccount.get': notYet,
  'serviceAccount.update': notYet,
  'serviceAccount.disable': notYet,
  'serviceAccount.delete': notYet,
  'apiToken.create': notYet,
  'apiToken.list': notYet,
  'apiToken.get': notYet,
  'apiToken.revoke': notYet,
})

function notYet(): Promise<never> {
  throw new Refusal('unavailable', { hint: 'this part is being built' })
}
