// A browser that proves a factor for a session elsewhere (ADR 018), over two nodes. Threats A11 and A13: whose session
// it is, and how fresh it may become.
import type { Output } from '@gatehouse/contract'
import { createSoftwareAuthenticator } from '@gatehouse/testkit'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { newcomer, origin, passkeyAnswer, register, stepUpAnswer, type Newcomer } from './keys.ts'
import { logIn, opened, personOf, startSystem, type LoggedIn, type TestNode, type TestSystem } from './system.ts'

const stale = 301

let system: TestSystem
let one: TestNode
let two: TestNode
let ada: Newcomer
const key = createSoftwareAuthenticator(origin)
/** Her browser, logged in by a passkey just now, and a terminal that it has let in. */
let browser: LoggedIn
let terminal: LoggedIn
beforeAll(async () => {
  system = await startSystem()
  one = await system.openNode()
  two = await system.openNode()
  ada = await newcomer(system, one, 'ada-keys')
  await register(one, ada.access, key, { kind: 'passkey' })
})
beforeEach(async () => {
  await one.db.deleteFrom('guess_throttle').execute()
  system.clock.advance(stale)
  browser = await opened(one, (await one.call('auth.passkeyComplete', await passkeyAnswer(one, key))).tokens)
  const { deviceCode, userCode } = await one.call('auth.deviceStart', {})
  await decide(userCode, 'look')
  await decide(userCode, 'approve')
  terminal = await opened(one, (await poll(deviceCode.expose())).tokens ?? { accessExpiresAt: system.clock.now() })
})
afterAll(() => system.end())

interface Begun {
  readonly deviceCode: string
  readonly userCode: string
}
async function begin(access = terminal.access): Promise<Begun> {
  const { browser: start, options } = await one.call(
    'auth.stepUpBegin',
    { inBrowser: true, client: 'gatehouse on laptop' },
    access,
  )
  if (start === null) throw new TypeError('no grant')
  expect(options).toBeNull()
  return { deviceCode: start.deviceCode.expose(), userCode: start.userCode }
}
const decide = (
  userCode: string,
  decision: 'look' | 'approve' | 'deny',
  by: LoggedIn = browser,
): Promise<Output<'auth.deviceApprove'>> => two.call('auth.deviceApprove', { userCode, decision }, by.access)
const poll = (deviceCode: string): Promise<Output<'auth.devicePoll'>> => {
  system.clock.advance(5)
  return one.call('auth.devicePoll', { deviceCode })
}
const freshness = async ({ access }: LoggedIn) => one.call('auth.whoami', {}, access)
const provedAt = async ({ sessionId }: LoggedIn) =>
  (await one.db.selectFrom('session').select('proved_at').where('id', '=', sessionId).executeTakeFirstOrThrow())
    .proved_at

describe('a terminal of somebody who has only keys', () => {
  test('becomes as fresh as the browser that proved it, and no fresher, without a new session or token', async () => {
    expect(await one.outcome('backupCode.regenerate', {}, terminal.access)).toBe('step-up-required')
    const sessions = await one.db.selectFrom('session').select('id').execute()
    const grant = await begin()
    expect(await decide(grant.userCode, 'look')).toMatchObject({
      purpose: 'stepUp',
      client: 'gatehouse on laptop',
      state: 'waiting',
    })
    expect(await poll(grant.deviceCode)).toMatchObject({ state: 'waiting', tokens: null })
    expect(await decide(grant.userCode, 'approve')).toMatchObject({ purpose: 'stepUp', state: 'used' })
    expect(await poll(grant.deviceCode)).toMatchObject({ state: 'used', tokens: null })
    expect(await freshness(terminal)).toMatchObject({ assurance: 'su', sessionId: terminal.sessionId })
    expect(await one.outcome('backupCode.regenerate', {}, terminal.access)).toBe('allowed')
    expect(await provedAt(terminal)).toEqual(await provedAt(browser))
    expect(await one.db.selectFrom('session').select('id').execute()).toHaveLength(sessions.length)
    system.clock.advance(stale - 10)
    expect(await freshness(terminal)).toMatchObject({ assurance: 'mfa' })
    const recorded = await one.db
      .selectFrom('audit_entry')
      .select('entry')
      .where('action', '=', 'auth.deviceApprove')
      .execute()
    expect(JSON.stringify(recorded)).toContain(terminal.sessionId)
  })

  test('waits while the browser itself is stale: it proves a key first, and is told how fresh it must be', async () => {
    system.clock.advance(stale)
    const grant = await begin()
    await decide(grant.userCode, 'look')
    const refusal = await two.refusal(
      'auth.deviceApprove',
      { userCode: grant.userCode, decision: 'approve' },
      browser.access,
    )
    expect(refusal).toMatchObject({ code: 'step-up-required', details: { assurance: 'su', maxAgeSeconds: 300 } })
    expect(await freshness(terminal)).toMatchObject({ assurance: 'mfa' })
    await two.call('auth.stepUpComplete', await stepUpAnswer(two, browser.access, key), browser.access)
    expect(await decide(grant.userCode, 'approve')).toMatchObject({ state: 'used' })
    expect(await freshness(terminal)).toMatchObject({ assurance: 'su' })
  })

  test('makes nothing fresher by a chain, nor less fresh by an older proof', async () => {
    const grant = await begin()
    await decide(grant.userCode, 'look')
    await decide(grant.userCode, 'approve')
    const before = await provedAt(browser)
    system.clock.advance(60)
    const back = await begin(browser.access)
    await decide(back.userCode, 'look', terminal)
    await decide(back.userCode, 'approve', terminal)
    expect(await provedAt(browser)).toEqual(before)
    await two.call('auth.stepUpComplete', await stepUpAnswer(two, browser.access, key), browser.access)
    const again = await begin(browser.access)
    await decide(again.userCode, 'look', terminal)
    await decide(again.userCode, 'approve', terminal)
    expect((await provedAt(browser))?.getTime()).toBeGreaterThan(before?.getTime() ?? 0)
  })

  test('stays as it was when it is denied, or the time is over', async () => {
    const [denied, late] = [await begin(), await begin()]
    await decide(denied.userCode, 'look')
    expect(await decide(denied.userCode, 'deny')).toMatchObject({ purpose: 'stepUp', state: 'denied' })
    expect(await poll(denied.deviceCode)).toMatchObject({ state: 'denied', tokens: null })
    await decide(late.userCode, 'look')
    system.clock.advance(600)
    expect(
      await two.outcome('auth.deviceApprove', { userCode: late.userCode, decision: 'approve' }, browser.access),
    ).toBe('step-up-required')
    await two.call('auth.stepUpComplete', await stepUpAnswer(two, browser.access, key), browser.access)
    expect(
      await two.outcome('auth.deviceApprove', { userCode: late.userCode, decision: 'approve' }, browser.access),
    ).toBe('conflict')
    expect(await poll(late.deviceCode)).toMatchObject({ state: 'expired' })
    expect(await provedAt(terminal)).toBeNull()
  })
})

describe('whose session it is', () => {
  // Threat A13: somebody else's factor raises nobody's session
  test("is its own person's only: to another the code is none, whoever looks first", async () => {
    const stranger = await logIn(system, one, personOf(system, 'Viewer'))
    browser = await opened(one, (await one.call('auth.passkeyComplete', await passkeyAnswer(one, key))).tokens)
    const grant = await begin()
    for (const decision of ['look', 'approve', 'deny'] as const)
      expect(
        await two.outcome('auth.deviceApprove', { userCode: grant.userCode, decision }, stranger.access),
        decision,
      ).toBe('not-found')
    expect(await decide(grant.userCode, 'look')).toMatchObject({ state: 'waiting' })
  })

  test('that has ended meanwhile is raised by nobody, and stays ended', async () => {
    const grant = await begin()
    await decide(grant.userCode, 'look')
    await two.call('auth.logout', {}, terminal.access)
    expect(
      (await two.refusal('auth.deviceApprove', { userCode: grant.userCode, decision: 'approve' }, browser.access))
        .details.hint,
    ).toContain('has ended')
    expect(await provedAt(terminal)).toBeNull()
    expect(await one.outcome('auth.whoami', {}, terminal.access)).toBe('unauthenticated')
  })

  test('of 40 approvals at once over two nodes one is taken', async () => {
    const grant = await begin()
    await decide(grant.userCode, 'look')
    const outcomes = await Promise.all(
      Array.from({ length: 40 }, (_, at) =>
        (at % 2 === 0 ? one : two).outcome(
          'auth.deviceApprove',
          { userCode: grant.userCode, decision: 'approve' },
          browser.access,
        ),
      ),
    )
    expect(outcomes.filter((code) => code === 'allowed')).toHaveLength(1)
    expect(new Set(outcomes)).toEqual(new Set(['allowed', 'conflict', 'rate-limited']))
  })

  test('is none where an API token asks: it has no session to raise', async () => {
    const token = (
      await one.call('apiToken.create', { name: 'script', purpose: 'test', scopes: ['read'] }, browser.access)
    ).token.expose()
    expect(await one.outcome('auth.stepUpBegin', { inBrowser: true }, token)).toBe('forbidden')
    expect(await one.outcome('auth.stepUpBegin', { inBrowser: true })).toBe('unauthenticated')
    expect(await one.outcome('auth.stepUpBegin', { inBrowser: 'yes' as never }, terminal.access)).toBe('invalid-input')
  })
})
