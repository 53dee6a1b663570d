import type { Schema, Store } from '@gatehouse/database'
import type { Clock, Directory, Domain, DomainStatus, GaugeReading, TemporalWeb } from '@gatehouse/enforcement'
import { leaseAlerts } from './lease-deps.ts'
import { leaseEraser } from './lease-eraser.ts'
import { leaseHandlers, type HostsByReference } from './lease-handlers.ts'
import { loadLeaseSlice } from './lease-slice.ts'
import { leaseSweeps } from './lease-sweeps.ts'
import { countActiveLeases, readLeaseCounts } from './lease.queries.ts'
import type { Leases } from './leases.ts'
import type { Backends } from './secret-backend.ts'

/** What leases are opened with. */
export interface SecretsNeeds {
  readonly db: Store
  readonly clock: Clock
  readonly directory: Directory<Store>
  readonly temporalWeb: TemporalWeb
  readonly onError: (part: string, error: unknown) => void
}

/** The engine over all backends, which stands once all domains have brought theirs. */
export interface SecretsPorts {
  readonly leases: Leases
  readonly backends: Backends
  readonly hosts: HostsByReference
}

/** Leases, as one value. */
export const secretsDomain = {
  slices: { Lease: loadLeaseSlice },
  parents: [],
  schedules: [],
  tables: { lease: { rows: 'kept', personal: ['principal_id', 'principal_name', 'purpose', 'reason'] } },
  alerts: leaseAlerts,
  open: ({ db, clock, directory, temporalWeb: web, onError }) =>
    Promise.resolve({
      backends: {},
      handlers: ({ leases, hosts }: SecretsPorts) =>
        leaseHandlers({ db, clock, directory, leases, hosts, web, onError: (error) => onError('lease watch', error) }),
      sweeps: ({ leases, backends }: SecretsPorts) => leaseSweeps(leases, backends),
      eraser: ({ leases }: Pick<SecretsPorts, 'leases'>) => leaseEraser(leases),
      status: (now: Date) => statusOf(db, now),
      figures: () => Promise.resolve({}),
      gauges: (now: Date) => gaugesOf(db, now),
    }),
} as const satisfies Domain<Store, Schema, SecretsNeeds, SecretsPorts>

async function statusOf(db: Store, now: Date) {
  const { active, overdue, irrevocable } = await readLeaseCounts(db, now)
  const part =
    irrevocable + overdue === 0
      ? ({ name: 'leases', health: 'ok', message: `${active} active` } as const)
      : ({
          name: 'leases',
          health: 'degraded',
          message: `${overdue} lease${overdue === 1 ? '' : 's'} overdue, ${irrevocable} irrevocable`,
        } as const)
  return { parts: [part], facts: { leasesActive: active, leasesOverdue: overdue } } satisfies DomainStatus
}

async function gaugesOf(db: Store, now: Date): Promise<GaugeReading[]> {
  const [active, { overdue }] = [await countActiveLeases(db), await readLeaseCounts(db, now)]
  const keys = active.find(({ backend }) => backend === 'ssh-key')?.active ?? 0
  return [
    {
      name: 'gatehouse_leases_active',
      rows: active.map(({ backend, active: value }) => ({ labels: [backend], value })),
    },
    { name: 'gatehouse_leases_overdue', rows: [{ labels: [], value: overdue }] },
    { name: 'gatehouse_ssh_keys_active', rows: [{ labels: [], value: keys }] },
  ]
}
