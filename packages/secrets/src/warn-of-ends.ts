import { systemId } from '@gatehouse/contract'
import type { Transaction } from '@gatehouse/database'
import type { Handler } from '@gatehouse/enforcement'
import type { LeasesDeps } from './lease-deps.ts'
import { claimEndsToTell } from './lease-end-notice.queries.ts'
import { secondsAfter } from './lease-terms.ts'
import { readLeases, type LeaseRow } from './lease.queries.ts'

/** Who knows how long before its end a lease is told of, as the settings say. */
export interface ExpirySettings {
  within(tx: Transaction): Promise<{ readonly leaseExpiryAlertMinutes: number }>
}

/** What telling of ends needs. */
export type WarnDeps = Pick<LeasesDeps, 'db' | 'change' | 'clock'> & { readonly settingsInForce: ExpirySettings }

/** What lives shorter than so many times that long is told of too soon to be news. */
const livesTimes = 2
/** So many ends are told of one by one within an hour: a channel that says more than that is not read. */
export const aloneInHourMax = 20
const hourSeconds = 3600
/** So many at once: a hundred thousand are told of within minutes, and no transaction takes seconds. */
const endsMax = 25_000

/**
 * Tells of leases that end soon: of each once, by an alert of its own while they are few, else of all by one. What it
 * does are those entries; a minute in which nothing ends leaves none.
 */
export const warnOfEnds =
  ({ db, change, clock, settingsInForce }: WarnDeps): Handler<'lease.warn'> =>
  () =>
    db.transaction().execute(async (tx) => {
      const { leaseExpiryAlertMinutes: withinMinutes } = await settingsInForce.within(tx)
      const now = clock.now()
      const { ending, alone } = await claimEndsToTell(tx, {
        now,
        before: secondsAfter(now, withinMinutes * 60),
        lifeSecondsMin: livesTimes * withinMinutes * 60,
        limit: endsMax,
        aloneMax: aloneInHourMax,
        since: secondsAfter(now, -hourSeconds),
      })
      const leases = ending - alone.length
      await change.events(tx, [
        ...(await readLeases(tx, alone)).map(endsSoon),
        ...(leases > 0 ? [manyEnd({ leases, withinMinutes })] : []),
      ])
      return { ending, told: alone.length }
    })

const endsSoon = ({ id, role, backend, ...lease }: LeaseRow) =>
  ({
    name: 'lease.endsSoon',
    resource: { type: 'Lease', id },
    workspace: lease.workspace_id,
    detail: {
      role,
      backend,
      expiresAt: lease.expires_at.toISOString(),
      renewableUntil: lease.renewable_until?.toISOString() ?? null,
    },
  }) as const

const manyEnd = (detail: { readonly leases: number; readonly withinMinutes: number }) =>
  ({ name: 'lease.manyEndSoon', resource: { type: 'System', id: systemId }, detail }) as const
