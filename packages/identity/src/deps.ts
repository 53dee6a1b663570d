import type { Change } from '@gatehouse/audit'
import type { Store, Transaction } from '@gatehouse/database'
import type { Alerts, Clock, Random, Sealer } from '@gatehouse/enforcement'
import { createAuthFailures, type AuthFailures } from './auth-failures.ts'
import type { AccessTokenAuthenticator } from './authenticate.ts'
import type { IdentityConfig } from './config.ts'
import { createGuessThrottle, type GuessThrottle } from './guess-throttle.ts'
import { createPasswordHashing, type PasswordHashing } from './password/password-hashing.ts'
import type { SettingsInForce } from './settings/settings-in-force.ts'
import type { SigningKeys } from './signing/signing-keys.ts'

/** What becomes of the credentials of somebody who may not hold any more. */
export interface LeasesOfPeople {
  /** Has all of them end, in the transaction that takes the right away. Answers how many. */
  endAllOf(tx: Transaction, wish: { readonly principalId: string; readonly reason: string }): Promise<number>
  /** Called after that transaction: the ends are not to wait. */
  hurry(): void
}

/** What the application gives. */
export interface IdentityDeps {
  readonly db: Store
  readonly change: Change
  readonly clock: Clock
  readonly random: Random
  readonly sealer: Sealer
  readonly keys: SigningKeys
  readonly config: IdentityConfig
  readonly authenticator: AccessTokenAuthenticator
  readonly leases: LeasesOfPeople
  readonly settings: SettingsInForce
  readonly alerts: Alerts
  /** Addresses that the settings exempt from limits per address; absent: none. */
  readonly isExemptAddress?: ((address: string) => boolean) | undefined
  /** Called once an administrator's one-time password is no more. */
  readonly onOneTimePasswordChanged?: (userId: string) => void
}

/** What the handlers share within one process: one hashing queue, one throttle. */
export interface HandlerDeps extends IdentityDeps {
  readonly passwords: PasswordHashing
  readonly throttle: GuessThrottle
  readonly failures: AuthFailures
}

export function shareDeps(deps: IdentityDeps): HandlerDeps {
  const { db, clock, random, config } = deps
  return {
    ...deps,
    passwords: createPasswordHashing(random, config.password),
    throttle: createGuessThrottle({
      db,
      clock,
      limit: config.mfa.rateLimit,
      windowSeconds: config.mfa.rateLimitWindowSeconds,
      isExemptAddress: deps.isExemptAddress,
    }),
    failures: createAuthFailures(deps),
  }
}
