import { chromiumFlags, chromiumPath, startHome, type DevJson, type TestHome } from '@gatehouse/testkit'
import { chromium, type Browser, type BrowserContext, type Locator, type Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { seriousProblems } from './support/axe.ts'
import { baseOf, freshTotp, logIn, outside, principalOf, type Outside, type SeedPrincipal } from './support/outside.ts'
import { complaintsOf, keyboardOf } from './support/person.ts'

let home: TestHome
let dev: DevJson
let base: string
let browser: Browser
let admin: Page
let complaints: readonly string[]
/** The same administrator, looking at what became of it from outside. */
let api: Outside

beforeAll(async () => {
  home = await startHome()
  dev = home.dev()
  base = baseOf(dev)
  browser = await chromium.launch({ executablePath: chromiumPath(), args: [...chromiumFlags()] })
  api = await logIn(base, principalOf(dev, 'Admin'))
  admin = await pageOf(await browser.newContext(), principalOf(dev, 'Admin'))
  complaints = complaintsOf(admin)
}, 240_000)
afterAll(async () => {
  await browser?.close()
  await home?.remove()
})

const heading = (page: Page, name: string | RegExp): Promise<void> => page.getByRole('heading', { name, exact: true }).first().waitFor()
const panelOf = (page: Page): Locator => page.getByRole('complementary')
const dialogOf = (page: Page): Locator => page.getByRole('dialog')

/** A page of who is logged in, by the calls that the log-in page makes: that page has tests of its own. */
async function pageOf(context: BrowserContext, { username, password, totpSecret }: SeedPrincipal): Promise<Page> {
  const page = await context.newPage()
  await page.goto(base)
  const call = (name: string, input: unknown): Promise<string> => page.evaluate<string>(`fetch('/trpc/${name}', { method: 'POST', headers: { 'content-type': 'application/json', 'gatehouse-session': 'cookie' }, body: ${JSON.stringify(JSON.stringify(input))} }).then((response) => response.text())`)
  const challengeId = /"challenge":\{"id":"([^"]+)"/.exec(await call('auth.login', { username, password }))?.[1]
  const answer = await call('auth.completeMfa', { challengeId, totp: await freshTotp(totpSecret) })
  if (!answer.includes('accessExpiresAt')) throw new TypeError(`log-in of ${username} failed: ${answer}`)
  await page.goto(base)
  await heading(page, 'Overview')
  return page
}

/** Opens a person's panel from the list of users. */
async function openUser(page: Page, username: string): Promise<void> {
  await page.goto(`${base}/people/users`)
  await page.getByRole('link', { name: username, exact: true }).click()
  await heading(page, username)
}

const told = (page: Page, text: string | RegExp): Promise<void> => page.getByRole('status', { name: 'Notices' }).getByText(text).first().waitFor()

describe('an administrator', () => {
  // Threat A12, as a person does it: without a mouse, and told before what will happen.
  test('disables a person by keyboard alone, and the person is out at once', async () => {
    const victim = await logIn(base, principalOf(dev, 'Developer'))
    const keyboard = keyboardOf(admin)
    await admin.goto(`${base}/people/users`)
    await admin.getByRole('link', { name: 'dora-developer' }).waitFor()
    await keyboard.press('dora-developer')
    await heading(admin, 'dora-developer')
    await panelOf(admin).getByRole('button', { name: 'Disable' }).focus()
    await keyboard.key('Enter')
    await heading(admin, 'Disable dora-developer?')
    await dialogOf(admin).getByText(/all sessions of dora-developer end.*they hold no credential now/).waitFor()
    await keyboard.type('Reason', 'left the company')
    await keyboard.key('Enter')
    await panelOf(admin).getByText('disabled', { exact: true }).waitFor()
    expect((await victim.query('auth.whoami')).code).toBe('unauthenticated')
    expect((await outside(base).mutate('auth.login', { username: 'dora-developer', password: principalOf(dev, 'Developer').password })).code).toBe('invalid-credentials')
    await panelOf(admin).getByRole('button', { name: 'Enable' }).click()
    await dialogOf(admin).getByRole('button', { name: 'Enable' }).click()
    await panelOf(admin).getByText('active', { exact: true }).waitFor()
  })

  test('gives a role and takes it away, told what each does; taking it ends the sessions', async () => {
    await openUser(admin, 'oscar-operator')
    await panelOf(admin).getByLabel('Another role').selectOption('Developer')
    await panelOf(admin).getByRole('button', { name: 'Assign' }).click()
    await dialogOf(admin).getByText(/credentials of development workspaces/).waitFor()
    await dialogOf(admin).getByRole('button', { name: 'Assign role' }).click()
    await panelOf(admin).getByRole('button', { name: 'Remove role Developer' }).waitFor()
    const oscar = await logIn(base, principalOf(dev, 'Operator', 1))
    expect((await oscar.query('auth.whoami')).data['roles']).toEqual(expect.arrayContaining(['Developer', 'Operator']))
    await panelOf(admin).getByRole('button', { name: 'Remove role Developer' }).click()
    await dialogOf(admin).getByRole('button', { name: 'Remove role' }).click()
    await told(admin, 'oscar-operator is no longer Developer.')
    expect((await oscar.query('auth.whoami')).code).toBe('unauthenticated')
  })

  test('makes a team, puts a person into it and removes it only after typing its name', async () => {
    await admin.goto(`${base}/people/teams`)
    await admin.getByRole('button', { name: 'Create a team' }).click()
    await dialogOf(admin).getByLabel('Name').fill('night-watch')
    // at the field: on a busy machine the dialog takes its focus late, and Enter would go to what has it
    await dialogOf(admin).getByLabel('Name').press('Enter')
    await heading(admin, 'night-watch')
    await panelOf(admin).getByLabel('Another member').selectOption('olga-operator')
    await panelOf(admin).getByRole('button', { name: 'Add' }).click()
    await dialogOf(admin).getByRole('button', { name: 'Add' }).click()
    await panelOf(admin).getByRole('button', { name: 'Remove member olga-operator' }).waitFor()
    await panelOf(admin).getByRole('button', { name: 'Remove team' }).click()
    const remove = dialogOf(admin).getByRole('button', { name: 'Remove team' })
    expect(await remove.isDisabled()).toBe(true)
    await dialogOf(admin).getByLabel('Type night-watch to confirm').fill('night-watch')
    await remove.click()
    await admin.waitForURL(/\/people\/teams$/)
    expect(JSON.stringify((await api.query('team.list')).body)).not.toContain('night-watch')
  })

  test('invites a person by a link that is shown once, and the person comes in by it', async () => {
    await admin.goto(`${base}/people/invite`)
    await admin.getByLabel('User name').fill('mary')
    await admin.getByLabel('Role').selectOption('Operator')
    await admin.getByRole('button', { name: 'Invite', exact: true }).click()
    await heading(admin, 'mary is invited')
    await admin.getByRole('button', { name: 'Reveal invitation link' }).click()
    const link = await admin.getByLabel('invitation link', { exact: true }).innerText()
    const invitation = /[A-Za-z0-9_.~-]{20,}$/.exec(link.trim())?.[0]
    expect((await outside(base).mutate('auth.acceptInvite', { invitation, newPassword: 'meadow lantern copper drift' })).code).toBeNull()
    const answer = await outside(base).mutate('auth.login', { username: 'mary', password: 'meadow lantern copper drift' })
    expect(answer.code).toBeNull()
  })

  test('makes a program an account and a token that is shown once and may do what its scopes say, and no more', async () => {
    await admin.goto(`${base}/programs/accounts`)
    await admin.getByRole('button', { name: 'Create an account' }).click()
    await dialogOf(admin).getByLabel('Name').fill('ci-deploy')
    await dialogOf(admin).getByLabel('Teams (optional)').fill('developers')
    await dialogOf(admin).getByLabel('Teams (optional)').press('Enter')
    await heading(admin, 'ci-deploy')
    await panelOf(admin).getByRole('link', { name: 'Make a token' }).click()
    await heading(admin, 'Make a token for ci-deploy')
    await admin.getByLabel('Name', { exact: true }).fill('pipeline')
    await admin.getByLabel('Purpose', { exact: true }).fill('prove the browser')
    await admin.getByText('lease', { exact: true }).click()
    await admin.getByRole('checkbox', { name: /^lease\.list/ }).check()
    await admin.getByLabel('Only from (optional)').fill('127.0.0.1, ::1')
    await admin.getByRole('button', { name: 'Make the token' }).click()
    await heading(admin, 'pipeline is made')
    await admin.getByRole('button', { name: 'Reveal token' }).click()
    const program = outside(base, (await admin.getByLabel('token', { exact: true }).innerText()).trim())
    expect((await program.query('lease.list')).code).toBeNull()
    expect((await program.query('user.list')).code).toBe('forbidden')
    await admin.getByRole('link', { name: 'To ci-deploy' }).click()
    await panelOf(admin).getByRole('button', { name: 'Revoke pipeline' }).click()
    await dialogOf(admin).getByLabel('Reason').fill('proved')
    await dialogOf(admin).getByLabel('Reason').press('Enter')
    await told(admin, 'pipeline no longer works.')
    expect((await program.query('lease.list')).code).toBe('unauthenticated')
  })

  test('changes a setting after seeing exactly what changes', async () => {
    await admin.goto(`${base}/settings`)
    const idle = admin.getByLabel('Viewer: Session idle')
    await idle.fill('soon')
    await admin.getByRole('button', { name: 'Look at the changes and save' }).click()
    await admin.getByText('1 min to 30 d').waitFor()
    await idle.fill('3 d')
    await admin.getByRole('button', { name: 'Look at the changes and save' }).click()
    await dialogOf(admin).getByText('Viewer · session idle').waitFor()
    await dialogOf(admin).getByRole('button', { name: 'Save' }).click()
    await told(admin, 'Saved; it holds from now on.')
    expect(JSON.stringify((await api.query('settings.get')).data['roleLimits'])).toMatch(/"role":"Viewer"[^}]*"sessionIdleSeconds":259200/)
  })

  test('sees in the dashboard that somebody failed to log in, and comes from there to the entries', async () => {
    await outside(base).mutate('auth.login', { username: 'vera-viewer', password: 'a wrong password it is' })
    await admin.goto(`${base}/security`)
    await admin.getByRole('img', { name: /[1-9]\d* failed log-ins? in the last 24 hours/ }).waitFor()
    await admin.getByRole('link', { name: 'Look at them' }).click()
    await heading(admin, 'Audit')
    await admin.getByRole('link', { name: 'auth.login' }).first().waitFor()
  })
})

describe('two administrators', () => {
  // Threat D6: neither can take away a third one's factors alone.
  test('reset a third one\'s factors: one asks, the other approves in his own browser, the first does it once', async () => {
    const third = await logIn(base, principalOf(dev, 'Operator'))
    await openUser(admin, 'olga-operator')
    await panelOf(admin).getByRole('button', { name: 'Ask for a reset' }).click()
    await dialogOf(admin).getByLabel('Ticket (optional)').fill('OPS-12')
    await dialogOf(admin).getByLabel('Reason').fill('lost phone and codes')
    await dialogOf(admin).getByRole('button', { name: 'Ask', exact: true }).click()
    await panelOf(admin).getByRole('link', { name: 'the request' }).click()
    await heading(admin, 'ada-admin asks')
    const own = panelOf(admin).getByRole('button', { name: 'Approve' })
    expect(await own.getAttribute('aria-disabled')).toBe('true')
    await panelOf(admin).getByText('You asked for it yourself: it takes a second person.').waitFor()

    const context = await browser.newContext({ viewport: { width: 360, height: 780 } })
    const second = await pageOf(context, principalOf(dev, 'Admin', 1))
    await second.goto(`${base}/approvals?state=pending`)
    await second.getByRole('link', { name: 'reset the second factors of olga-operator' }).click()
    await heading(second, 'ada-admin asks')
    await panelOf(second).getByText('lost phone and codes').waitFor()
    await panelOf(second).getByText('OPS-12').waitFor()
    await panelOf(second).getByRole('button', { name: 'Approve' }).click()
    await dialogOf(second).getByRole('button', { name: 'Approve' }).click()
    await panelOf(second).getByText('approved', { exact: true }).waitFor()
    await context.close()

    await openUser(admin, 'olga-operator')
    await panelOf(admin).getByText('anton-admin approved it.', { exact: false }).waitFor()
    await panelOf(admin).getByRole('button', { name: 'Reset second factors' }).click()
    await dialogOf(admin).getByRole('button', { name: 'Reset second factors' }).click()
    await told(admin, /Reset: 1 authenticators? removed/)
    expect((await third.query('auth.whoami')).code).toBe('unauthenticated')
    const again = await outside(base).mutate('auth.login', { username: 'olga-operator', password: principalOf(dev, 'Operator').password })
    expect(again.data['challenge']).toBeNull()
  })
})

describe('a viewer', () => {
  test('sees what can be done, and why not by him', async () => {
    const context = await browser.newContext()
    const page = await pageOf(context, principalOf(dev, 'Viewer'))
    await page.goto(`${base}/people/invite`)
    const invite = page.getByRole('button', { name: 'Invite' })
    expect(await invite.getAttribute('aria-disabled')).toBe('true')
    await page.getByText('Viewers change nothing but their own account.').waitFor()
    await page.goto(`${base}/security`)
    await heading(page, /You may not see the security dashboard's figures/)
    await context.close()
  })
})

const screens = ['/security', '/approvals', '/settings', '/people/users', '/people/invite', '/people/import', '/people/teams', '/programs/accounts', '/programs/new-token'] as const

test('every administration screen of the running system is free of serious accessibility problems, and nothing was stopped by the content security policy', async () => {
  const found: Record<string, readonly string[]> = {}
  for (const screen of screens) {
    await admin.goto(base + screen)
    await admin.getByRole('heading', { level: 1 }).waitFor()
    await admin.waitForTimeout(400)
    const problems = await seriousProblems(admin)
    if (problems.length > 0) found[screen] = problems
  }
  expect(found).toEqual({})
  expect(complaints).toEqual([])
})
