import { invalidField, Refusal } from '@gatehouse/contract'
import type { Transaction } from '@gatehouse/database'
import { uid, type Handler } from '@gatehouse/enforcement'
import { canonicalName } from '../canonical.ts'
import type { HandlerDeps } from '../deps.ts'
import { createOneTimePassword } from '../password/one-time-password.ts'
import { selectTeamIds } from '../team/team.queries.ts'
import { describeUserRow, insertUser, requireUser } from './user.queries.ts'

/** Adds a person with a one-time password, which is shown this once and must be changed at first use. */
export const userCreate = (deps: HandlerDeps): Handler<'user.create'> => async (permit) => {
  const { displayName, email, role } = permit.input
  const username = canonicalName(permit.input.username)
  if (username === null) throw invalidField('username', 'letters, digits and . _ @ + -, beginning with a letter or digit, at most 64')
  const id = deps.random.id()
  const oneTimePassword = createOneTimePassword(deps.random)
  const passwordHash = await deps.passwords.hash(oneTimePassword)
  const row = await deps.change(permit, async (tx) => {
    const teamIds = await requireTeams(tx, permit.input.teams)
    const now = deps.clock.now()
    const added = await insertUser(tx, { id, username, displayName: displayName ?? username, email: email ?? null, passwordHash, mustChangePassword: true, role, teamIds, now })
    if (!added) throw new Refusal('conflict', { fields: [{ path: 'username', message: 'another name; this one is taken' }] })
    return requireUser(tx, id)
  }, () => ({ resource: uid('User', id) }))
  return { ...describeUserRow(row), oneTimePassword }
}

async function requireTeams(tx: Transaction, references: readonly string[]): Promise<readonly string[]> {
  const wanted = [...new Set(references)]
  const found = await selectTeamIds(tx, wanted)
  const unknown = wanted.find((reference) => !found.some((team) => team.id === reference || team.name === reference))
  if (unknown !== undefined) throw invalidField('teams', `teams that exist; there is no \`${unknown}\``)
  return [...new Set(found.map(({ id }) => id))]
}
