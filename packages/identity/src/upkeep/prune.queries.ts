import type { Store } from '@gatehouse/database'
import { sql, type RawBuilder } from 'kysely'
import type { PrunedTable } from './identity-tables.ts'
import { noteCleaning } from './revocation.queries.ts'

const dayMilliseconds = 86_400_000

/** What has ended is kept this long, for whoever looks at what happened. */
const keptDays = 30

/** Notices and closed approvals are looked back at for a year; after that the audit log has them. */
const lookedBackDays = 365

/**
 * So many rows of a table go in one slice: a transaction of well under a second, however long nobody pruned. Who waits
 * for one of its locks waits no longer than that.
 */
export const pruneRowsMax = 1000

/** When a row of each table is looked at by no decision any more. Total over what identity says is pruned. */
const endedRows = (now: Date): Readonly<Record<PrunedTable, RawBuilder<boolean>>> => {
  const ago = (days: number): Date => new Date(now.getTime() - days * dayMilliseconds)
  const [day, kept, year] = [ago(1), ago(keptDays), ago(lookedBackDays)]
  return {
    revoked_token: sql`expires_at < ${now}`,
    mfa_challenge: sql`expires_at < ${day}`,
    device_grant: sql`expires_at < ${day}`,
    dpop_proof: sql`expires_at < ${now}`,
    invitation: sql`expires_at < ${day}`,
    notification: sql`created_at < ${year}`,
    // counts for a week
    person_gift: sql`at < ${kept}`,
    approval: sql`created_at < ${year}`,
    webauthn_challenge: sql`expires_at < ${day}`,
    auth_failure: sql`window_start < ${day}`,
    known_device: sql`expires_at < ${now}`,
    // no window is longer than a day, and a day without a guess makes delays short again
    guess_throttle: sql`window_start < ${day}`,
    authenticator: sql`confirmed_at is null and created_at < ${day}`,
    // with their refresh tokens
    session: sql`(expires_at < ${kept} or revoked_at < ${kept})`,
    api_token: sql`(expires_at < ${kept} or revoked_at < ${kept})`,
  }
}

/**
 * Removes a slice of the rows that no decision looks at any more: at most `pruneRowsMax` of each table. Safe from many
 * nodes at once. Answers how many went; fewer than `pruneRowsMax` means that nothing is left.
 */
export async function pruneIdentity(db: Store, now: Date): Promise<number> {
  let removed = 0
  for (const [table, ended] of Object.entries(endedRows(now))) {
    const count = await deleteSlice(db, table, ended)
    if (table === 'revoked_token') await noteCleaning(db, { count, now })
    removed += count
  }
  return removed
}

async function deleteSlice(db: Store, table: string, ended: RawBuilder<boolean>): Promise<number> {
  const rows = sql`select ctid from ${sql.table(table)} where ${ended} limit ${pruneRowsMax}`
  const { numAffectedRows } = await sql`delete from ${sql.table(table)} where ctid = any (array(${rows}))`.execute(db)
  return Number(numAffectedRows ?? 0)
}
