import { z } from 'zod'
import { systemId } from '../entities.ts'
import { operation } from '../operation.ts'
import { BackendName } from '../lease-outputs.ts'
import { Id } from '../scalars.ts'

const byWorker = { principals: ['Service'], resource: 'System', id: () => systemId } as const
const common = {
  kind: 'mutation',
  authorize: byWorker,
  assurance: 'none',
  groups: ['writeActions'],
  audit: { omit: [] },
  refusals: [],
  internal: true,
} as const

/** What the worker does by itself: declared, decided and audited like all else, and shown by no transport. */
export const internalOperations = [
  operation({
    ...common,
    name: 'lease.expire',
    summary: 'Revoke the leases of one backend that are due, or one lease whose first revocation failed.',
    input: z.object({ backend: BackendName, lease: Id.optional() }),
    output: z
      .object({ ended: z.int(), failed: z.array(z.string()), nextDueInSeconds: z.number().nullable() })
      .meta({ id: 'LeaseSweep' }),
  }),
  operation({
    ...common,
    name: 'lease.prove',
    summary: 'Ask about the credentials of revoked leases whether they are dead, and keep the refusals.',
    input: z.object({}),
    output: z
      .object({ asked: z.int(), proved: z.int(), nextDueInSeconds: z.number().nullable() })
      .meta({ id: 'LeasesProved' }),
  }),
  operation({
    ...common,
    name: 'lease.warn',
    summary: 'Tell of leases that end soon: of each once, and of many by one alert.',
    input: z.object({}),
    output: z.object({ ending: z.int(), told: z.int() }).meta({ id: 'LeasesWarned' }),
    audit: { omit: [], onlyChanges: true },
  }),
  operation({
    ...common,
    name: 'sshKey.sweep',
    summary: 'Remove keys whose end has come from the hosts that still carry them.',
    input: z.object({}),
    output: z.object({ hosts: z.int(), failed: z.array(z.string()), left: z.int() }).meta({ id: 'SshSweep' }),
  }),
  operation({
    ...common,
    name: 'sshHost.reconcile',
    summary: 'Compare each host with its leases, in both directions, and mend.',
    input: z.object({ host: Id.optional() }),
    output: z
      .object({ hosts: z.int(), removed: z.int(), restored: z.int(), failed: z.array(z.string()), left: z.int() })
      .meta({ id: 'SshReconciliation' }),
  }),
  operation({
    ...common,
    name: 'sshCa.advance',
    summary:
      'Sign by the next user CA once all hosts trust it, and end the one before once its certificates have ended.',
    input: z.object({}),
    output: z.object({ step: z.enum(['switch', 'finish']).nullable() }).meta({ id: 'SshCaAdvance' }),
    audit: { omit: [], onlyChanges: true },
  }),
  operation({
    ...common,
    name: 'secretBackend.reconcile',
    summary: 'Compare what lies in each backend with its leases, in both directions, and mend.',
    input: z.object({}),
    output: z
      .object({ backends: z.int(), removed: z.int(), gone: z.int(), failed: z.array(z.string()) })
      .meta({ id: 'SecretReconciliation' }),
  }),
  operation({
    ...common,
    name: 'alert.deliver',
    summary: 'Deliver what waits for alert channels and is due, and look for alerts that no channel took.',
    input: z.object({}),
    output: z
      .object({ delivered: z.int(), failed: z.int(), nextDueInSeconds: z.number().nullable() })
      .meta({ id: 'AlertsDelivered' }),
  }),
  operation({
    ...common,
    name: 'incident.tick',
    summary: 'Tell people of the clocks of incidents that have run out.',
    /** Of one incident alone; absent: of all. */
    input: z.object({ incident: Id.optional() }),
    output: z.object({ fired: z.int(), nextDueInSeconds: z.number().nullable() }).meta({ id: 'IncidentClocksFired' }),
  }),
  operation({
    ...common,
    name: 'kmsKey.destroyDue',
    summary: 'Destroy the material of keys whose waiting period is over.',
    input: z.object({}),
    output: z.object({ destroyed: z.int() }).meta({ id: 'KmsKeysDestroyed' }),
  }),
  operation({
    ...common,
    name: 'kmsKey.rotateDue',
    summary: 'Rotate keys whose period is over, and close versions that nothing has needed for a week.',
    /** Of one key alone; absent: of all. */
    input: z.object({ key: Id.optional() }),
    output: z.object({ rotated: z.int(), closed: z.int(), failed: z.array(z.string()) }).meta({ id: 'KmsKeysRotated' }),
  }),
  operation({
    ...common,
    name: 'audit.prune',
    summary: 'Remove audit log entries whose time is over and that nothing holds; their leaves stay.',
    input: z.object({}),
    output: z.object({ removed: z.int(), complete: z.boolean() }).meta({ id: 'AuditPruned' }),
  }),
] as const
