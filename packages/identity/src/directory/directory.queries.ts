import type { Store } from '@gatehouse/database'
import type { Directory } from '@gatehouse/enforcement'
import { referenceOf } from '@gatehouse/kit'
import { sql } from 'kysely'

/** What others ask of people, programs and workspaces. */
export const directory: Directory<Store> = {
  findWorkspaceId: async (db, reference) => {
    const { id, name } = referenceOf(reference)
    const row = await db
      .selectFrom('workspace')
      .select('id')
      .where(sql<boolean>`(id = ${id} or name = ${name})`)
      .executeTakeFirst()
    return row?.id ?? null
  },
  findUserId: async (db, reference) => {
    const { id, name } = referenceOf(reference)
    const row = await db
      .selectFrom('users')
      .select('id')
      .where(id === null ? 'username' : 'id', '=', id ?? name.toLowerCase())
      .executeTakeFirst()
    return row?.id ?? null
  },
  holdActive: async (tx, { type, id }) => {
    const row = await tx
      .selectFrom(type === 'User' ? 'users' : 'service_account')
      .select('id')
      .where('id', '=', id)
      .where('status', '=', 'active')
      .forShare()
      .executeTakeFirst()
    return row !== undefined
  },
}
