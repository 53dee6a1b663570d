import type { Store, Transaction } from '@gatehouse/database'
import { sql } from 'kysely'

export interface CalendarRow {
  readonly workspace_id: string
  /** Its own, or its environment's. */
  readonly time_zone: string
  readonly own_time_zone: string | null
  /** Null: nobody has set any. */
  readonly business_hours: string[] | null
  readonly holidays: string[] | null
  readonly networks: string[]
  readonly updated_at: Date | null
  readonly updated_by: string | null
}

export async function selectCalendar(db: Store, workspaceId: string): Promise<CalendarRow | null> {
  const { rows } = await sql<CalendarRow>`
    select w.id as workspace_id, coalesce(c.time_zone, e.time_zone) as time_zone, c.time_zone as own_time_zone,
      c.business_hours, c.holidays, e.networks, c.updated_at, u.username as updated_by
    from workspace w join environment e on e.id = w.environment
      left join workspace_calendar c on c.workspace_id = w.id left join users u on u.id = c.updated_by
    where w.id = ${workspaceId}`.execute(db)
  return rows[0] ?? null
}

export interface ShiftRow {
  readonly user_id: string
  readonly username: string
  readonly starts_at: Date
  readonly ends_at: Date
}

/** Who can be called in a workspace, the earliest shift first. */
export async function selectShifts(db: Store, workspaceId: string): Promise<ShiftRow[]> {
  return db
    .selectFrom('on_call_shift as s')
    .innerJoin('users as u', 'u.id', 's.user_id')
    .select(['s.user_id', 'u.username', 's.starts_at', 's.ends_at'])
    .where('s.workspace_id', '=', workspaceId)
    .orderBy('s.starts_at')
    .orderBy('u.username')
    .execute()
}

/** One at a time for each workspace: of two changes at once the later one builds on the earlier. */
export async function holdCalendar(tx: Transaction, workspaceId: string): Promise<void> {
  // a row that is not there yet cannot be held
  await sql`select pg_advisory_xact_lock(hashtextextended('gatehouse-calendar ' || ${workspaceId}, 0))`.execute(tx)
}

export interface NewCalendar {
  readonly workspaceId: string
  readonly timeZone: string | null
  readonly businessHours: readonly string[]
  readonly holidays: readonly string[]
  readonly now: Date
  readonly userId: string
}

export async function upsertCalendar(tx: Transaction, calendar: NewCalendar): Promise<void> {
  const values = {
    time_zone: calendar.timeZone,
    business_hours: [...calendar.businessHours],
    holidays: [...calendar.holidays],
    updated_at: calendar.now,
    updated_by: calendar.userId,
  }
  await tx
    .insertInto('workspace_calendar')
    .values({ workspace_id: calendar.workspaceId, ...values })
    .onConflict((on) => on.column('workspace_id').doUpdateSet(values))
    .execute()
}

/** From now on exactly these shifts are worked. */
export async function replaceShifts(
  tx: Transaction,
  workspaceId: string,
  shifts: readonly { readonly id: string; readonly userId: string; readonly from: Date; readonly to: Date }[],
): Promise<void> {
  await tx.deleteFrom('on_call_shift').where('workspace_id', '=', workspaceId).execute()
  if (shifts.length === 0) return
  await tx
    .insertInto('on_call_shift')
    .values(
      shifts.map(({ id, userId, from, to }) => ({
        id,
        workspace_id: workspaceId,
        user_id: userId,
        starts_at: from,
        ends_at: to,
      })),
    )
    .execute()
}
