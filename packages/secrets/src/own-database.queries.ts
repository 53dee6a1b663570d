import type { Store } from '@gatehouse/database'
import { sql } from 'kysely'
import type { OwnDatabase } from './backends/own-database.ts'

const rights = 'select, insert, update, delete'

/** Asks our own database. */
export const ownDatabase = (db: Store): OwnDatabase => ({
  identity: async () => {
    const { rows } = await sql<{ system: string; database: string }>`
      select (select system_identifier::text from pg_control_system()) as system,
        current_database()::text as database`.execute(db)
    const [identity] = rows
    if (identity === undefined) throw new TypeError('the database does not say which one it is')
    return identity
  },
  readersAmong: async (roles) => {
    const { rows } = await sql<{ name: string }>`
      select r.rolname::text as name from pg_roles r
      where r.rolname = any (${sql.val([...roles])}::text[]) and (
        -- any table or view of ours, but for what an extension there shows everybody
        exists (select from pg_class c
          where c.relnamespace = (select relnamespace from pg_class where oid = 'secret_backend'::regclass)
            and c.relkind in ('r', 'p', 'v', 'm') and not has_table_privilege('public', c.oid, ${rights})
            and has_table_privilege(r.oid, c.oid, ${rights}))
        or pg_has_role(r.oid, (select relowner from pg_class where oid = 'secret_backend'::regclass), 'member')
        or pg_has_role(r.oid, current_user, 'member'))
      order by 1`.execute(db)
    return rows.map(({ name }) => name)
  },
})
