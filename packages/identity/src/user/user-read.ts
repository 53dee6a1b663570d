import { pageOf, Refusal } from '@gatehouse/contract'
import type { Handler } from '@gatehouse/enforcement'
import type { HandlerDeps } from '../deps.ts'
import { resourceId, uuidCursor } from '../identifiers.ts'
import { describeUserRow, selectUser, selectUsers } from './user.queries.ts'

/** Lists people, newest first. */
export const userList =
  ({ db }: HandlerDeps): Handler<'user.list'> =>
  async (permit) => {
    const { first, after, role, status, team } = permit.input
    const rows = await selectUsers(db, {
      first,
      after: uuidCursor(after),
      role: role ?? null,
      status: status ?? null,
      team: team ?? null,
    })
    return pageOf(rows.map(describeUserRow), first, (user) => [user.createdAt, user.id])
  }

/** One person. */
export const userGet =
  ({ db }: HandlerDeps): Handler<'user.get'> =>
  async (permit) => {
    const row = await selectUser(db, resourceId(permit))
    if (row === null) throw new Refusal('not-found')
    return describeUserRow(row)
  }
