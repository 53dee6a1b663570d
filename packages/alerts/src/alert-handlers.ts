import { alertSeverities, decodeUuidCursor, pageOf, Refusal } from '@gatehouse/contract'
import { callingUser } from '@gatehouse/identity'
import type { Handler, HandlersOf } from '@gatehouse/enforcement'
import { isUuid } from '@gatehouse/kit'
import { createAlertFeed, watchAlerts } from './alert-feed.ts'
import { acknowledge, selectAlert, selectAlerts } from './alert-reads.queries.ts'
import { alertDeliver, type SweepDeps } from './alert-sweep.ts'
import { presentAlerts } from './present-alert.ts'
import { isAtLeast } from './transitions.ts'

/** What handlers of alerts need. */
export type AlertHandlerDeps = SweepDeps & { readonly onError: (error: unknown) => void }

/** Alerts: what was found, and who looks after it. */
export function alertHandlers(deps: AlertHandlerDeps): HandlersOf<'alert'> {
  const feed = createAlertFeed(deps)
  return {
    'alert.list': list(deps),
    'alert.get': get(deps),
    'alert.acknowledge': acknowledgeAlert(deps),
    'alert.stream': (permit) => watchAlerts(deps.db, feed, permit),
    'alert.deliver': alertDeliver(deps),
  }
}

const list =
  ({ db }: AlertHandlerDeps): Handler<'alert.list'> =>
  async ({ input: { first, after, state, kind, severity } }) => {
    const place = after === undefined ? null : decodeUuidCursor(after)
    const severities = alertSeverities.filter((one) => severity === undefined || isAtLeast(one, severity))
    const filters = { state: state ?? null, kind: kind ?? null, severities }
    const rows = await selectAlerts(db, filters, { after: place, limit: first + 1 })
    return pageOf(await presentAlerts(db, rows), first, (alert) => [alert.at, alert.id])
  }

const get =
  ({ db }: AlertHandlerDeps): Handler<'alert.get'> =>
  async ({ input: { id } }) => {
    const row = isUuid(id) ? await selectAlert(db, id) : null
    const [alert] = row === null ? [] : await presentAlerts(db, [row])
    if (alert === undefined) throw new Refusal('not-found')
    return alert
  }

const acknowledgeAlert =
  (deps: AlertHandlerDeps): Handler<'alert.acknowledge'> =>
  async (permit) => {
    const { id, note } = permit.input
    if (!isUuid(id)) throw new Refusal('not-found')
    const by = callingUser(permit).id
    const row = await deps.change(
      permit,
      async (tx) => {
        const done = await acknowledge(tx, { id, by, note: note ?? null, now: deps.clock.now() })
        const alert = await selectAlert(tx, id)
        if (alert === null) throw new Refusal('not-found')
        if (!done) throw new Refusal('conflict', { hint: 'somebody has acknowledged it already; see alert list' })
        return alert
      },
      ({ kind, count }) => ({ detail: { kind, count } }),
    )
    const [alert] = await presentAlerts(deps.db, [row])
    if (alert === undefined) throw new Refusal('not-found')
    return alert
  }
