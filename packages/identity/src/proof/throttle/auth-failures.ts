import type { Store } from '@gatehouse/database'
import type { Alerts, Clock } from '@gatehouse/enforcement'
import { countFailure } from './auth-failures.queries.ts'
import { throttleKey } from './guess-throttle.ts'
import type { IdentityAlert } from '../../shared/alerts.ts'
import type { AuthFailures } from '../../shared/ports.ts'
import type { SettingsInForce } from '../../shared/settings.ts'

/** The window of the alert on failures, as the setting's words have it. */
const windowSeconds = 300

/** Opens the count, which all nodes share. */
export function createAuthFailures({
  db,
  clock,
  settings,
  alerts,
}: {
  db: Store
  clock: Clock
  settings: SettingsInForce
  alerts: Alerts<IdentityAlert>
}): AuthFailures {
  return {
    note: async ({ username, userId }) => {
      const { authFailuresAlert } = await settings.current()
      const failures = await countFailure(db, { key: throttleKey(username), now: clock.now(), windowSeconds })
      // equal, not above: once a window, on whichever node it falls
      if (failures === authFailuresAlert && userId !== null)
        alerts.raise('auth-failures', { user: userId, failures, windowSeconds })
    },
  }
}
