import type { Change, CheckpointKey } from '@gatehouse/audit'
import type { Schema, Store } from '@gatehouse/database'
import type {
  Clock,
  Directory,
  Domain,
  DomainStatus,
  GaugeReading,
  OpenDomain,
  Random,
  Sealer,
  TemporalWeb,
} from '@gatehouse/enforcement'
import type { Outbound } from '@gatehouse/kit/outbound'
import { awsProvider, awsSeconds } from './backends/aws/aws-provider.ts'
import { postgresProvider, postgresSeconds } from './backends/postgres/postgres-provider.ts'
import { upcloudProvider, upcloudSeconds } from './backends/upcloud/upcloud-provider.ts'
import { vaultProvider, vaultSeconds } from './backends/vault/vault-provider.ts'
import { issueLease } from './issue-lease.ts'
import { leaseAlerts, type LivingEmergencies } from './lease-deps.ts'
import { leaseEraser } from './lease-eraser.ts'
import { leaseHandlers } from './lease-handlers.ts'
import type { HostsByReference } from './lease-handlers-deps.ts'
import { loadLeaseSlice } from './lease-slice.ts'
import { leaseSweeps } from './lease-sweeps.ts'
import { oldestUnproved } from './lease-proof.queries.ts'
import { countActiveLeases, readLeaseCounts } from './lease.queries.ts'
import type { Leases } from './leases.ts'
import { shownLease } from './lease-view.ts'
import { ownDatabase } from './own-database.queries.ts'
import { proofSweep, proveDue } from './prove-leases.ts'
import { providerBackend } from './provider-backend.ts'
import { renewLease } from './renew-lease.ts'
import { revokeMany } from './revoke-many.ts'
import { secretSchedules } from './schedules.ts'
import { unwrapLease } from './unwrap-lease.ts'
import { warnOfEnds, type ExpirySettings } from './warn-of-ends.ts'
import type { Backends, RevocableBackend } from './secret-backend.ts'
import { leaseViewHandlers } from './saved-lease-views.ts'
import { secretBackendHandlers } from './secret-backend-handlers.ts'
import type { Providers } from './secret-deps.ts'
import { asProvider, type ProviderKind } from './secret-provider.ts'
import { secretRoleHandlers } from './secret-role-handlers.ts'
import { loadSecretRoleSlice } from './secret-role-slice.ts'

/** What leases are opened with. */
export interface SecretsNeeds {
  readonly db: Store
  readonly clock: Clock
  readonly random: Random
  readonly sealer: Sealer
  readonly change: Change
  readonly outbound: Outbound
  readonly directory: Directory<Store>
  readonly emergencies: LivingEmergencies
  readonly settingsInForce: ExpirySettings
  readonly temporalWeb: TemporalWeb
  readonly checkpointKey: Pick<CheckpointKey, 'signText' | 'publicKey'>
  readonly onError: (part: string, error: unknown) => void
}

/** The engine over all backends, which stands once all domains have brought theirs. */
export interface SecretsPorts {
  readonly leases: Leases
  readonly backends: Backends
  readonly hosts: HostsByReference
}

/** Leases, and the backends that people configure, as one value. */
export const secretsDomain = {
  slices: { Lease: loadLeaseSlice, SecretRole: loadSecretRoleSlice },
  // a hundred leases of a role are issued at once: it is held shared, and changed by the operations of its own noun
  parents: ['SecretRole'],
  schedules: secretSchedules,
  tables: {
    lease: { rows: 'kept', personal: ['principal_id', 'principal_name', 'purpose', 'reason'] },
    lease_proof: { rows: 'kept', personal: [] },
    lease_wrap: { rows: 'kept', personal: [] },
    lease_end_notice: { rows: 'kept', personal: [] },
    lease_view: { rows: 'owner', personal: ['name', 'filters'] },
    secret_backend: { rows: 'kept', personal: [] },
    secret_role: { rows: 'kept', personal: [] },
    secret_credential: { rows: 'kept', personal: [] },
  },
  alerts: leaseAlerts,
  open: (needs) => Promise.resolve(openSecrets(needs, providersOf(needs))),
} as const satisfies Domain<Store, Schema, SecretsNeeds, SecretsPorts, RevocableBackend>

/** All kinds of backends that people configure; a new one is a line here. */
const providersOf = ({ db, clock, outbound, random }: SecretsNeeds): Providers => ({
  postgres: asProvider(postgresProvider({ outbound, random, own: ownDatabase(db), seconds: postgresSeconds })),
  vault: asProvider(vaultProvider({ outbound, clock, seconds: vaultSeconds })),
  aws: asProvider(awsProvider({ outbound, clock, seconds: awsSeconds })),
  upcloud: asProvider(upcloudProvider({ outbound, clock, seconds: upcloudSeconds })),
})

/** Opens the domain over these providers. */
export function openSecrets({ temporalWeb: web, onError, ...needs }: SecretsNeeds, providers: Providers) {
  const { db } = needs
  const backendOf = (kind: ProviderKind): RevocableBackend => providerBackend({ ...needs, providers }, providers[kind])
  return {
    // total: a kind that nobody ends the leases of is no kind
    backends: {
      postgres: backendOf('postgres'),
      vault: backendOf('vault'),
      aws: backendOf('aws'),
      upcloud: backendOf('upcloud'),
    },
    handlers: ({ leases, backends, hosts }: SecretsPorts) => {
      const deps = { ...needs, web, providers, leases }
      return {
        ...leaseHandlers({ ...deps, backends, hosts, onError: (error) => onError('lease watch', error) }),
        ...secretBackendHandlers(deps),
        ...secretRoleHandlers(deps),
        ...leaseViewHandlers(deps),
        'lease.issue': issueLease(deps),
        'lease.prove': proveDue({ ...needs, backends }),
        'lease.renew': renewLease({ ...deps, backends }),
        'lease.warn': warnOfEnds(needs),
        'lease.unwrap': unwrapLease({ ...deps, backends }),
        'lease.revokeMany': revokeMany({ ...deps, hosts, shown: (row) => shownLease({ web, backends }, row) }),
      }
    },
    sweeps: ({ leases, backends }: SecretsPorts) => [...leaseSweeps(leases, backends), proofSweep(needs)],
    eraser: ({ leases }: Pick<SecretsPorts, 'leases'>) => leaseEraser(leases),
    status: (now: Date) => statusOf(db, now),
    figures: () => Promise.resolve({}),
    gauges: (now: Date) => gaugesOf(db, now),
  } satisfies OpenDomain<SecretsPorts, RevocableBackend>
}

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
  const unproved = await oldestUnproved(db)
  const keys = active.find(({ backend }) => backend === 'ssh-key')?.active ?? 0
  return [
    {
      name: 'gatehouse_leases_active',
      rows: active.map(({ backend, active: value }) => ({ labels: [backend], value })),
    },
    {
      name: 'gatehouse_leases_unproved_seconds',
      rows: unproved.map(({ backend, revoked_at: since }) => ({
        labels: [backend],
        value: Math.max(0, (now.getTime() - since.getTime()) / 1000),
      })),
    },
    { name: 'gatehouse_leases_overdue', rows: [{ labels: [], value: overdue }] },
    { name: 'gatehouse_ssh_keys_active', rows: [{ labels: [], value: keys }] },
  ]
}
