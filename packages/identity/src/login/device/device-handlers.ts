import type { Handlers } from '@gatehouse/enforcement'
import type { HandlerDeps } from '../../shared/deps.ts'
import { deviceApprove } from './device-approve.ts'
import { devicePoll } from './device-poll.ts'
import { deviceStart } from './device-start.ts'

type Names = 'auth.deviceStart' | 'auth.deviceApprove' | 'auth.devicePoll'

/**
 * Log-in of a device by approval in a browser (RFC 8628). A grant goes from waiting to approved or denied, and from
 * approved to used; each step is one conditional update.
 */
export const deviceHandlers = (deps: HandlerDeps): Pick<Handlers, Names> => ({
  'auth.deviceStart': deviceStart(deps),
  'auth.deviceApprove': deviceApprove(deps),
  'auth.devicePoll': devicePoll(deps),
})
