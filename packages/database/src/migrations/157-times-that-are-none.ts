import { sql, type Kysely } from 'kysely'
import { placingWithValues } from './151-values-wait-with-their-entry.ts'
import { unread } from './152-nothing-holds-up-the-queue.ts'
import { reads } from './156-long-texts-hold-up-nothing.ts'

/** As we write a time: RFC 3339 in UTC, to the millisecond. */
const form = String.raw`^\d{4}-(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])T([01]\d|2[0-3]):[0-5]\d:[0-5]\d\.\d{3}Z$`
/** Where an entry says when it was, in the text of `audit_place`. */
const said = "j ->> 'at'"

/**
 * Lists, pages and exports are in the order of time, and go on from a time. Whoever has the runtime login could keep an
 * entry that said `infinity`: it stood before all others, the page behind it was empty, and no export came to its end.
 * What says no time has that of its arrival, and `audit verify` finds that its entry says something else.
 */
export async function up(db: Kysely<unknown>): Promise<void> {
  await sql
    .raw(`
    create function audit_time(said text) returns text language sql volatile as $body$
      select case when said ~ '${form}' then said
        else to_char(clock_timestamp() at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') end $body$`)
    .execute(db)
  const place = placingWithValues({ ...unread, reads })
  await sql.raw(place.replaceAll(said, `public.audit_time(${said})`)).execute(db)
}
