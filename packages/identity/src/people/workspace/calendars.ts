import { invalidField, Refusal, type Input, type Output } from '@gatehouse/contract'
import type { Store, Transaction } from '@gatehouse/database'
import { commonHoursText, placeFacts, readHours, type Handler, type Place } from '@gatehouse/enforcement'
import { localTimeIn } from '@gatehouse/kit'
import {
  holdCalendar,
  replaceShifts,
  selectCalendar,
  selectShifts,
  upsertCalendar,
  type CalendarRow,
  type ShiftRow,
} from '../../directory/calendar.queries.ts'
import { selectUserId } from '../../directory/user.queries.ts'
import type { HandlerDeps } from '../../shared/deps.ts'
import { callingUser, resourceId } from '../../shared/identifiers.ts'

/** When people work in a workspace, and how it stands now. */
export const calendarGet =
  ({ db, clock }: HandlerDeps): Handler<'calendar.get'> =>
  (permit) =>
    readCalendar(db, { workspaceId: resourceId(permit), now: clock.now() })

/** Sets what is named; the rest stays. It counts from the next decision on. */
export const calendarSet =
  (deps: HandlerDeps): Handler<'calendar.set'> =>
  (permit) => {
    const { timeZone, businessHours, holidays, onCall } = permit.input
    if ([timeZone, businessHours, holidays, onCall].every((value) => value === undefined))
      throw invalidField('businessHours', 'a time zone, hours, holidays or shifts: there is nothing to set')
    const workspaceId = resourceId(permit)
    const userId = callingUser(permit).id
    return deps.change(permit, async (tx) => {
      const now = deps.clock.now()
      await holdCalendar(tx, workspaceId)
      const row = await requireCalendar(tx, workspaceId)
      await upsertCalendar(tx, {
        workspaceId,
        timeZone: timeZone === undefined ? row.own_time_zone : timeZone || null,
        businessHours: businessHours ?? row.business_hours ?? commonHoursText,
        holidays: holidays === undefined ? (row.holidays ?? []) : [...new Set(holidays)].sort(),
        now,
        userId,
      })
      if (onCall !== undefined) await replaceShifts(tx, workspaceId, await shiftsOf(tx, deps, onCall))
      return readCalendar(tx, { workspaceId, now })
    })
  }

type GivenShift = NonNullable<Input<'calendar.set'>['onCall']>[number]

/** The shifts of people who exist. Refuses the field where one does not, or where a shift ends before it begins. */
async function shiftsOf(tx: Transaction, { random }: HandlerDeps, given: readonly GivenShift[]) {
  const ids = new Map<string, string>()
  for (const user of new Set(given.map((shift) => shift.user))) {
    const id = await selectUserId(tx, user)
    if (id === null) throw invalidField('onCall', `people who exist; there is no \`${user}\``)
    ids.set(user, id)
  }
  return given.map(({ user, from, to }) => {
    if (from >= to) throw invalidField('onCall', `shifts that end after they begin; one of \`${user}\` does not`)
    return { id: random.id(), userId: ids.get(user) ?? '', from, to }
  })
}

async function requireCalendar(db: Store, workspaceId: string): Promise<CalendarRow> {
  const row = await selectCalendar(db, workspaceId)
  if (row === null) throw new Refusal('not-found')
  return row
}

async function readCalendar(
  db: Store,
  { workspaceId, now }: { workspaceId: string; now: Date },
): Promise<Output<'calendar.get'>> {
  return describeCalendar(await requireCalendar(db, workspaceId), await selectShifts(db, workspaceId), now)
}

/** A calendar as it leaves, with what policies see of it at this moment. */
function describeCalendar(row: CalendarRow, shifts: readonly ShiftRow[], now: Date): Output<'calendar.get'> {
  const hours = row.business_hours ?? commonHoursText
  const place: Place = {
    timeZone: row.time_zone,
    businessHours: readHours(hours),
    holidays: row.holidays ?? [],
    onCall: [],
    networks: row.networks,
  }
  const { businessHours, weekend, holiday, localDay } = placeFacts(place, { now, address: '', principalId: '' })
  const { date, hour, minute } = localTimeIn(row.time_zone, now)
  const localTime = `${date} ${String(hour).padStart(2, '0')}:${String(minute).padStart(2, '0')}`
  const called = shifts.filter(({ starts_at, ends_at }) => starts_at <= now && now < ends_at)
  return {
    workspace: row.workspace_id,
    timeZone: row.time_zone,
    ownTimeZone: row.own_time_zone !== null,
    businessHours: [...hours],
    holidays: row.holidays ?? [],
    onCall: shifts.map(({ user_id, username, starts_at, ends_at }) => ({
      user: user_id,
      username,
      from: starts_at,
      to: ends_at,
    })),
    now: {
      localTime,
      day: localDay,
      businessHours,
      weekend,
      holiday,
      onCall: [...new Set(called.map(({ username }) => username))],
    },
    updatedAt: row.updated_at,
    updatedBy: row.updated_by,
  }
}
