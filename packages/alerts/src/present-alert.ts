import { alertKinds, type AlertKind, type AlertKindData, type Output } from '@gatehouse/contract'
import type { Store } from '@gatehouse/database'
import { selectUsernames } from '@gatehouse/identity'
import { selectDeliveries, type AlertDelivery } from './alert-reads.queries.ts'
import type { AlertRow } from './alert.queries.ts'
import { readFacts } from './message.ts'

type Presented = Output<'alert.acknowledge'>

/** Alerts as people see them: with names, and with what became of their messages. */
export async function presentAlerts(db: Store, rows: readonly AlertRow[]): Promise<Presented[]> {
  const deliveries = await selectDeliveries(
    db,
    rows.map(({ id }) => id),
  )
  const names = await selectUsernames(db, [
    ...rows.flatMap((row) => (row.about_type === 'User' ? [row.about_id] : [])),
    ...rows.flatMap(({ acknowledged_by: by }) => (by === null ? [] : [by])),
  ])
  return rows.map((row) =>
    presentOne(row, { names, deliveries: deliveries.filter(({ alert_id: of }) => of === row.id) }),
  )
}

interface Known {
  readonly names: ReadonlyMap<string, string>
  readonly deliveries: readonly AlertDelivery[]
}

function presentOne(row: AlertRow, { names, deliveries }: Known): Presented {
  const kind = row.kind as AlertKind // only `raiseAlert` writes kinds, and it takes no other
  const { summary, advice }: AlertKindData = alertKinds[kind]
  return {
    id: row.id,
    kind,
    severity: row.severity,
    title: summary,
    advice,
    state: row.state,
    at: row.first_at,
    lastAt: row.last_at,
    count: row.count,
    about: {
      type: row.about_type,
      id: row.about_id,
      name: row.about_type === 'User' ? (names.get(row.about_id) ?? null) : null,
    },
    facts: [...readFacts(row.facts)],
    acknowledgedAt: row.acknowledged_at,
    acknowledgedBy: row.acknowledged_by === null ? null : (names.get(row.acknowledged_by) ?? null),
    acknowledgement: row.acknowledgement,
    undeliveredAt: row.undelivered_at,
    deliveries: deliveries.map(({ channel, state, attempts, error, at }) => ({ channel, state, attempts, error, at })),
  }
}
