import { invalidField, Refusal, type Output } from '@gatehouse/contract'
import type { Transaction } from '@gatehouse/database'
import { uid, type Handler } from '@gatehouse/enforcement'
import type { HandlerDeps } from '../../shared/deps.ts'
import { noteGifts } from '../../directory/gift.queries.ts'
import { callingUser, resourceId } from '../../shared/identifiers.ts'
import { selectUserId } from '../../directory/user.queries.ts'
import { describeTeam, insertMember, insertTeam, selectTeam } from '../../directory/team.queries.ts'

/** Adds a team without members. */
export const teamCreate =
  ({ change, clock, random }: HandlerDeps): Handler<'team.create'> =>
  (permit) => {
    const { name, description } = permit.input
    const id = random.id()
    return change(
      permit,
      async (tx) => {
        const added = await insertTeam(tx, { id, name, description, now: clock.now() })
        if (!added)
          throw new Refusal('conflict', { fields: [{ path: 'name', message: 'another name; this one is taken' }] })
        return requireTeam(tx, id)
      },
      () => ({ resource: uid('Team', id) }),
    )
  }

/** Puts a person into a team. From their next request on they are a member. */
export const teamAddMember =
  ({ change, clock }: HandlerDeps): Handler<'team.addMember'> =>
  (permit) => {
    const teamId = resourceId(permit)
    const reference = permit.input.user
    return change(permit, async (tx) => {
      const userId = await selectUserId(tx, reference)
      if (userId === null) throw invalidField('user', `a person who exists; there is no \`${reference}\``)
      // who is a member already gets nothing: the vote of a colleague does not end because somebody adds them again
      const gifts = (await insertMember(tx, { teamId, userId })) ? ([{ what: 'team', given: teamId }] as const) : []
      await noteGifts(tx, { userId, giverId: callingUser(permit).id, gifts, now: clock.now() })
      return requireTeam(tx, teamId)
    })
  }

/** A team that must be there: its row is held, or has just been made. */
export async function requireTeam(tx: Transaction, id: string): Promise<Output<'team.get'>> {
  const row = await selectTeam(tx, id)
  if (row === null) throw new Refusal('not-found')
  return describeTeam(row)
}
