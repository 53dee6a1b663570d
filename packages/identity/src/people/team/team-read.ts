import { decodePosition, Refusal, sortedPageOf, teamSortKeys } from '@gatehouse/contract'
import type { Handler } from '@gatehouse/enforcement'
import type { HandlerDeps } from '../../shared/deps.ts'
import { resourceId } from '../../shared/identifiers.ts'
import { describeTeam, selectTeam, selectTeams } from '../../directory/team.queries.ts'

/** Lists teams with who is in them, newest first unless another order is asked for. */
export const teamList =
  ({ db }: HandlerDeps): Handler<'team.list'> =>
  async (permit) => {
    const { first, after, search, sort = 'newest' } = permit.input
    const rows = await selectTeams(db, { first, after: decodePosition(after, sort), sort, search })
    return sortedPageOf(rows.map(describeTeam), first, { sort, keys: teamSortKeys })
  }

/** One team. */
export const teamGet =
  ({ db }: HandlerDeps): Handler<'team.get'> =>
  async (permit) => {
    const row = await selectTeam(db, resourceId(permit))
    if (row === null) throw new Refusal('not-found')
    return describeTeam(row)
  }
