import { canonicalName, invalidField, Refusal, secret, userNameRule, type Output } from '@gatehouse/contract'
import type { Transaction } from '@gatehouse/database'
import { uid, type Handler } from '@gatehouse/enforcement'
import type { HandlerDeps } from '../../shared/deps.ts'
import { noPassword } from '../../directory/no-password.ts'
import { requireTeams } from '../../directory/require-teams.ts'
import { describeUserRow, insertUser, requireUser, type UserRow } from '../../directory/user.queries.ts'
import { holdInvitee, replaceInvitation, reviseInvitee } from '../../directory/invitation.queries.ts'
import { createInvitationToken, invitationUrl, tokenPlace } from '../../directory/invitation-token.ts'
import { noteWayIn } from '../user/way-in.ts'
import { tellOfAdmin } from '../user/tell-of-admin.ts'

/** A long weekend. Who comes later asks again, and is invited again. */
const invitationSeconds = 72 * 3600

/**
 * Adds a person who sets their password themselves, by a link that is good once. Inviting again makes a new link, and
 * the old one dies.
 */
export const userInvite =
  (deps: HandlerDeps): Handler<'user.invite'> =>
  async (permit) => {
    const { displayName, email, role } = permit.input
    const username = canonicalName(permit.input.username)
    if (username === null) throw invalidField('username', userNameRule)
    const { row, ...invitation } = await deps.change(
      permit,
      async (tx) => {
        const teamIds = await requireTeams(tx, permit.input.teams)
        const userId = await placeInvitee(tx, deps, { username, displayName, email, role, teamIds })
        await noteWayIn(tx, { userId, permit, now: deps.clock.now() })
        await tellOfAdmin(tx, deps, { permit, userId, username, role })
        const written = await writeInvitation(tx, deps, await requireUser(tx, userId))
        // read again: now the person is one who is invited
        return { row: await requireUser(tx, userId), ...written }
      },
      ({ row: { id }, replaced, sentTo, expiresAt }) => ({
        resource: uid('User', id),
        detail: { replaced, mailed: sentTo !== null, expiresAt: expiresAt.toISOString() },
      }),
    )
    const { replaced: _replaced, ...shown } = invitation
    return { ...describeUserRow(row), ...shown }
  }

type Person = Pick<Parameters<Handler<'user.invite'>>[0]['input'], 'displayName' | 'email' | 'role'> & {
  readonly username: string
  readonly teamIds: readonly string[]
}

/**
 * The row of who is invited: a new one, or that of somebody who was invited before and has not come in. Answers its id.
 */
async function placeInvitee(tx: Transaction, { random, clock }: HandlerDeps, person: Person): Promise<string> {
  const { username, displayName, email } = person
  const known = await holdInvitee(tx, username)
  if (known === null) {
    const id = random.id()
    const added = await insertUser(tx, {
      ...person,
      id,
      displayName: displayName ?? username,
      email: email ?? null,
      passwordHash: noPassword,
      mustChangePassword: false,
      now: clock.now(),
    })
    if (added) return id
  }
  if (known === null || known.hasPassword)
    throw new Refusal('conflict', { fields: [{ path: 'username', message: 'another name; this one is taken' }] })
  if (known.status !== 'active')
    throw new Refusal('conflict', { hint: `this person is disabled; first: gatehouse user enable ${username}` })
  await reviseInvitee(tx, { ...person, userId: known.id, now: clock.now() })
  return known.id
}

type Written = Pick<Output<'user.invite'>, 'invitationUrl' | 'sentTo' | 'expiresAt'> & { readonly replaced: boolean }

/**
 * The link goes by mail where there is mail and an address, and then nobody else sees it; otherwise the inviter sees
 * it, this once.
 */
async function writeInvitation(
  tx: Transaction,
  { random, clock, sealer, config }: HandlerDeps,
  { id: userId, email }: UserRow,
): Promise<Written> {
  const id = random.id()
  const now = clock.now()
  const expiresAt = new Date(now.getTime() + invitationSeconds * 1000)
  const { token, hash } = createInvitationToken(random)
  const mailed = config.mail && email !== null
  const replaced = await replaceInvitation(tx, {
    id,
    userId,
    hash,
    token: mailed ? Buffer.from(sealer.seal(tokenPlace(id), Buffer.from(token.expose()))) : null,
    now,
    expiresAt,
  })
  return {
    replaced,
    expiresAt,
    sentTo: mailed ? email : null,
    invitationUrl: mailed ? null : secret(invitationUrl(config.publicUrl, token.expose())),
  }
}
