import type { Change } from '@gatehouse/audit'
import { forgetNames, type Listen, type Schema, type Store, type Transaction } from '@gatehouse/database'
import type { Clock, Domain, DomainStatus, Eraser, GaugeReading, Random, Sealer } from '@gatehouse/enforcement'
import type { Mailer } from '@gatehouse/identity'
import type { Outbound } from '@gatehouse/kit/outbound'
import { alertSeverities } from '@gatehouse/contract'
import { alertHandlers } from './alert-handlers.ts'
import { forgetAcknowledger } from './alert-reads.queries.ts'
import { alertSweep } from './alert-sweep.ts'
import { channelHandlers } from './channel-handlers.ts'
import { readAlertCounts } from './delivery.queries.ts'
import type { RaiseAlert } from './raised-alert.ts'
import { startAlertDelivery } from './start-alert-delivery.ts'

/** What alerts are opened with. */
export interface AlertsNeeds {
  readonly db: Store
  readonly clock: Clock
  readonly random: Random
  readonly sealer: Sealer
  readonly change: Change
  readonly outbound: Outbound
  readonly listen: Listen
  readonly raiseAlert: RaiseAlert
  /** Null: the settings name no mail server. */
  readonly mailer: Mailer | null
  readonly publicUrl: string
  readonly onError: (part: string, error: unknown) => void
}

/** Alerts and their channels, as one value. */
export const alertsDomain = {
  slices: {},
  parents: [],
  schedules: [],
  tables: {
    alert: { rows: 'owner', personal: ['about_id', 'facts', 'acknowledged_by', 'acknowledgement'] },
    alert_channel: { rows: 'owner', personal: ['shown', 'created_by'] },
    alert_delivery: { rows: 'parent', personal: [] },
    alert_window: { rows: 'kept', personal: [] },
  },
  alerts: ['alert-undelivered', 'break-glass-undelivered'],
  open: (needs) => {
    const deps = { ...needs, onError: (error: unknown) => needs.onError('alerts', error) }
    return Promise.resolve({
      backends: {},
      handlers: () => ({ ...alertHandlers(deps), ...channelHandlers(deps) }),
      sweeps: () => [alertSweep(deps)],
      eraser: () => alertEraser,
      status: () => statusOf(needs.db),
      figures: () => Promise.resolve({}),
      gauges: () => gaugesOf(needs.db),
      startDelivery: () => startAlertDelivery(deps),
    })
  },
} as const satisfies Domain<Store, Schema, AlertsNeeds>

/** Leaves of an alert what was found when, and nothing that says who it named or who acknowledged it. */
const alertEraser = {
  erase: async (tx: Transaction, { id }) => {
    await forgetAcknowledger(tx, id)
    return []
  },
  forgetNames: (tx: Transaction, names) =>
    forgetNames(tx, names, { alert: ['facts', 'acknowledgement'], alert_channel: ['shown'] }),
} satisfies Eraser

async function statusOf(db: Store): Promise<DomainStatus> {
  const { open, undelivered, channels, failing, dead } = await readAlertCounts(db)
  const total = Object.values(open).reduce((sum, count) => sum + count, 0)
  const faults = [
    ...(undelivered > 0 ? [`${undelivered} that no channel took`] : []),
    ...(failing > 0 ? [`${failing} of ${channels} ${channels === 1 ? 'channel' : 'channels'} failing`] : []),
    ...(dead > 0 ? [`${dead} ${dead === 1 ? 'message' : 'messages'} given up`] : []),
  ]
  const where =
    channels === 0 ? 'no channel: they are seen only here' : `${channels} ${channels === 1 ? 'channel' : 'channels'}`
  return {
    parts: [
      {
        name: 'alerts',
        health: undelivered + failing > 0 ? 'degraded' : 'ok',
        message: [`${total} open`, ...(faults.length > 0 ? faults : [where])].join(', '),
      },
    ],
    facts: {},
  }
}

async function gaugesOf(db: Store): Promise<GaugeReading[]> {
  const { open, undelivered, failing, waiting, dead } = await readAlertCounts(db)
  const single = (name: string, value: number): GaugeReading => ({ name, rows: [{ labels: [], value }] })
  return [
    {
      name: 'gatehouse_alerts_open',
      rows: alertSeverities.map((severity) => ({ labels: [severity], value: open[severity] ?? 0 })),
    },
    single('gatehouse_alerts_undelivered', undelivered),
    single('gatehouse_alert_channels_failing', failing),
    single('gatehouse_alert_messages_waiting', waiting),
    single('gatehouse_alert_messages_dead', dead),
  ]
}
