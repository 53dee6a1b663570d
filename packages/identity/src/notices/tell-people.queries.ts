import type { Role } from '@gatehouse/contract'
import type { Transaction } from '@gatehouse/database'
import { sql } from 'kysely'
import type { NoticeKind } from './notice.queries.ts'

/** Tells all active people with one of these roles, and some by their ids, in the transaction that says so. */
export async function tellPeople(
  tx: Transaction,
  notice: {
    readonly roles: readonly Role[]
    readonly ids: readonly string[]
    readonly kind: NoticeKind
    readonly text: string
    readonly now: Date
  },
): Promise<void> {
  await sql`
    insert into notification (id, user_id, kind, text, created_at)
    select gen_random_uuid(), u.id, ${notice.kind}, ${notice.text}, ${notice.now}::timestamptz from users u
    where u.status = 'active' and (u.id = any (${sql.val([...notice.ids])}::uuid[]) or exists (
      select from user_role r where r.user_id = u.id
        and r.role::text = any (${sql.val([...notice.roles])}::text[])))`.execute(tx)
}
