import type { Store } from '@gatehouse/database'
import type { Clock } from '@gatehouse/enforcement'
import type { RevocableBackend } from '@gatehouse/secrets'
import { endOtps, readOtpState } from './ssh-otp.queries.ts'
import type { SshSettings } from './ssh-settings.ts'

/** Nobody needs a password for a log-in of tomorrow: one that lies about for an hour is lost or noted somewhere. */
const otpSecondsMax = 3600

/**
 * Passwords that hosts ask us about. One is dead for every host with the transaction that ends its lease; a session
 * that it has opened is the host's, and goes on.
 */
export const sshOtpBackend = ({
  db,
  clock,
  settings,
}: {
  readonly db: Store
  readonly clock: Clock
  readonly settings: SshSettings
}): RevocableBackend => ({
  name: 'ssh-otp',
  limits: {
    ttlSecondsMin: Math.min(settings.ttlSecondsMin, otpSecondsMax),
    ttlSecondsMax: Math.min(settings.ttlSecondsMax, otpSecondsMax),
    renewable: false,
    revocation: 'denies',
    deniesWithinSeconds: 0, // a host asks about each password when it is shown
  },
  listed: true,
  revoke: () => Promise.resolve(), // `mark` ends the password in the transaction that ends the lease
  // hosts ask us, and nobody else: the row is what their question is answered by
  prove: async (lease) => {
    const state = await readOtpState(db, lease.id)
    if (state === null) throw new TypeError('a lease of a password without its password')
    const said = state === 'active' ? 'the password is good for one log-in' : `the password is ${state}`
    return { dead: state !== 'active', provider: 'Gatehouse, which hosts ask', said, facts: { state } }
  },
  mark: (tx, leaseIds, phase) => endOtps(tx, { leaseIds, phase, now: clock.now() }),
})
