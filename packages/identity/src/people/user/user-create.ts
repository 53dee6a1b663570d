import { canonicalName, invalidField, Refusal, userNameRule } from '@gatehouse/contract'
import { uid, type Handler } from '@gatehouse/enforcement'
import type { HandlerDeps } from '../../shared/deps.ts'
import { createOneTimePassword } from '../../proof/password/one-time-password.ts'
import { requireTeams } from '../../directory/require-teams.ts'
import { describeUserRow, insertUser, requireUser } from '../../directory/user.queries.ts'
import { tellOfAdmin } from './tell-of-admin.ts'
import { noteWayIn } from './way-in.ts'

/** Adds a person with a one-time password, which is shown this once and must be changed at first use. */
export const userCreate =
  (deps: HandlerDeps): Handler<'user.create'> =>
  async (permit) => {
    const { displayName, email, role } = permit.input
    const username = canonicalName(permit.input.username)
    if (username === null) throw invalidField('username', userNameRule)
    const id = deps.random.id()
    const oneTimePassword = createOneTimePassword(deps.random)
    const passwordHash = await deps.passwords.hash(oneTimePassword)
    const row = await deps.change(
      permit,
      async (tx) => {
        const teamIds = await requireTeams(tx, permit.input.teams)
        const now = deps.clock.now()
        const added = await insertUser(tx, {
          id,
          username,
          displayName: displayName ?? username,
          email: email ?? null,
          passwordHash,
          mustChangePassword: true,
          role,
          teamIds,
          now,
        })
        if (!added)
          throw new Refusal('conflict', { fields: [{ path: 'username', message: 'another name; this one is taken' }] })
        await noteWayIn(tx, { userId: id, permit, now })
        await tellOfAdmin(tx, deps, { permit, userId: id, username, role })
        return requireUser(tx, id)
      },
      () => ({ resource: uid('User', id) }),
    )
    return { ...describeUserRow(row), oneTimePassword }
  }
