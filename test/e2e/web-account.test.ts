import { chromiumFlags, chromiumPath, startGatewayHome, type GatewayFacts, type GatewayHome } from '@gatehouse/testkit'
import { chromium, type Browser, type Page, type Request } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import {
  baseOf,
  freshTotp,
  logIn as logInOutside,
  outside,
  principalOf,
  type SeedPrincipal,
} from './support/outside.ts'
import { complaintsOf, countPointers, keyboardOf } from './support/person.ts'

let home: GatewayHome
let dev: GatewayFacts
let base: string
let browser: Browser

beforeAll(async () => {
  home = await startGatewayHome()
  dev = home.dev()
  base = baseOf(dev)
  browser = await chromium.launch({ executablePath: chromiumPath(), args: [...chromiumFlags()] })
}, 240_000)
afterAll(async () => {
  await browser?.close()
  await home?.remove()
})

const heading = (page: Page, name: string): Promise<void> =>
  page.getByRole('heading', { name, exact: true }).first().waitFor()

/** Logs in where the page stands, by keyboard. */
async function logIn(page: Page, { username, password, totpSecret }: SeedPrincipal): Promise<void> {
  const keyboard = keyboardOf(page)
  await heading(page, 'Log in')
  await keyboard.type('User name', username)
  await keyboard.type('Password', password)
  await keyboard.key('Enter')
  await page.getByLabel('Code from your authenticator app').waitFor()
  await keyboard.type('Code from your authenticator app', await freshTotp(totpSecret))
  await keyboard.key('Enter')
}

describe('a device that shows a code', () => {
  let page: Page
  let complaints: readonly string[]
  const start = async (): Promise<Readonly<Record<string, unknown>>> =>
    (await outside(base).mutate('auth.deviceStart', { client: 'gatehouse' })).data
  const poll = async (deviceCode: unknown): Promise<Readonly<Record<string, unknown>>> =>
    (await outside(base).mutate('auth.devicePoll', { deviceCode })).data

  beforeAll(async () => {
    page = await (await browser.newContext()).newPage()
    complaints = complaintsOf(page)
  })

  test('is let in by keyboard alone, after its person has seen who asks and has been warned', async () => {
    const grant = await start()
    await page.goto(String(grant['verificationUriComplete']))
    await logIn(page, principalOf(dev, 'Developer'))
    await heading(page, 'Authorize device')
    const keyboard = keyboardOf(page)
    await keyboard.press('Review request')
    await page.getByRole('heading', { name: /gatehouse requests to log in as/ }).waitFor()
    await page.getByText('Approve only requests that you have just started yourself.').waitFor()
    await keyboard.press('Approve')
    await page.getByText('Device approved').waitFor()
    expect(await poll(grant['deviceCode'])).toMatchObject({
      state: 'used',
      tokens: { accessToken: expect.stringMatching(/^eyJ/) },
    })
  })

  test('is turned away when its person denies it', async () => {
    const grant = await start()
    await page.goto(String(grant['verificationUri']))
    await heading(page, 'Authorize device')
    const keyboard = keyboardOf(page)
    await keyboard.type('Code', String(grant['userCode']))
    await keyboard.key('Enter')
    await keyboard.press('Deny')
    await page.getByText('Request denied').waitFor()
    expect(await poll(grant['deviceCode'])).toMatchObject({ state: 'denied', tokens: null })
  })

  // Threat A13: whoever looked first is the only one who may decide, and a stranger learns nothing of the code.
  test('that somebody else looked at first is told of like a code that never was', async () => {
    const grant = await start()
    const other = await (await browser.newContext()).newPage()
    await other.goto(String(grant['verificationUriComplete']))
    await logIn(other, principalOf(dev, 'Viewer'))
    await heading(other, 'Authorize device')
    await keyboardOf(other).press('Review request')
    await other.getByRole('button', { name: 'Approve' }).waitFor()
    for (const code of [String(grant['userCode']), 'BCDF-BCDF']) {
      await page.goto(`${base}/device?code=${code}`)
      await heading(page, 'Authorize device')
      await keyboardOf(page).press('Review request')
      await page.getByText('No request found for this code.').waitFor()
    }
    await other.context().close()
  })

  test('nothing on the way was stopped by the content security policy', () => {
    expect(complaints).toEqual([])
  })
})

/** Keeps back what a page asks by itself and has not given up, until all of it is let go and answered. */
async function holdBackgroundCalls(page: Page) {
  const letGo = Promise.withResolvers<void>()
  const underWay = new Map<Request, Promise<unknown>>()
  const refused = page.waitForResponse((response) => response.request().postData()?.includes('authRefresh') === true)
  page.on('requestfailed', (request) => void underWay.delete(request))
  await page.route('**/graphql', async (route) => {
    const request = route.request()
    if (request.headers()['gatehouse-activity'] === 'background') {
      const { promise, resolve } = Promise.withResolvers<void>()
      underWay.set(request, promise)
      page.on('requestfinished', (finished) => finished === request && resolve())
      await letGo.promise
    }
    await route.continue().catch(() => undefined) // what was given up meanwhile goes nowhere
  })
  return {
    count: () => underWay.size,
    release: async () => {
      letGo.resolve()
      await Promise.all(underWay.values())
      await (await refused).finished()
      await page.evaluate('new Promise((resolve) => requestAnimationFrame(resolve))')
      await page.unroute('**/graphql')
    },
  }
}

describe('a session that nobody uses', () => {
  test('asks whether anybody is there, stays for an answer, else ends and comes back to the same place', async () => {
    const page = await (await browser.newContext()).newPage()
    await page.clock.install()
    await page.goto(`${base}/me/sessions`)
    await logIn(page, principalOf(dev, 'Admin'))
    await heading(page, 'Your sessions')
    await page.clock.fastForward('28:30')
    await heading(page, 'Are you still there?')
    await page.getByText('2 min left').waitFor({ state: 'attached' })
    await keyboardOf(page).press('Stay logged in')
    await page.getByRole('heading', { name: 'Are you still there?' }).waitFor({ state: 'detached' })
    const held = await holdBackgroundCalls(page)
    // what is asked for now is under way at the end: no answer is waited for longer than two minutes
    await page.clock.fastForward('29:00')
    await expect.poll(held.count).toBeGreaterThan(0)
    await page.clock.fastForward('01:10')
    await heading(page, 'Log in')
    expect(held.count()).toBeGreaterThan(0)
    await page.getByText('You were logged out.').waitFor()
    // what was under way is answered now, that nobody is logged in: it must not take the reason away
    await held.release()
    await page.getByText('You were logged out.').waitFor()
    expect(new URL(page.url()).pathname).toBe('/me/sessions')
    await logIn(page, principalOf(dev, 'Admin'))
    await heading(page, 'Your sessions')
    await page.context().close()
  }, 90_000)

  test('is not kept alive by what its page asks by itself', async () => {
    const page = await (await browser.newContext()).newPage()
    await page.clock.install()
    await page.goto(base)
    const firstAsked = ['alertList', 'emergencySessionList'].map((field) =>
      page.waitForResponse((response) => response.request().postData()?.includes(field) === true),
    )
    await logIn(page, principalOf(dev, 'Admin', 1))
    await heading(page, 'Overview')
    await Promise.all(firstAsked) // what a page asks when it is opened is asked for its person
    const asked: (string | undefined)[] = []
    page.on('request', (request) => {
      if (request.url().endsWith('/graphql')) asked.push(request.headers()['gatehouse-activity'])
    })
    await page.clock.fastForward('01:00')
    await expect.poll(() => asked.length).toBeGreaterThan(0)
    expect(new Set(asked)).toEqual(new Set(['background']))
    asked.length = 0
    await keyboardOf(page).press(/^SSH hosts$/)
    await expect.poll(() => asked).toContain(undefined)
    await page.context().close()
  }, 60_000)
})

describe('what happened to an account', () => {
  test('is told to its person, counted in the menu, and read by keyboard', async () => {
    const page = await (await browser.newContext()).newPage()
    await page.goto(`${base}/me/notices`)
    await logIn(page, principalOf(dev, 'Developer'))
    await heading(page, 'Notices')
    await page.getByRole('link', { name: /Notices.*unread/ }).waitFor()
    await keyboardOf(page).press('Mark all as read')
    await page.getByRole('link', { name: 'Notices', exact: true }).waitFor()
    // the menu and the table are read anew side by side
    const unread = page.getByRole('table', { name: 'Notices' }).getByText('unread', { exact: true })
    await expect.poll(() => unread.count()).toBe(0)
    await page.context().close()
  })
})

// Nothing here touches a mouse: each place is reached by Tab, each thing done by typing. First steps, hosts and
// credentials are done so in `web.test.ts`, keys in
// `web-passkeys.test.ts`, the administration in `web-admin.test.ts`.
describe("one's own account, by keyboard alone", () => {
  let page: Page
  let keyboard: ReturnType<typeof keyboardOf>
  let pointers: () => number
  const button = (name: string): Promise<void> => page.getByRole('button', { name, exact: true }).first().waitFor()
  const told = (text: string): Promise<void> =>
    page.getByRole('status', { name: 'Notices' }).getByText(text).first().waitFor()
  /** Opens a place by its address, as a bookmark does, and waits for its heading. */
  const open = async (path: string, name: string): Promise<void> => {
    await page.goto(base + path)
    await heading(page, name)
  }

  beforeAll(async () => {
    page = await (await browser.newContext()).newPage()
    keyboard = keyboardOf(page)
    pointers = await countPointers(page)
  })

  test('begins with a log-in by password and code', async () => {
    await page.goto(base)
    await logIn(page, principalOf(dev, 'Operator'))
    await heading(page, 'Overview')
  })

  test('names an authenticator anew', async () => {
    await open('/me/authenticators', 'Authenticators')
    await page
      .getByRole('button', { name: /^Rename/ })
      .first()
      .waitFor()
    await keyboard.press('Rename')
    await page.getByRole('dialog').waitFor()
    await keyboard.type('Name', 'phone of the night')
    await keyboard.key('Enter')
    await page.getByText('phone of the night').first().waitFor()
  })

  test('makes backup codes, and activates them by entering one', async () => {
    await open('/me/authenticators', 'Authenticators')
    await button('Generate codes')
    await keyboard.press('Generate codes')
    await keyboard.dialog('New backup codes')
    await page.getByRole('button', { name: 'Reveal backup codes' }).waitFor()
    await keyboard.press('Reveal backup codes')
    const [code = ''] = (await page.getByLabel('backup codes', { exact: true }).innerText()).split('\n')
    await keyboard.type('Enter one of the codes', code)
    await keyboard.key('Enter')
    await page.getByText(/^10 of 10 left/).waitFor()
  })

  test('makes a token for a script, which reads, and takes it back', async () => {
    await open('/me/new-token', 'Create a token')
    await keyboard.type(/^Name$/, 'report')
    await keyboard.choose('Expires after', '7 days')
    await keyboard.type(/^Purpose$/, 'a report of the night')
    await keyboard.press('Create token')
    await heading(page, 'report created')
    await keyboard.press('Reveal token')
    const script = outside(base, (await page.getByLabel('token', { exact: true }).innerText()).trim())
    expect((await script.query('lease.list')).code).toBeNull()
    await keyboard.press('View your tokens')
    await button('Revoke report')
    await keyboard.press('Revoke report')
    await keyboard.answer('Revoke report?', 'Reason', 'only a try')
    await told('report revoked.')
    expect((await script.query('lease.list')).code).toBe('unauthenticated')
  })

  test('ends the sessions that are not this one', async () => {
    const elsewhere = await logInOutside(base, principalOf(dev, 'Operator'))
    await open('/me/sessions', 'Your sessions')
    await button('End all others')
    await keyboard.press('End all others')
    await keyboard.answer('End all other sessions?', 'Reason', 'none of them is mine')
    await told('1 session ended.')
    expect((await elsewhere.query('auth.whoami')).code).toBe('unauthenticated')
  })

  test('changes the password', async () => {
    const { username, password } = principalOf(dev, 'Operator')
    await open('/me/account', 'Account')
    await keyboard.type('Current password', password)
    await keyboard.type(/^New password$/, 'quiet harbour seven lamps')
    await keyboard.type(/^Confirm new password$/, 'quiet harbour seven lamps')
    await keyboard.key('Enter')
    await told('Password changed. Your other sessions have ended.')
    expect((await outside(base).mutate('auth.login', { username, password })).code).toBe('invalid-credentials')
  })

  test('looks at the sessions and logs out', async () => {
    await open('/me/sessions', 'Your sessions')
    await keyboard.press(/^Log out$/)
    await heading(page, 'Log in')
    expect((await page.context().cookies(base)).filter(({ name }) => /access|refresh/.test(name))).toEqual([])
    expect(pointers()).toBe(0)
  })
})
