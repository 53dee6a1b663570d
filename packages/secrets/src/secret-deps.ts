import type { Change } from '@gatehouse/audit'
import type { Store } from '@gatehouse/database'
import type { Clock, Directory, Random, Sealer, TemporalWeb } from '@gatehouse/enforcement'
import type { Leases } from './leases.ts'
import type { Provider, ProviderKind } from './secret-provider.ts'

/** Total: a kind without a provider does not compile. */
export type Providers = { readonly [K in ProviderKind]: Provider }

/** What reaching a backend needs. */
export interface ReachDeps {
  readonly db: Store
  readonly sealer: Sealer
  readonly providers: Providers
}

/** What the operations on backends, roles and their credentials need. */
export interface SecretDeps extends ReachDeps {
  readonly change: Change
  readonly clock: Clock
  readonly random: Random
  readonly directory: Pick<Directory<Store>, 'findWorkspaceId'>
  readonly leases: Leases
  readonly web: TemporalWeb
}
