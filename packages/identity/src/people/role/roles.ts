import { Refusal, roles, type Role } from '@gatehouse/contract'
import type { Handler } from '@gatehouse/enforcement'
import type { HandlerDeps } from '../../shared/deps.ts'
import { callingUser, resourceId } from '../../shared/identifiers.ts'
import { notify } from '../../notices/notice.queries.ts'
import { endLogins, keepingAnAdmin } from '../user/shut-out.ts'
import { tellOfAdmin } from '../user/tell-of-admin.ts'
import { describeUserRow, requireUser } from '../../directory/user.queries.ts'
import { noteGifts } from '../../directory/gift.queries.ts'
import { deleteRole, insertRole, selectRoleHolders } from '../../directory/role.queries.ts'

/** What each role is for; what it may is the policies' to say. */
const descriptions: Readonly<Record<Role, string>> = {
  Admin: 'runs Gatehouse: people, hosts, policies',
  Developer: 'asks for credentials where their teams work',
  Operator: "asks for credentials and ends anyone's where their teams work",
  Viewer: 'looks, and changes nothing',
  Auditor: 'reads everything, the audit log included, and changes nothing',
}

/** The five roles with who has them. */
export const roleList =
  ({ db }: HandlerDeps): Handler<'role.list'> =>
  async () => {
    const held = new Map((await selectRoleHolders(db)).map((row) => [row.role, row]))
    return {
      roles: roles.map((name) => ({
        name,
        description: descriptions[name],
        holders: held.get(name)?.holders ?? [],
        holderCount: held.get(name)?.count ?? 0,
      })),
    }
  }

/** Gives a role; it counts from the person's next request on. Having it already is no mistake. */
export const roleAssign =
  (deps: HandlerDeps): Handler<'role.assign'> =>
  async (permit) => {
    const userId = resourceId(permit)
    const { role } = permit.input
    const { row } = await deps.change(
      permit,
      async (tx) => {
        const changed = await insertRole(tx, { userId, role, now: deps.clock.now() })
        const row = await requireUser(tx, userId)
        if (changed) {
          const giver = callingUser(permit)
          const gifts = [{ what: 'role', given: role }] as const
          await noteGifts(tx, { userId, giverId: giver.id, gifts, now: deps.clock.now() })
          const text = `${giver.username} gave you the role ${role}.`
          await notify(tx, deps, { userId, kind: 'roleChanged', text })
          await tellOfAdmin(tx, deps, { permit, userId, username: row.username, role })
        }
        return { changed, row }
      },
      ({ changed }) => ({ detail: { changed } }),
    )
    return describeUserRow(row)
  }

/**
 * Takes a role. Access tokens that were given out while they had it die with it; API tokens are decided by the roles of
 * each moment.
 */
export const roleRemove =
  (deps: HandlerDeps): Handler<'role.remove'> =>
  async (permit) => {
    const userId = resourceId(permit)
    const { role } = permit.input
    const { row } = await deps.change(
      permit,
      async (tx) => {
        await keepingAnAdmin(tx, async () => {
          if (!(await deleteRole(tx, { userId, role })))
            throw new Refusal('conflict', { hint: `the person does not have the role ${role}` })
        })
        const sessions = await endLogins(tx, { userId, now: deps.clock.now(), reason: `role ${role} removed` })
        await notify(tx, deps, {
          userId,
          kind: 'roleChanged',
          text: `${callingUser(permit).username} took the role ${role} from you, and your sessions ended.`,
        })
        return { sessions, row: await requireUser(tx, userId) }
      },
      ({ sessions }) => ({ detail: { sessionsEnded: sessions } }),
    )
    return describeUserRow(row)
  }
