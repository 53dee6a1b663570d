import type { Clock } from '@gatehouse/enforcement'
import type { RevocableBackend } from '@gatehouse/secrets'
import { endOtps } from './ssh-otp.queries.ts'
import type { SshSettings } from './ssh-settings.ts'

/** Nobody needs a password for a log-in of tomorrow: one that lies about for an hour is lost or noted somewhere. */
const otpSecondsMax = 3600

/**
 * Passwords that hosts ask us about. One is dead for every host with the transaction that ends its lease; a session
 * that it has opened is the host's, and goes on.
 */
export const sshOtpBackend = ({
  clock,
  settings,
}: {
  readonly clock: Clock
  readonly settings: SshSettings
}): RevocableBackend => ({
  name: 'ssh-otp',
  limits: {
    ttlSecondsMin: Math.min(settings.ttlSecondsMin, otpSecondsMax),
    ttlSecondsMax: Math.min(settings.ttlSecondsMax, otpSecondsMax),
    renewable: false,
    revocation: 'denies',
  },
  listed: true,
  revoke: () => Promise.resolve(), // `mark` ends the password in the transaction that ends the lease
  mark: (tx, leaseIds, phase) => endOtps(tx, { leaseIds, phase, now: clock.now() }),
})
