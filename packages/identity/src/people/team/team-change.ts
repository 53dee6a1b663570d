import { invalidField, Refusal } from '@gatehouse/contract'
import type { Handler } from '@gatehouse/enforcement'
import type { HandlerDeps } from '../../shared/deps.ts'
import { resourceId } from '../../shared/identifiers.ts'
import { selectUserId } from '../../directory/user.queries.ts'
import { requireTeam } from './team-write.ts'
import { deleteMember, deleteTeam, updateTeam } from '../../directory/team.queries.ts'

/** Changes a team's name or description. What is granted to it is granted to its id, and stays. */
export const teamUpdate =
  ({ change }: HandlerDeps): Handler<'team.update'> =>
  (permit) => {
    const { name, description } = permit.input
    if (name === undefined && description === undefined)
      throw invalidField('name', 'a name or a description: there is nothing to change')
    const teamId = resourceId(permit)
    return change(permit, async (tx) => {
      if (!(await updateTeam(tx, { teamId, name, description })))
        throw new Refusal('conflict', { fields: [{ path: 'name', message: 'another name; this one is taken' }] })
      return requireTeam(tx, teamId)
    })
  }

/** Removes a team. From their next request on its members are not in it. */
export const teamRemove =
  ({ change }: HandlerDeps): Handler<'team.remove'> =>
  async (permit) => {
    const teamId = resourceId(permit)
    await change(
      permit,
      async (tx) => {
        const team = await requireTeam(tx, teamId)
        await deleteTeam(tx, teamId)
        return team.members.length
      },
      (count) => ({ detail: { members: count } }),
    )
    return { id: teamId, removed: true }
  }

/** Takes a person out of a team. From their next request on they are not in it. */
export const teamRemoveMember =
  ({ change }: HandlerDeps): Handler<'team.removeMember'> =>
  (permit) => {
    const teamId = resourceId(permit)
    const reference = permit.input.user
    return change(permit, async (tx) => {
      const userId = await selectUserId(tx, reference)
      if (userId === null || !(await deleteMember(tx, { teamId, userId })))
        throw invalidField('user', `a member of this team; \`${reference}\` is none`)
      return requireTeam(tx, teamId)
    })
  }
