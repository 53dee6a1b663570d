import { Refusal } from '@gatehouse/contract'
import type { Handlers } from '@gatehouse/enforcement'
import type { HandlerDeps } from '../deps.ts'

type Names = 'auth.deviceStart' | 'auth.deviceApprove' | 'auth.devicePoll'

/** Log-in of a device by approval in a browser (RFC 8628). */
export const deviceHandlers = (_deps: HandlerDeps): Pick<Handlers, Names> => ({
  'auth.deviceStart': notYet,
  'auth.deviceApprove': notYet,
  'auth.devicePoll': notYet,
})

function notYet(): Promise<never> {
  throw new Refusal('unavailable', { hint: 'this part is being built' })
}
