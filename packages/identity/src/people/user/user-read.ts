import { decodePosition, Refusal, sortedPageOf, userSortKeys } from '@gatehouse/contract'
import type { Handler } from '@gatehouse/enforcement'
import type { HandlerDeps } from '../../shared/deps.ts'
import { resourceId } from '../../shared/identifiers.ts'
import { describeUserRow, selectUser, selectUsers } from '../../directory/user.queries.ts'

/** Lists people, newest first unless another order is asked for. */
export const userList =
  ({ db }: HandlerDeps): Handler<'user.list'> =>
  async (permit) => {
    const { first, after, role, status, team, search, sort = 'newest' } = permit.input
    const rows = await selectUsers(db, {
      first,
      after: decodePosition(after, sort),
      sort,
      search,
      role: role ?? null,
      status: status ?? null,
      team: team ?? null,
    })
    return sortedPageOf(rows.map(describeUserRow), first, { sort, keys: userSortKeys })
  }

/** One person. */
export const userGet =
  ({ db }: HandlerDeps): Handler<'user.get'> =>
  async (permit) => {
    const row = await selectUser(db, resourceId(permit))
    if (row === null) throw new Refusal('not-found')
    return describeUserRow(row)
  }
