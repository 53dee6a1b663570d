import { alertKinds, type AlertKind, type AlertKindData, type Output } from '@gatehouse/contract'
import type { Store } from '@gatehouse/database'
import { selectUsernames } from '@gatehouse/identity'
import { selectDeliveries, type AlertDelivery } from './alert-reads.queries.ts'
import type { AlertRow } from './alert.queries.ts'
import { isUuid } from '@gatehouse/kit'
import { readFacts } from './message.ts'

type Presented = Output<'alert.acknowledge'>

/** Alerts as people see them: with names, and with what became of their messages. */
export async function presentAlerts(db: Store, rows: readonly AlertRow[]): Promise<Presented[]> {
  const deliveries = await selectDeliveries(
    db,
    rows.map(({ id }) => id),
  )
  const names = await selectUsernames(db, [
    ...rows.flatMap(personOf),
    ...rows.flatMap(({ acknowledged_by: by }) => (by === null ? [] : [by])),
  ])
  return rows.map((row) =>
    presentOne(row, { names, deliveries: deliveries.filter(({ alert_id: of }) => of === row.id) }),
  )
}

/** The person whom an alert is about: itself, or by what of theirs was found, as its facts say. */
function personOf({ about_type: type, about_id: id, facts }: AlertRow): string[] {
  const found = type === 'User' ? id : readFacts(facts).find(({ name }) => name === 'user')?.value
  return found !== undefined && isUuid(found) ? [found] : []
}

/** Facts by which people know what an alert is about, whose id says nothing to them. */
const tellingFacts = ['title', 'requester', 'role', 'sink', 'witness'] as const

function subjectName(row: AlertRow, names: ReadonlyMap<string, string>): string | null {
  const [person] = personOf(row)
  if (person !== undefined) return names.get(person) ?? null
  const facts = readFacts(row.facts)
  return tellingFacts.map((wanted) => facts.find(({ name }) => name === wanted)?.value).find(Boolean) ?? null
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
    about: { type: row.about_type, id: row.about_id, name: subjectName(row, names) },
    facts: readFacts(row.facts).map((fact) =>
      fact.name === 'user' ? { ...fact, value: names.get(fact.value) ?? fact.value } : fact,
    ),
    acknowledgedAt: row.acknowledged_at,
    acknowledgedBy: row.acknowledged_by === null ? null : (names.get(row.acknowledged_by) ?? null),
    acknowledgement: row.acknowledgement,
    undeliveredAt: row.undelivered_at,
    deliveries: deliveries.map(({ channel, state, attempts, error, at }) => ({ channel, state, attempts, error, at })),
  }
}
