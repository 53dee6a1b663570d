import type { Change } from '@gatehouse/audit'
import type { Store, Transaction } from '@gatehouse/database'
import type { Alerts, Clock, Random, Sealer } from '@gatehouse/enforcement'
import type { IdentityAlert } from './alerts.ts'
import type { IdentityConfig } from './config.ts'
import type { AuthFailures, AccessTokenAuthenticator, GuessThrottle, PasswordHashing, SigningKeys } from './ports.ts'
import type { SettingsInForce } from './settings.ts'

/** What becomes of the credentials of somebody who may not hold any more. */
export interface LeasesOfPeople {
  /** Has all of them end, in the transaction that takes the right away. Answers how many. */
  endAllOf(tx: Transaction, wish: { readonly principalId: string; readonly reason: string }): Promise<number>
  /** Called after that transaction: the ends are not to wait. */
  hurry(): void
}

/** What stands in workspaces, of which other domains know. */
export interface WorkspaceContents {
  /** What lives in one at this moment. */
  of(
    tx: Transaction,
    workspaceId: string,
  ): Promise<Readonly<Record<'credentials' | 'hosts' | 'keys' | 'roles', number>>>
}

/** What others keep that can be locked, by what people call it. Null: there is none. */
export interface Lockables {
  host(db: Store, reference: string): Promise<{ readonly id: string; readonly name: string } | null>
  /** A role as leases show it: of a secret backend, or an account of a host. */
  role(db: Store, reference: string): Promise<{ readonly role: string; readonly hostId: string | null } | null>
  /** What was asked for in an emergency, by its own id or its session's. */
  emergency(
    db: Store,
    id: string,
  ): Promise<{ readonly id: string; readonly name: string; readonly ownerId: string } | null>
}

/** Knows what the policies in force leave. */
export interface Administrators {
  /** Whether anybody who can call may publish policies by them, for who calls from an address. */
  left(db: Store, address: string): Promise<boolean>
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
  readonly contents: WorkspaceContents
  readonly lockables: Lockables
  readonly administrators: Administrators
  readonly settings: SettingsInForce
  readonly alerts: Alerts<IdentityAlert>
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
