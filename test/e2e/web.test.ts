import { readFileSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import {
  chromiumFlags,
  chromiumPath,
  sampleOf,
  startGatewayHome,
  startSshd,
  type GatewayFacts,
  type GatewayHome,
  type TestSshd,
} from '@gatehouse/testkit'
import { chromium, type Browser, type BrowserContext, type Page, type Route } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { seriousProblems } from './support/axe.ts'
import { baseOf, freshTotp, principalOf, type SeedPrincipal } from './support/outside.ts'
import { complaintsOf, keyboardOf } from './support/person.ts'

const newPassword = 'granite ferry saddle orbit'

let home: GatewayHome
let dev: GatewayFacts
let base: string
let sshd: TestSshd
let directory: string
let authorizedKeys: string
let browser: Browser

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'gatehouse-web-e2e-'))
  home = await startGatewayHome()
  dev = home.dev()
  base = baseOf(dev)
  authorizedKeys = join(directory, 'authorized_keys')
  sshd = await startSshd({
    trustedUserCaKeys: await (await fetch(`${base}/ssh/ca.pub`)).text(),
    authorizedKeysFile: authorizedKeys,
  })
  browser = await chromium.launch({ executablePath: chromiumPath(), args: [...chromiumFlags()] })
}, 240_000)
afterAll(async () => {
  await browser?.close()
  await sshd?.stop()
  await home?.remove()
  await rm(directory, { recursive: true, force: true })
})

const heading = (page: Page, name: string): Promise<void> =>
  page.getByRole('heading', { name, exact: true }).first().waitFor()

/** Holds every answer to an operation back until the returned function is called. */
async function holdAnswers(page: Page, operation: string): Promise<() => void> {
  const released = Promise.withResolvers<void>()
  await page.route('**/graphql', async (route) => {
    if (route.request().postData()?.includes(operation) === true) await released.promise
    await route.continue()
  })
  return released.resolve
}

/** Logs in as a seed principal, by password and code. */
async function logIn(context: BrowserContext, principal: SeedPrincipal): Promise<Page> {
  const page = await context.newPage()
  await page.goto(base)
  await page.getByLabel('User name').fill(principal.username)
  await page.getByLabel('Password').fill(principal.password)
  await page.keyboard.press('Enter')
  await page.getByLabel('Code from your authenticator app').fill(await freshTotp(principal.totpSecret))
  await page.keyboard.press('Enter')
  await heading(page, 'Overview')
  return page
}

/**
 * Threats F4 and F5: the page believes nothing that the server says of an entry. An answer that was changed on its way
 * is red, whatever of it was changed, and what the browser remembers of the log stays.
 */
async function provesItself(page: Page): Promise<void> {
  const keyboard = keyboardOf(page)
  const panel = page.getByRole('complementary')
  await keyboard.press('Verify in this browser')
  await panel.getByText('Verified in this browser.').waitFor()
  await panel.getByText(/this browser sees for the first time/).waitFor()
  const kept = await page.evaluate<string>('localStorage.getItem("gatehouse.checkpoint")')
  expect(kept).toMatch(/\n\d+\n/)
  const forged = [
    [String.raw`\"action\":\"lease.revoke\"`, String.raw`\"action\":\"lease.renew\"`, 'is not the one that was hashed'],
    ['"checkpoint":"', '"checkpoint":"x', "was not signed by the log's key"],
  ] as const
  for (const [from, to, words] of forged) {
    await page.route('**/graphql', async (route) => {
      if (route.request().postData()?.includes('AuditProof') !== true) return route.continue()
      const response = await route.fetch()
      const text = await response.text()
      expect(text).toContain(from)
      await route.fulfill({ response, body: text.replace(from, to) })
    })
    await keyboard.press('Verify again')
    await panel.getByRole('alert').getByText('This entry is not proved.').waitFor()
    await panel.getByText(words).waitFor()
    await page.unroute('**/graphql')
  }
  expect(await page.evaluate('localStorage.getItem("gatehouse.checkpoint")')).toBe(kept)
  await keyboard.press('Verify again')
  await panel.getByText(/The log goes on from the \d+ entries/).waitFor()
}

describe('by keyboard only, under the strict content security policy', () => {
  let page: Page
  let complaints: readonly string[]
  let secret: string
  let backupCode: string

  beforeAll(async () => {
    page = await (await browser.newContext()).newPage()
    complaints = complaintsOf(page)
  })

  test('the administrator chooses a password and enrols a second factor', async () => {
    const keyboard = keyboardOf(page)
    await page.goto(base)
    await heading(page, 'Log in')
    await keyboard.type('User name', dev.admin.username)
    await keyboard.type('Password', dev.admin.oneTimePassword ?? '')
    await keyboard.key('Enter')
    await heading(page, 'Choose your password')
    await keyboard.type('One-time password', dev.admin.oneTimePassword ?? '')
    await keyboard.type('New password', newPassword)
    await keyboard.key('Tab')
    await keyboard.type('Confirm new password', newPassword)
    await keyboard.key('Enter')
    await heading(page, 'Add your second factor')
    await keyboard.press('Authenticator app')
    await page.getByRole('textbox', { name: 'Name' }).waitFor()
    await keyboard.press('Show the QR code')
    await page.getByLabel('setup key', { exact: true }).waitFor()
    secret = (await page.getByLabel('setup key', { exact: true }).innerText()).replaceAll(/\s/g, '')
    await keyboard.type('Code from the app', await freshTotp(secret))
    await keyboard.key('Enter')
    await heading(page, 'Save your backup codes')
  })

  test('they make backup codes, reveal them, and activate them by entering one', async () => {
    const keyboard = keyboardOf(page)
    await keyboard.press('Generate codes')
    await page.getByRole('button', { name: 'Reveal backup codes' }).waitFor()
    await keyboard.press('Reveal backup codes')
    const codes = (await page.getByLabel('backup codes', { exact: true }).innerText()).split('\n')
    expect(codes).toHaveLength(10)
    await keyboard.type('Enter one of the codes', codes[0] ?? '')
    await keyboard.key('Enter')
    await heading(page, 'Overview')
    backupCode = codes[1] ?? ''
  })

  test('they come back by a backup code, are told what that means, and add an authenticator in its time', async () => {
    const keyboard = keyboardOf(page)
    await keyboard.press('Log out')
    await heading(page, 'Log in')
    await keyboard.type('User name', dev.admin.username)
    await keyboard.type('Password', newPassword)
    await keyboard.key('Enter')
    await page.getByLabel('Code from your authenticator app').waitFor()
    await keyboard.press('Backup code')
    await page.getByRole('textbox', { name: 'Backup code' }).waitFor()
    await keyboard.type('Backup code', backupCode)
    await keyboard.key('Enter')
    await heading(page, 'Authenticators')
    await page.getByText('You logged in with a backup code.').waitFor()
    await keyboard.press('Add an authenticator')
    await keyboard.press('Authenticator app')
    await page.getByRole('textbox', { name: 'Name' }).waitFor()
    await keyboard.type('Name', 'new phone')
    await keyboard.press('Show the QR code')
    await page.getByLabel('setup key', { exact: true }).waitFor()
    secret = (await page.getByLabel('setup key', { exact: true }).innerText()).replaceAll(/\s/g, '')
    await keyboard.type('Code from the app', await freshTotp(secret))
    await keyboard.key('Enter')
    await page.getByRole('table', { name: 'Authenticators' }).getByText('new phone').waitFor()
  })

  test('they log out, and in again with password and code', async () => {
    const keyboard = keyboardOf(page)
    await keyboard.press('Log out')
    await heading(page, 'Log in')
    await keyboard.type('User name', dev.admin.username)
    await keyboard.type('Password', newPassword)
    await keyboard.key('Enter')
    await page.getByLabel('Code from your authenticator app').waitFor()
    await keyboard.type('Code from your authenticator app', await freshTotp(secret))
    await keyboard.key('Enter')
    await heading(page, 'Authenticators') // where they were
  })

  test('they register a host, reaching the form by the palette before it is known what they may do', async () => {
    const keyboard = keyboardOf(page)
    const release = await holdAnswers(page, 'accessMine')
    await page.reload()
    await heading(page, 'Authenticators')
    await keyboard.key('ControlOrMeta+K')
    await keyboard.type('Search or run a command', 'register')
    await keyboard.key('Enter')
    await page.getByRole('status').getByText('Searching …').waitFor()
    release()
    await heading(page, 'Register a host')
    await keyboard.type('Name', 'web-e2e')
    await keyboard.type('Address', sshd.address)
    await keyboard.type('Port', String(sshd.port))
    await keyboard.type('Account', sshd.user)
    await keyboard.type('Keys file', authorizedKeys)
    await keyboard.press('Register')
    await page.waitForURL(/\/access\/hosts\/.+/)
    await heading(page, 'web-e2e')
  })

  test('who has come to a button by keyboard stays on it when it becomes known what they may do', async () => {
    const keyboard = keyboardOf(page)
    const release = await holdAnswers(page, 'accessMine')
    await page.reload()
    await heading(page, 'web-e2e')
    await keyboard.tabTo('Issue a credential')
    await page.evaluate('globalThis.reached = document.activeElement')
    const isBusy = (): Promise<boolean> => page.evaluate<boolean>('reached.matches("[aria-busy=true]")')
    expect(await isBusy()).toBe(true)
    release()
    await expect.poll(isBusy).toBe(false)
    expect(await page.evaluate('reached === document.activeElement')).toBe(true)
  })

  test('they issue a key for it, put it on the host, and see it live', async () => {
    const keyboard = keyboardOf(page)
    await keyboard.press('Issue a credential')
    await heading(page, 'Issue a credential')
    await keyboard.type('Purpose', 'prove the browser')
    await keyboard.press('Generate')
    await heading(page, 'Your credential')
    await keyboard.press('Reveal')
    expect(await page.getByLabel('private key', { exact: true }).innerText()).toContain('BEGIN OPENSSH PRIVATE KEY')
    await keyboard.press('Deploy to web-e2e')
    await page.getByText('deployed', { exact: true }).waitFor()
    expect(readFileSync(authorizedKeys, 'utf8')).toContain('expiry-time=')
  })

  test('they revoke it with a reason, and the host no longer holds it', async () => {
    const keyboard = keyboardOf(page)
    await keyboard.press('View lease')
    await page.waitForURL(/\/access\/leases\/.+/)
    await page.getByRole('complementary').getByText('active', { exact: true }).waitFor()
    await keyboard.press(/^Revoke$/)
    await keyboard.dialog('Revoke this credential?')
    await keyboard.type('Reason', 'proved')
    await keyboard.press(/^Revoke$/)
    await page.getByRole('complementary').getByText('revoked', { exact: true }).waitFor()
    expect(readFileSync(authorizedKeys, 'utf8')).not.toContain('expiry-time=')
  })

  test('they find it in the audit viewer, with the decision, and the audit log verifies', async () => {
    const keyboard = keyboardOf(page)
    await keyboard.press('Audit log')
    await heading(page, 'Audit log')
    await keyboard.type('Action', 'lease.revoke')
    await page.waitForURL(/action=lease\.revoke/)
    await page.getByRole('link', { name: 'lease.revoke' }).first().waitFor()
    await keyboard.press(/^lease\.revoke$/)
    await page.waitForURL(/\/record\/audit\/.+action=lease\.revoke/)
    const panel = page.getByRole('complementary')
    await panel.getByText('allow', { exact: true }).waitFor()
    expect(await panel.getByText('proved').count()).toBeGreaterThan(0)
    await provesItself(page)
    await keyboard.key('Escape')
    await page.waitForURL(/\/record\/audit\?action=lease\.revoke/)
    expect(await page.evaluate('document.activeElement?.textContent')).toBe('lease.revoke') // to go on from there
    await keyboard.press('Show summary')
    await page.getByRole('heading', { name: /^Summary of \d+ entr/ }).waitFor()
    await keyboard.press('Save search')
    await keyboard.answer('Save this search', 'Name', 'revocations')
    const saved = page.getByRole('navigation', { name: 'Saved searches' }).getByRole('link', { name: 'revocations' })
    await saved.waitFor()
    expect(await saved.getAttribute('href')).toBe('/record/audit?action=lease.revoke')
    await keyboard.press('Verify audit log')
    await page.getByText(/Audit log verified: \d+ entries/).waitFor()
  })

  test('they export what they searched for, and get a whole file with its signed manifest', async () => {
    const keyboard = keyboardOf(page)
    await page.evaluate('delete globalThis.showSaveFilePicker') // nobody is there to say where a file shall go
    await keyboard.press(/^Export$/)
    await heading(page, 'Export audit log')
    expect(page.url()).toContain('action=lease.revoke')
    const [file] = await Promise.all([page.waitForEvent('download'), keyboard.press(/^Export$/)])
    const lines = readFileSync(await file.path(), 'utf8')
      .trim()
      .split('\n')
    expect(lines.map((line) => (JSON.parse(line) as { action: string }).action)).toContain('lease.revoke')
    await page.getByText(/^Exported \d+ entr/).waitFor()
    const [manifest] = await Promise.all([page.waitForEvent('download'), keyboard.press('Save manifest')])
    expect(readFileSync(await manifest.path(), 'utf8')).toContain(`rows ${lines.length}\n`)
    expect(manifest.suggestedFilename()).toBe(`${file.suggestedFilename()}.manifest`)
  })

  test('nothing on the way was stopped by the policy, and nothing broke', () => {
    expect(complaints).toEqual([])
  })
})

describe('an operator with a mouse', () => {
  let context: BrowserContext
  let page: Page

  beforeAll(async () => {
    context = await browser.newContext()
    page = await logIn(context, principalOf(dev, 'Operator'))
  })
  afterAll(() => context?.close())

  // The form must outlive the question: losing what was typed teaches people to keep things in a file.
  test('is told of an answer that was lost, asked for a code in place, and loses nothing typed', async () => {
    let asked = 0
    await page.route('**/graphql', async (route) => {
      const isGenerate = route.request().postData()?.includes('sshKeyGenerate') === true
      asked += Number(isGenerate)
      if (!isGenerate || asked > 2) return route.continue()
      if (asked === 1) return route.abort()
      await route.fulfill({
        status: 401,
        json: {
          errors: [
            { message: 'step up', extensions: { code: 'step-up-required', assurance: 'su', maxAgeSeconds: 300 } },
          ],
        },
      })
    })
    await page.goto(`${base}/access/issue?host=web-e2e`)
    await page.getByLabel('Purpose').fill('kept through the question')
    await page.getByRole('button', { name: 'Generate' }).click()
    await page.getByRole('alert').getByText('The change may have been made: look before you repeat it.').waitFor()
    await page.getByRole('button', { name: 'Generate' }).click()
    await heading(page, 'Verify your identity')
    await page
      .getByLabel('Code from your authenticator app')
      .fill(await freshTotp(principalOf(dev, 'Operator').totpSecret))
    await page.keyboard.press('Enter')
    await heading(page, 'Your credential')
    await page.unroute('**/graphql')
    await page
      .getByRole('button', { name: 'Copy private key' })
      .click()
      .catch(() => undefined) // without a clipboard the reveal takes it
    await page.getByRole('button', { name: 'Reveal private key' }).click()
    await page.getByRole('link', { name: 'View lease' }).click()
    await page.getByRole('complementary').getByText('kept through the question').waitFor()
  })

  test('sees a lease that another session issued without asking again', async () => {
    const elsewhere = await browser.newContext()
    const other = await logIn(elsewhere, principalOf(dev, 'Admin'))
    await page.goto(`${base}/access/leases`)
    await page.getByText('live', { exact: true }).waitFor()
    await other.goto(`${base}/access/issue?host=web-e2e`)
    await other.getByLabel('Purpose').fill('seen live')
    await other.getByRole('button', { name: 'Generate' }).click()
    await heading(other, 'Your credential')
    await page
      .getByRole('row', { name: /seen live/ })
      .getByText('active')
      .or(page.getByRole('row', { name: /seen live/ }).getByText('pending'))
      .waitFor()
    // not every lease is of a host
    await page.getByRole('columnheader', { name: 'Access', exact: true }).waitFor()
    await elsewhere.close()
  })

  // Two tabs that refresh at once would use one refresh token twice, and the server ends a family for that.
  test('keeps the session when two tabs find their access token dead at once', async () => {
    const tabs = [page, await context.newPage()]
    await tabs[1]?.goto(`${base}/me/sessions`)
    await page.goto(`${base}/me/sessions`)
    await Promise.all(tabs.map((tab) => heading(tab, 'Your sessions')))
    const cookies = await context.cookies(base)
    const access = cookies.filter(({ name }) => /access/i.test(name))
    expect(access).toHaveLength(1)
    for (const { name } of access) await context.clearCookies({ name })
    await Promise.all(tabs.map((tab) => tab.reload()))
    await Promise.all(tabs.map((tab) => tab.getByRole('table', { name: 'Sessions' }).waitFor()))
    expect((await context.cookies(base)).some(({ name }) => /access/i.test(name))).toBe(true)
    await tabs[1]?.close()
  })

  test('finds no token anywhere that a script could read', async () => {
    const readable = await page.evaluate<string>(
      'document.cookie + JSON.stringify(localStorage) + JSON.stringify(sessionStorage)',
    )
    expect(readable).not.toMatch(/eyJ|token/i)
  })
})

describe('a viewer', () => {
  test('is told which policy says no, in words, and whom to ask', async () => {
    const context = await browser.newContext()
    const page = await logIn(context, principalOf(dev, 'Viewer'))
    await page.goto(`${base}/record/audit`)
    await page.getByRole('heading', { name: /You don't have permission to search the audit log/ }).waitFor()
    await page.getByText(/viewer-no-audit-log — \w+/).waitFor()
    expect(await page.getByRole('alert').innerText()).toMatch(/viewer-no-audit-log[\s\S]+ask an administrator/)
    await context.close()
  })
})

describe('plain http at an address of the local net', () => {
  test('says at once that log-in needs https or localhost, asks the server nothing, has no dead button', async () => {
    const context = await browser.newContext()
    const page = await context.newPage()
    const asked: string[] = []
    await page.route('http://192.0.2.7:8420/**', async (route) => {
      const { pathname } = new URL(route.request().url())
      asked.push(pathname)
      await route.fulfill({ response: await route.fetch({ url: base + pathname }) })
    })
    await page.goto('http://192.0.2.7:8420/access/leases')
    await heading(page, 'Secure connection required')
    await page.getByText('[tls]').waitFor()
    await page.getByText('ssh -L 8420:localhost:8420 192.0.2.7').waitFor()
    expect(await page.getByRole('button').count()).toBe(0)
    expect(asked).not.toContain('/graphql')
    await context.close()
  })
})

describe('a page that cannot learn who is here', () => {
  test('says that it loads, gives up an answer that does not come, and comes up when the server does', async () => {
    const context = await browser.newContext()
    const page = await context.newPage()
    const held: Route[] = []
    await page.route('**/graphql', async (route) => {
      if (held.length > 0) return route.continue()
      held.push(route) // and never answered
    })
    await page.goto(base)
    await page.getByRole('status').getByText('Loading').waitFor()
    await page.getByRole('alert').getByText('The server is not responding.').waitFor()
    await page.getByLabel('User name').waitFor() // asked again by itself
    expect(held).toHaveLength(1)
    await context.close()
  })
})

const screens = [
  '/',
  '/access/leases',
  '/access/keys',
  '/access/certificates',
  '/access/hosts',
  '/access/register-host',
  '/access/issue',
  '/people/users',
  '/people/new',
  '/people/teams',
  '/policy',
  '/policy-change',
  '/record/audit',
  '/record/export',
  '/me/authenticators',
  '/me/sessions',
  '/me/tokens',
  '/me/new-token',
  '/me/notices',
  '/me/account',
  '/device',
  '/invite',
] as const

test('every screen is free of serious accessibility problems, light and dark, and keeps to the CSP', async () => {
  const context = await browser.newContext({ colorScheme: 'light', reducedMotion: 'reduce' })
  const page = await logIn(context, principalOf(dev, 'Admin'))
  const complaints = complaintsOf(page)
  const found: Record<string, readonly string[]> = {}
  // some each day, all under `npm run test:long`: the gallery looks at the states of all of them besides
  for (const screen of sampleOf(screens, 8)) {
    await page.goto(base + screen)
    await page.getByRole('heading', { level: 1 }).waitFor()
    await page.waitForTimeout(400)
    const light = await seriousProblems(page)
    await page.emulateMedia({ colorScheme: 'dark', reducedMotion: 'reduce' })
    const problems = [...light, ...(await seriousProblems(page, 'colours')).map((problem) => `dark: ${problem}`)]
    await page.emulateMedia({ colorScheme: 'light', reducedMotion: 'reduce' })
    if (problems.length > 0) found[screen] = problems
  }
  expect(found).toEqual({})
  expect(complaints).toEqual([])
  await context.close()
}, 120_000)
