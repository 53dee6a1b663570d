import type { Store } from '@gatehouse/database'
import type { Alerts, Clock } from '@gatehouse/enforcement'
import { countFailure } from './auth-failures.queries.ts'
import { throttleKey } from './guess-throttle.ts'
import type { SettingsInForce } from './settings/settings-in-force.ts'

/** The window of the alert on failures, as the setting's words have it. */
const windowSeconds = 300

/**
 * Counts failures to prove who one is, of all kinds together, and tells people once a window when there are too many.
 */
export interface AuthFailures {
  /** Notes one. `userId` null: nobody has the name; the same work is done, and nobody told. */
  note(failure: { readonly username: string; readonly userId: string | null }): Promise<void>
}

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
  alerts: Alerts
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
