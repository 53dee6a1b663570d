// Tokens for Vault's clients: what they are worth is what their session and their person are, and no more.
import type { Caller, UserPrincipal } from '@gatehouse/enforcement'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { createTransitTokens } from '../src/login/make-transit-token.ts'
import {
  callerWith,
  codeOf,
  logIn,
  nextCode,
  personOf,
  startSystem,
  testConfig,
  type LoggedIn,
  type TestNode,
  type TestSystem,
} from './system.ts'

let system: TestSystem
let node: TestNode
beforeAll(async () => {
  system = await startSystem()
  node = await system.openNode()
})
afterAll(() => system.end())

const asVault = (token: string): Caller => ({ ...callerWith(token), transport: 'vault' })
const proved = async (caller: Caller): Promise<UserPrincipal> => {
  const principal = await node.authenticator.authenticate(caller)
  if (principal.type !== 'User') throw new TypeError('a person was asked for')
  return principal
}
const refused = (caller: Caller) =>
  expect(node.authenticator.authenticate(caller)).rejects.toMatchObject({ code: 'unauthenticated' })

const minutes = 60
/** Makes one for the session of a log-in, as the operation does. */
async function tokenOf(person: UserPrincipal): Promise<string> {
  const { clock, random } = system
  const wanted = {
    person,
    keys: ['shop-config'],
    address: '192.0.2.7',
    expiresAt: new Date(clock.now().getTime() + 15 * minutes * 1000),
  }
  const tokens = createTransitTokens({ keys: node.keys, clock, random, config: testConfig })
  const { token } = await node.db.transaction().execute((tx) => tokens.make(tx, wanted))
  return token.expose()
}
const personOfSession = ({ access }: LoggedIn): Promise<UserPrincipal> => proved(callerWith(access))

test('are as fresh as when they were made, whatever is proved in the session later, and end in time', async () => {
  const person = personOf(system, 'Operator')
  const session = await logIn(system, node, person)
  const at = system.clock.now()
  const token = await tokenOf(await personOfSession(session))
  system.clock.advance(6 * minutes)
  nextCode(system.clock)
  const totp = await codeOf(person.totpSecret.expose(), system.clock.now())
  await node.call('auth.stepUpComplete', { totp }, session.access)
  expect((await personOfSession(session)).session.provedAt).toEqual(system.clock.now())
  const bearer = await proved(asVault(token))
  expect(bearer).toMatchObject({
    username: person.username,
    transit: { keys: ['shop-config'], expiresAt: expect.any(Date) as Date },
    session: { id: session.sessionId, assurance: 'mfa', provedAt: at },
  })
  system.clock.advance(9 * minutes)
  await refused(asVault(token))
})

test('are good where Vault’s clients ask, from their address, as a bearer’s, and for nothing else', async () => {
  const token = await tokenOf(await personOfSession(await logIn(system, node, personOf(system, 'Operator'))))
  const caller = asVault(token)
  expect((await proved(caller)).transit).toBeDefined()
  for (const transport of ['trpc', 'graphql', 'http', 'internal'] as const) await refused({ ...caller, transport })
  for (const address of ['192.0.2.8', '::ffff:192.0.2.7', '']) await refused({ ...caller, address })
  await refused({ ...caller, forwards: true })
  await refused({ ...caller, scheme: 'dpop' })
  await refused({ ...caller, credential: `${token}x` })
})

test('keep no session in use, and are not made in one that has ended', async () => {
  const session = await logIn(system, node, personOf(system, 'Developer'))
  const person = await personOfSession(session)
  const token = await tokenOf(person)
  const lastUse = () =>
    node.db.selectFrom('session').select('last_used_at').where('id', '=', session.sessionId).executeTakeFirstOrThrow()
  const before = await lastUse()
  system.clock.advance(5 * minutes)
  await proved(asVault(token))
  expect(await lastUse()).toEqual(before)
  await node.call('auth.logout', {}, session.access)
  await refused(asVault(token))
  await expect(tokenOf(person)).rejects.toMatchObject({ code: 'unauthenticated' })
})

test('are refused while their person is locked, in words that say so, and are good again afterwards', async () => {
  const person = await personOfSession(await logIn(system, node, personOf(system, 'Operator')))
  const token = await tokenOf(person)
  const admin = await logIn(system, node, personOf(system, 'Admin'))
  const { id } = await node.call('lock.create', { principal: person.id, reason: 'a stolen script' }, admin.access)
  await expect(node.authenticator.authenticate(asVault(token))).rejects.toMatchObject({
    code: 'unauthenticated',
    details: { reason: 'user-locked' },
  })
  await node.call('lock.remove', { id, reason: 'it was ours' }, admin.access)
  expect((await proved(asVault(token))).transit).toBeDefined()
})
