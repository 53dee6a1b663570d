import type { Store } from '@gatehouse/database'
import type { Clock, Directory, TemporalWeb } from '@gatehouse/enforcement'
import type { LivingEmergencies } from './lease-deps.ts'
import type { Leases } from './leases.ts'
import type { Backends } from './secret-backend.ts'

/** Knows hosts by what people call them; null: there is none. */
export interface HostsByReference {
  findHostId(db: Store, reference: string): Promise<string | null>
}

/** What the operations on leases need. */
export interface LeaseHandlersDeps {
  readonly db: Store
  readonly clock: Clock
  readonly directory: Pick<Directory<Store>, 'findWorkspaceId'>
  readonly leases: Leases
  readonly backends: Backends
  readonly hosts: HostsByReference
  readonly emergencies: Pick<LivingEmergencies, 'sessionOf'>
  readonly web: TemporalWeb
  readonly onError: (error: unknown) => void
}
