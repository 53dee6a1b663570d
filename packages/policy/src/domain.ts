import type { Change, SubjectKeys } from '@gatehouse/audit'
import type { Schema, Store } from '@gatehouse/database'
import type {
  Approvals,
  AuditTrail,
  Clock,
  Directory,
  Domain,
  DomainStatus,
  GaugeReading,
  LoadWorkspaces,
  Random,
  Slices,
  Subjects,
} from '@gatehouse/enforcement'
import { accessHandlers } from './access/access-handlers.ts'
import { decisionHandlers } from './decision-handlers.ts'
import { policyAlerts } from './policy-alerts.ts'
import type { PolicyEngine } from './policy-engine.ts'
import { policyEraser } from './policy-eraser.ts'
import { policyHandlers } from './policy-handlers.ts'

/** What policies are opened with. The engine is there before: whatever changes something is decided by it. */
export interface PolicyNeeds {
  readonly db: Store
  /** Where a whole audit log may be read. */
  readonly records: Store
  readonly change: Change
  readonly clock: Clock
  readonly random: Random
  readonly policy: PolicyEngine
  readonly workspaces: LoadWorkspaces<Store>
  readonly directory: Directory<Store>
  readonly subjectKeys: SubjectKeys
  readonly slices: Slices<Store>
  readonly trail: Pick<AuditTrail, 'record'>
  readonly settings: { readonly identity: { readonly mfa: { readonly stepUpMaxAgeSeconds: number } } }
}

/** What policies ask of others, once all domains are open. */
export interface PolicyPorts {
  readonly subjects: Subjects
  readonly approvals: Approvals
}

/** Policies, as one value. */
export const policyDomain = {
  slices: {},
  parents: [],
  schedules: [],
  tables: {
    policy_node: { rows: 'owner', personal: [] },
    policy_set: { rows: 'kept', personal: [] },
    policy_change: { rows: 'owner', personal: ['changed_by', 'reason'] },
    policy_pin: { rows: 'owner', personal: [] },
    policy_shadow: { rows: 'owner', personal: ['set_by', 'reason'] },
    policy_shadow_node: { rows: 'parent', personal: [] },
    policy_shadow_flip: { rows: 'parent', personal: ['principal_id'] },
  },
  alerts: policyAlerts,
  open: ({ policy: engine, workspaces, settings, ...needs }) =>
    Promise.resolve({
      backends: {},
      handlers: (ports: PolicyPorts) => ({
        ...policyHandlers({
          ...needs,
          ...ports,
          engine,
          stepUpMaxAgeSeconds: settings.identity.mfa.stepUpMaxAgeSeconds,
        }),
        ...decisionHandlers(needs),
        ...accessHandlers({ ...needs, engine, workspaces }),
      }),
      sweeps: () => [],
      eraser: () => policyEraser,
      status: () => Promise.resolve(statusOf(engine)),
      figures: () => Promise.resolve({}),
      gauges: () => Promise.resolve([shadowReading(engine)]),
    }),
} as const satisfies Domain<Store, Schema, PolicyNeeds, PolicyPorts>

function shadowReading({ shadow }: PolicyEngine): GaugeReading {
  const { decided, dropped, errored, newlyAllowed, newlyDenied } = shadow.total()
  const rows = Object.entries({ decided, dropped, errored, 'newly-allowed': newlyAllowed, 'newly-denied': newlyDenied })
  return {
    name: 'gatehouse_policy_shadow_decisions_total',
    rows: rows.map(([result, value]) => ({ labels: [result], value })),
  }
}

function statusOf(engine: PolicyEngine) {
  const { lastError } = engine.status()
  const part =
    lastError === null
      ? ({ name: 'policy', health: 'ok', message: 'the newest set is in force' } as const)
      : ({
          name: 'policy',
          health: 'degraded',
          message: `a newer set was refused, the old one stays: ${lastError}`,
        } as const)
  return { parts: [part], facts: {} } satisfies DomainStatus
}
