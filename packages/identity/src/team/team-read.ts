import { pageOf, Refusal } from '@gatehouse/contract'
import type { Handler } from '@gatehouse/enforcement'
import type { HandlerDeps } from '../deps.ts'
import { resourceId, uuidCursor } from '../identifiers.ts'
import { describeTeam, selectTeam, selectTeams } from './team.queries.ts'

/** Lists teams with who is in them, newest first. */
export const teamList =
  ({ db }: HandlerDeps): Handler<'team.list'> =>
  async (permit) => {
    const { first, after } = permit.input
    const rows = await selectTeams(db, { first, after: uuidCursor(after) })
    return pageOf(rows.map(describeTeam), first, (team) => [team.createdAt, team.id])
  }

/** One team. */
export const teamGet =
  ({ db }: HandlerDeps): Handler<'team.get'> =>
  async (permit) => {
    const row = await selectTeam(db, resourceId(permit))
    if (row === null) throw new Refusal('not-found')
    return describeTeam(row)
  }
