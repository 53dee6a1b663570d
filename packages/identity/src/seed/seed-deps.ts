import type { Change } from '@gatehouse/audit'
import type { Store } from '@gatehouse/database'
import type { Clock, Random, Sealer } from '@gatehouse/enforcement'
import type { PasswordCost } from '../proof/password/password-hashing.ts'

/** What it takes to make the first people of a Gatehouse, on the server's own machine. */
export interface SeedDeps {
  readonly db: Store
  readonly sealer: Sealer
  readonly clock: Clock
  readonly random: Random
  readonly change: Pick<Change, 'event'>
  /** What a hash costs in this Gatehouse: of another cost it would be made anew at the first log-in. */
  readonly passwordCost: PasswordCost
}

/** Where a kept password is sealed. */
export const seedPasswordPlace = (userId: string) => ({ table: 'seed_secret', column: 'password', id: userId })

/** Where a kept TOTP secret is sealed. */
export const seedTotpPlace = (userId: string) => ({ table: 'seed_secret', column: 'totp_secret', id: userId })
