import type { Wire } from '@gatehouse/contract'

/** How the house stands, in the gallery. */
export const systemStatus: Wire<'system.status'> = {
  health: 'degraded',
  leasesActive: 3,
  leasesOverdue: 1,
  auditPending: 1,
  temporalWebUrl: 'http://localhost:8423',
  untrustedForwarding: [],
  parts: [
    { name: 'PostgreSQL', health: 'ok', message: '0.4 ms' },
    { name: 'Temporal', health: 'ok', message: 'worker seen 2 s ago' },
    { name: 'audit sequencer', health: 'ok', message: '1 pending' },
    { name: 'policy', health: 'degraded', message: 'the latest policy set was rejected' },
  ],
}
