import { Refusal } from '@gatehouse/contract'
import type { Handlers } from '@gatehouse/enforcement'
import type { HandlerDeps } from '../deps.ts'

type Names = 'settings.get' | 'settings.update' | 'notification.list' | 'notification.markRead'

/** What is set for all, and what each person is told. */
export const settingsHandlers = (_deps: HandlerDeps): Pick<Handlers, Names> => ({
  'settings.get': notYet,
  'settings.update': notYet,
  'notification.list': notYet,
  'notification.markRead': notYet,
})

function notYet(): Promise<never> {
  throw new Refusal('unavailable', { hint: 'this part is being built' })
}
