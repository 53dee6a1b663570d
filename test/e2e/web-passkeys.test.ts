import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import {
  chromiumFlags,
  chromiumPath,
  startGatewayHome,
  startMailSink,
  type GatewayFacts,
  type GatewayHome,
  type MailSink,
} from '@gatehouse/testkit'
import pg from 'pg'
import { chromium, type Browser, type BrowserContext, type Page } from 'playwright-core'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { seriousProblems } from './support/axe.ts'
import { registerKey, sitDown, type AtBrowser } from './support/at-browser.ts'
import { homeOf, runCommandLine, type Ran } from './support/command-line.ts'
import {
  allSigned,
  approveAtBoard,
  askAtBoard,
  certificateOf,
  openChannels,
  openHost,
  sshPrints,
  toldOfSession,
  type Channels,
} from './support/emergency.ts'
import {
  baseOf,
  freshTotp,
  logIn,
  outside,
  principalOf,
  type Answer,
  type Outside,
  type SeedPrincipal,
} from './support/outside.ts'
import { complaintsOf, countPointers, keyboardOf } from './support/person.ts'
import { keysAt, type KeptCredential, type Keys } from './support/virtual-key.ts'

let directory: string
let mail: MailSink
let home: GatewayHome
let dev: GatewayFacts
let base: string
let browser: Browser
let context: BrowserContext
let page: Page
let keys: Keys
let complaints: readonly string[]
let pointers: () => number
let person: SeedPrincipal
/** What each authenticator holds while it lies in the drawer. */
const drawer: Record<'laptop' | 'phone' | 'blue', readonly KeptCredential[]> = { laptop: [], phone: [], blue: [] }

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'gatehouse-passkeys-'))
  mail = await startMailSink()
  const settings = join(directory, 'security.toml')
  await writeFile(
    settings,
    `[outbound]\nallowed = ["127.0.0.0/8", "::1"]\n` +
      `[notify]\nsmtp_url = "${mail.url}"\nfrom = "gatehouse@example.org"\nallow_plaintext_smtp = true\n`,
  )
  home = await startGatewayHome({ env: { GATEHOUSE_CONFIG: settings } })
  dev = home.dev()
  base = baseOf(dev)
  person = principalOf(dev, 'Operator', 1)
  browser = await chromium.launch({ executablePath: chromiumPath(), args: [...chromiumFlags()] })
  context = await browser.newContext()
  page = await context.newPage()
  complaints = complaintsOf(page)
  pointers = await countPointers(page)
  keys = await keysAt(page)
}, 240_000)
afterAll(async () => {
  await browser?.close()
  await home?.remove()
  await mail?.close()
  await rm(directory, { recursive: true, force: true })
})

const heading = (name: string): Promise<void> => page.getByRole('heading', { name, exact: true }).first().waitFor()

/** Whoever logs in again comes back to where he was, so the way out is what shows that he is in. */
const isIn = (): Promise<void> => page.getByRole('button', { name: 'Log out', exact: true }).waitFor()

async function logOut(): Promise<void> {
  await keys.unplug()
  await keyboardOf(page).press(/^Log out$/)
  await heading('Log in')
}

async function inDatabase(sql: string): Promise<void> {
  const client = new pg.Client({ connectionString: dev.database.adminUrl })
  await client.connect()
  await client.query(sql)
  await client.end()
}

/** As far as the second factor, by keyboard. */
async function typePassword(): Promise<void> {
  const keyboard = keyboardOf(page)
  await keyboard.type('User name', person.username)
  await keyboard.type('Password', person.password)
  await keyboard.key('Enter')
}

const register = (kind: 'Passkey' | 'Security key', name: string): Promise<void> =>
  registerKey({ page, keyboard: keyboardOf(page) }, { base, kind, name })

/** Plugs a passkey in and asks to be logged in by it. */
async function logInByPasskey(held: readonly KeptCredential[]): Promise<void> {
  await keys.plug('passkey', held)
  // with a key plugged in Chromium may take the offer in the user name's field by itself, before anybody presses
  await keyboardOf(page)
    .press('Log in with a passkey')
    .catch(() => undefined)
}

const notAccepted = (): Promise<void> => page.getByText('This key is not accepted.').waitFor()

describe('a person with passkeys and a security key, by keyboard', () => {
  test('registers two passkeys and a security key', async () => {
    await page.goto(base)
    await heading('Log in')
    await typePassword()
    await page.getByLabel('Code from your authenticator app').waitFor()
    await keyboardOf(page).type('Code from your authenticator app', await freshTotp(person.totpSecret))
    await keyboardOf(page).key('Enter')
    await heading('Overview')
    await keys.plug('passkey')
    await register('Passkey', 'laptop')
    drawer.laptop = await keys.unplug()
    await keys.plug('passkey')
    await register('Passkey', 'phone')
    drawer.phone = await keys.unplug()
    await keys.plug('securityKey')
    await register('Security key', 'blue key')
    drawer.blue = await keys.unplug()
    const table = page.getByRole('table', { name: 'Authenticators' })
    expect(await table.getByRole('cell', { name: 'passkey', exact: true }).count()).toBe(2)
    expect(await table.getByRole('cell', { name: 'security key', exact: true }).count()).toBe(1)
  })

  test('is told so where a key is registered already', async () => {
    const keyboard = keyboardOf(page)
    await keys.plug('passkey', drawer.phone)
    await keyboard.press('Add an authenticator')
    await keyboard.dialog('Add an authenticator')
    await keyboard.press('Passkey')
    await keyboard.type(/^Name$/, 'again')
    await keyboard.key('Enter')
    await page.getByText('This key is already registered.').waitFor()
    await keyboard.key('Escape')
  })

  test('logs in by a passkey alone, which counts as two factors', async () => {
    await logOut()
    await logInByPasskey(drawer.laptop)
    await isIn()
    await page.goto(`${base}/me/account`)
    await page
      .getByText(/second factor/)
      .first()
      .waitFor()
    drawer.laptop = await keys.unplug()
  })

  test('logs in by password and security key', async () => {
    await logOut()
    await keys.plug('securityKey', drawer.blue)
    await typePassword()
    await page
      .getByRole('button', { name: 'Use your key' })
      .or(page.getByRole('button', { name: 'Security key or passkey' }))
      .first()
      .waitFor()
    if ((await page.getByRole('button', { name: 'Use your key' }).count()) === 0)
      await keyboardOf(page).press('Security key or passkey')
    await keyboardOf(page).press('Use your key')
    await isIn()
  })

  test('steps up with the key in place, and loses nothing typed', async () => {
    let asked = 0
    await page.route('**/graphql', async (route) => {
      const isRename = route.request().postData()?.includes('authenticatorRename') === true
      asked += Number(isRename)
      if (!isRename || asked > 1) return route.continue()
      await route.fulfill({
        status: 401,
        json: {
          errors: [
            { message: 'step up', extensions: { code: 'step-up-required', assurance: 'su', maxAgeSeconds: 300 } },
          ],
        },
      })
    })
    await page.goto(`${base}/me/authenticators`)
    const keyboard = keyboardOf(page)
    await page.getByRole('button', { name: 'Rename blue key' }).waitFor()
    await keyboard.press('Rename blue key')
    await keyboard.answer('Rename blue key', /^Name$/, 'blue key on my ring')
    await heading('Verify your identity')
    await keyboard.press('Use your key')
    await page.getByRole('table', { name: 'Authenticators' }).getByText('blue key on my ring').waitFor()
    await page.unroute('**/graphql')
    drawer.blue = await keys.unplug()
  })

  // ADR 018: who has only keys is not shut out of what needs a fresh one from a terminal.
  test("proves it by the key for a terminal's session, told what that means", async () => {
    const { deviceCode, userCode } = (await outside(base).mutate('auth.deviceStart')).data
    const keyboard = keyboardOf(page)
    const open = async (code: unknown): Promise<void> => {
      await page.goto(`${base}/device?user_code=${String(code)}`)
      await heading('Authorize device')
      await keyboard.press('Review request')
    }
    await open(userCode)
    await keyboard.press(/^Approve$/)
    await page.getByText('Device approved').waitFor()
    const { tokens } = (await outside(base).mutate('auth.devicePoll', { deviceCode })).data
    const terminal = outside(base, (tokens as { accessToken: string }).accessToken) // the page has just let it in
    expect((await terminal.mutate('backupCode.regenerate')).code).toBe('step-up-required')
    const { browser: asked } = (
      await terminal.mutate('auth.stepUpBegin', { inBrowser: true, client: 'gatehouse on laptop' })
    ).data
    await inDatabase("update session set proved_at = now() - interval '10 minutes' where proved_at is not null")
    await keys.plug('securityKey', drawer.blue)
    await open((asked as { userCode: string }).userCode) // it was asked for
    await page.getByRole('heading', { name: /^gatehouse on laptop requests to verify the identity of/ }).waitFor()
    await keyboard.press(/^Approve$/)
    await heading('Verify your identity')
    await keyboard.press('Use your key')
    await page.getByText('Identity verified', { exact: true }).waitFor()
    drawer.blue = await keys.unplug()
    expect((await terminal.mutate('backupCode.regenerate')).code).toBeNull()
  })

  test('removes a passkey with a reason, and it logs nobody in any more', async () => {
    const keyboard = keyboardOf(page)
    await page.goto(`${base}/me/authenticators`)
    await page.getByRole('button', { name: 'Remove phone' }).waitFor()
    await keyboard.press('Remove phone')
    await heading('Remove phone?')
    await keyboard.type('Reason', 'sold')
    await keyboard.key('Enter')
    await page.getByRole('status', { name: 'Notices' }).getByText('phone removed.').waitFor()
    await logOut()
    await logInByPasskey(drawer.phone)
    await notAccepted()
  })
})

describe('what a liar tries', () => {
  let elsewhere: Server

  beforeAll(async () => {
    elsewhere = createServer((_request, response) =>
      response.setHeader('content-type', 'text/html').end('<!doctype html><title>another page</title>'),
    )
    await new Promise<void>((resolve) => elsewhere.listen(0, 'localhost', resolve))
  })
  afterAll(() => {
    elsewhere?.close()
  })
  beforeEach(async () => {
    await keys.unplug()
    await context.clearCookies()
    await page.goto('about:blank')
  })

  /**
   * What a page at that address gets signed with the passkey that is plugged in; it may ask for less than the server
   * did.
   */
  async function signedAt(address: string, options: unknown, asked: object = {}): Promise<unknown> {
    await page.goto(address)
    const all = JSON.stringify({ ...(options as object), ...asked }) // the server's options are an object
    return page.evaluate(
      `navigator.credentials.get({ publicKey: PublicKeyCredential.parseRequestOptionsFromJSON(${all}) ` +
        '}).then((credential) => credential.toJSON())',
    )
  }
  const begin = async (): Promise<Readonly<Record<string, unknown>>> =>
    (await outside(base).mutate('auth.passkeyBegin')).data
  const complete = (id: unknown, assertion: unknown): Promise<Answer> =>
    outside(base).mutate('auth.passkeyComplete', { id, assertion })
  const blank = (): string => `${base}/favicon.svg`

  // Threat A15: a page that stands elsewhere has the person sign, and passes it on.
  test('a signature made at another origin logs nobody in', async () => {
    await keys.plug('passkey', drawer.laptop)
    const begun = await begin()
    const { port } = elsewhere.address() as AddressInfo // it listens on TCP
    const answer = await complete(begun['id'], await signedAt(`http://localhost:${port}/`, begun['options']))
    expect(answer.code).toBe('invalid-credentials')
    drawer.laptop = await keys.unplug()
  })

  // Threat A14: what was sent once is sent again.
  test('an assertion and its challenge are good once', async () => {
    await keys.plug('passkey', drawer.laptop)
    const begun = await begin()
    const assertion = await signedAt(blank(), begun['options'])
    expect((await complete(begun['id'], assertion)).status).toBe(200)
    expect((await complete(begun['id'], assertion)).code).toBe('invalid-credentials')
    expect((await complete((await begin())['id'], assertion)).code).toBe('invalid-credentials')
    drawer.laptop = await keys.unplug()
  })

  // Threat A13: a key that was found, without the finger or PIN of whom it belongs to.
  test('a passkey that did not verify its user logs nobody in', async () => {
    await keys.plug('passkey', drawer.laptop)
    const begun = await begin()
    const answer = await complete(
      begun['id'],
      await signedAt(blank(), begun['options'], { userVerification: 'discouraged' }),
    )
    expect(answer.code).toBe('invalid-credentials')
    drawer.laptop = await keys.unplug()
  })

  // Threat A13: a copy of a key counts on from where it was copied.
  test('a key whose counter has gone back is refused, in words', async () => {
    const copy = drawer.laptop.map((credential) => ({ ...credential, signCount: 1 }))
    await page.goto(base)
    await heading('Log in')
    await logInByPasskey(copy)
    await notAccepted()
  })

  test('nothing on the way was stopped by the content security policy, nor needed a mouse', () => {
    expect(complaints).toEqual([])
    expect(pointers()).toBe(0)
  })
})

// Must-have 17, invariants I4 and I5: what two people with keys let happen, and nobody else.
describe('emergency access, from the board to a shell, by keyboard', () => {
  let host: Awaited<ReturnType<typeof openHost>>
  let channels: Channels
  let admin: Outside
  let asking: AtBrowser
  let request: string
  let hash: unknown
  let token: string

  beforeAll(async () => {
    admin = await logIn(base, principalOf(dev, 'Admin'))
    host = await openHost(base, directory)
    const { address, port, user, hostPublicKeyLine } = host.sshd
    const registered = await admin.mutate('sshHost.register', {
      name: 'db-1',
      address,
      port,
      user,
      access: 'ca',
      hostKey: hostPublicKeyLine,
    })
    expect(registered.status, JSON.stringify(registered.body)).toBe(200)
    channels = await openChannels(admin, mail)
    asking = await sitDown(browser, base, principalOf(dev, 'Developer'))
  }, 60_000)
  afterAll(async () => {
    await host?.sshd.stop()
    await channels?.receiver.close()
  })

  const gatehouse = (words: readonly string[], env: NodeJS.ProcessEnv): Promise<Ran> =>
    runCommandLine({ words, env: { ...home.env, ...homeOf(directory, 'terminal'), ...env } })

  test('a request is made at the board, and two people of two teams sign it with their keys', async () => {
    request = await askAtBoard(asking, base)
    for (const [role, kind] of [
      ['Admin', 'passkey'],
      ['Operator', 'securityKey'],
    ] as const) {
      const approver = await sitDown(browser, base, principalOf(dev, role))
      await approver.page.setViewportSize({ width: 360, height: 740 })
      await approver.keys.plug(kind)
      await registerKey(approver, { base, kind: kind === 'passkey' ? 'Passkey' : 'Security key', name: 'my key' })
      await approveAtBoard(approver, base)
      expect([approver.complaints, approver.pointers()]).toEqual([[], 0])
      await approver.page.context().close()
    }
    await asking.page.getByRole('complementary').getByText('Approved. The requester can activate it now.').waitFor()
    const read = (await admin.query('breakGlass.get', { id: request })).data
    hash = read['hash']
    expect(read['approvals']).toMatchObject([
      { principal: 'ada-admin', team: 'platform-admin', method: 'webauthn', uncounted: null },
      { principal: 'olga-operator', team: 'sre', method: 'webauthn', uncounted: null },
    ])
  })

  test('nobody else does more by it: not a Viewer, not a stranger, not who asked before it is active', async () => {
    const viewer = await logIn(base, principalOf(dev, 'Viewer'))
    for (const [caller, code] of [
      [viewer, 'not-found'],
      [outside(base), 'unauthenticated'],
    ] as const)
      for (const name of ['approve', 'approveOptions', 'activate'])
        expect([
          name,
          (await caller.mutate(`breakGlass.${name}`, { id: request, ...(name === 'approve' && { hash }) })).code,
        ]).toEqual([name, code])
    expect((await viewer.query('breakGlass.get', { id: request })).code).toBe('not-found')
  })

  test('who asked activates it, and is on a real host with it; each place is told once', async () => {
    await asking.keyboard.press(/^Activate$/)
    await asking.keyboard.dialog('Activate emergency access?')
    await asking.keyboard.press(/^Activate$/)
    await asking.keyboard.dialog('Emergency access is active')
    await asking.keyboard.press('Reveal emergency token')
    token = (await asking.page.getByLabel('emergency token', { exact: true }).textContent())?.trim() ?? ''
    const env = { GATEHOUSE_TOKEN: token }
    const ran = await gatehouse(['ssh', 'connect', 'db-1', '--', 'id', '-un'], env)
    expect(ran).toMatchObject({ code: 0, out: `${host.sshd.user}\n` })
    expect(ran.err).toMatch(/audited\nrevoked\n$/)
    for (const outsideOfIt of ['policy.list', 'user.list', 'lease.list'])
      expect([outsideOfIt, (await outside(base, token).query(outsideOfIt)).status]).toEqual([outsideOfIt, 403])
    await expect
      .poll(() => toldOfSession(channels), { timeout: 15_000 })
      .toEqual({ webhook: 1, slack: 1, pagerduty: 1, mail: 1 })
    expect(allSigned(channels)).toBe(true)
  })

  test('ended by an approver it is over at once: for its token, and for its certificate on the host', async () => {
    const key = await certificateOf(outside(base, token), { host: 'db-1', directory })
    expect(await sshPrints(key, host.sshd)).toBe(host.sshd.user)
    const { items } = (await admin.query('emergencySession.list', { state: 'active' })).data
    const [session] = items as { id: string; request: string }[] // fixed by the interface
    expect(session).toMatchObject({ request })
    const ended = await gatehouse(
      ['emergency-session', 'revoke', session?.id ?? '', '--reason', 'the database is back', '--yes'],
      { GATEHOUSE_TOKEN: admin.token ?? '' },
    )
    expect(ended.code, ended.err).toBe(0)
    expect((await outside(base, token).query('sshHost.list')).code).toBe('unauthenticated')
    expect((await gatehouse(['ssh', 'connect', 'db-1', '--', 'id'], { GATEHOUSE_TOKEN: token })).code).not.toBe(0)
    await host.takeKrl()
    expect(await sshPrints(key, host.sshd)).toBeNull()
    expect(host.sshd.log()).toContain('revoked')
  })

  test('its export is proved by the keys that signed, without a server', async () => {
    const env = { GATEHOUSE_TOKEN: admin.token ?? '' }
    const exported = await gatehouse(['break-glass', 'export', request, '--quiet'], env)
    expect(exported.code, exported.err).toBe(0)
    const file = join(directory, 'request.json')
    const verify = async (text: string): Promise<Ran> => {
      await writeFile(file, text)
      return gatehouse(['break-glass', 'verify', file], { GATEHOUSE_URL: 'http://127.0.0.1:9', GATEHOUSE_TOKEN: '' })
    }
    expect(await verify(exported.out)).toMatchObject({ code: 0, out: 'all of it fits: 2 signed by keys\n' })
    expect((await verify(exported.out)).err).toContain('--key')
    expect((await verify(exported.out.replace('payments fail', 'payments fall'))).code).toBe(1)
  })

  test('the board says so, for everybody, and needed no mouse', async () => {
    const operator = await logIn(base, principalOf(dev, 'Operator'))
    const other = await operator.mutate('breakGlass.request', {
      incident: 'OPS-9',
      severity: 'high',
      workspace: 'default',
      actions: ['lease.list'],
      justification: 'leases of a host that is gone are in the way',
    })
    expect(other.status, JSON.stringify(other.body)).toBe(200)
    const panel = asking.page.getByRole('complementary')
    const incidentLink = (name: string) => panel.getByRole('link', { name, exact: true })
    await asking.page.goto(`${base}/emergency/requests/${request}`)
    await panel.getByText('The emergency session has ended.').waitFor()
    await incidentLink('INC-4711').waitFor()
    // an incident that they neither opened nor lead does not exist for them: there is no way to it
    await asking.page.goto(`${base}/emergency/requests/${String(other.data['id'])}`)
    await panel.getByText('OPS-9', { exact: true }).waitFor()
    expect(await incidentLink('OPS-9').count()).toBe(0)
    await asking.page.goto(`${base}/emergency/requests/${request}`)
    await panel.getByText('The emergency session has ended.').waitFor()
    await asking.page.setViewportSize({ width: 360, height: 740 })
    expect(await seriousProblems(asking.page)).toEqual([])
    expect([asking.complaints, asking.pointers()]).toEqual([[], 0])
  })
})
