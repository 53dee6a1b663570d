import type { Output, Raw, Role } from '@gatehouse/contract'
import type { Lie, SoftwareAuthenticator } from '@gatehouse/testkit'
import { upsertSetting } from '../src/settings/setting.queries.ts'
import type { StoredSettings } from '../src/settings/settings-in-force.ts'
import { logIn, opened, personOf, type LoggedIn, type TestNode, type TestSystem } from './system.ts'

/** Where the tests' browsers stand. */
export const origin = 'http://localhost:8420'

/** Somebody with a password of their own and no authenticator yet. */
export interface Newcomer extends LoggedIn {
  readonly id: string
  readonly username: string
  readonly password: string
}

export async function newcomer(
  system: TestSystem,
  node: TestNode,
  username: string,
  role: Role = 'Operator',
): Promise<Newcomer> {
  system.clock.advance(301)
  const admin = await logIn(system, node, personOf(system, 'Admin'))
  const created = await node.call('user.create', { username, role }, admin.access)
  const first = await opened(
    node,
    tokensOf(await node.call('auth.login', { username, password: created.oneTimePassword.expose() })),
  )
  const password = 'a long enough password'
  const session = await opened(
    node,
    (
      await node.call(
        'password.change',
        { currentPassword: created.oneTimePassword.expose(), newPassword: password },
        first.access,
      )
    ).tokens,
  )
  return { ...session, id: created.id, username, password }
}

/** Registers an authenticator in a session. */
export async function register(
  node: TestNode,
  access: string,
  key: SoftwareAuthenticator,
  input: Raw<'webauthn.registerBegin'> = {},
  lie: Lie = {},
): Promise<Output<'webauthn.registerComplete'>> {
  const begun = await node.call('webauthn.registerBegin', input, access)
  return node.call(
    'webauthn.registerComplete',
    { id: begun.id, credential: json(key.create(begun.options, lie)) },
    access,
  )
}

/** The code that a registration ends with. */
export async function registering(
  node: TestNode,
  access: string,
  key: SoftwareAuthenticator,
  input: Raw<'webauthn.registerBegin'> = {},
  lie: Lie = {},
): Promise<string> {
  const begun = await node.call('webauthn.registerBegin', input, access)
  return node.outcome(
    'webauthn.registerComplete',
    { id: begun.id, credential: json(key.create(begun.options, lie)) },
    access,
  )
}

/** The challenge that a password brings, and what it offers. */
export async function challenged(
  node: TestNode,
  person: Pick<Newcomer, 'username' | 'password'>,
): Promise<NonNullable<Output<'auth.login'>['challenge']>> {
  const { challenge } = await node.call('auth.login', { username: person.username, password: person.password })
  if (challenge === null) throw new TypeError('no challenge')
  return challenge
}

/** What meets a challenge by a key. */
export async function secondFactor(
  node: TestNode,
  challengeId: string,
  key: SoftwareAuthenticator,
  lie: Lie = {},
): Promise<Raw<'auth.completeMfa'>> {
  const { options } = await node.call('auth.mfaOptions', { challengeId })
  return { challengeId, assertion: json(key.get(options, lie)) }
}

/** What a passkey answers to a log-in without a name. */
export async function passkeyAnswer(
  node: TestNode,
  key: SoftwareAuthenticator,
  lie: Lie = {},
): Promise<Raw<'auth.passkeyComplete'>> {
  const { id, options } = await node.call('auth.passkeyBegin', {})
  return { id, assertion: json(key.get(options, lie)) }
}

/** What proves a session again. */
export async function stepUpAnswer(
  node: TestNode,
  access: string,
  key: SoftwareAuthenticator,
  lie: Lie = {},
): Promise<Raw<'auth.stepUpComplete'>> {
  const { options } = await node.call('auth.stepUpBegin', {}, access)
  if (options === null) throw new TypeError('no key was asked for')
  return { assertion: json(key.get(options, lie)) }
}

/** Logs in by password and key. */
export async function logInByKey(
  node: TestNode,
  person: Pick<Newcomer, 'username' | 'password'>,
  key: SoftwareAuthenticator,
): Promise<LoggedIn> {
  const { id } = await challenged(node, person)
  return opened(node, (await node.call('auth.completeMfa', await secondFactor(node, id, key))).tokens)
}

/** Sets what administrators would set. A node sees it within a second, one that is opened afterwards at once. */
export async function setSettings(node: TestNode, settings: StoredSettings, now: Date): Promise<void> {
  await node.db
    .transaction()
    .execute((tx) => upsertSetting(tx, { value: JSON.stringify(settings), updated_at: now, updated_by: null }))
}

/** The kinds of what a person was told, oldest first. */
export async function noticesOf(node: TestNode, userId: string): Promise<string[]> {
  const rows = await node.db
    .selectFrom('notification')
    .select('kind')
    .where('user_id', '=', userId)
    .orderBy('created_at')
    .orderBy('id')
    .execute()
  return rows.map(({ kind }) => kind)
}

/** As many strangers' questions as somebody might send at once. */
export async function fillChallenges(
  node: TestNode,
  { now, later, count }: { now: Date; later: Date; count: number },
): Promise<void> {
  const rows = Array.from({ length: 1000 }, (_, at) => at)
  for (let block = 0; block < count / 1000; block += 1) {
    await node.db
      .insertInto('webauthn_challenge')
      .values(
        rows.map((at) => ({
          id: `fill-${block}-${at}`,
          purpose: 'passkey' as const,
          bound_to: `address-${block}`,
          user_id: null,
          name: null,
          passkey: null,
          user_verification: true,
          created_at: now,
          expires_at: later,
          used_at: null,
        })),
      )
      .execute()
  }
}

/** The tokens of an answer that has some. */
export function tokensOf({ tokens }: Output<'auth.login'>): Output<'auth.refresh'>['tokens'] {
  if (tokens === null) throw new TypeError('no tokens')
  return tokens
}

/** A document as it goes over the wire. */
export const json = (document: object): Record<string, unknown> =>
  JSON.parse(JSON.stringify(document)) as Record<string, unknown> // what JSON gives back of an object is one
