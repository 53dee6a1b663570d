import { generateKeyPairSync, randomBytes, scryptSync } from 'node:crypto'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createAgeKek } from '@gatehouse/keys'
import {
  chromiumFlags,
  chromiumPath,
  sampleOf,
  startGatewayHome,
  type GatewayFacts,
  type GatewayHome,
} from '@gatehouse/testkit'
import { chromium, type Browser, type BrowserContext, type Locator, type Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { z } from 'zod'
import { seriousProblems } from './support/axe.ts'
import {
  baseOf,
  freshTotp,
  logIn,
  outside,
  patiently,
  principalOf,
  type Answer,
  type Outside,
  type SeedPrincipal,
} from './support/outside.ts'
import { complaintsOf, countPointers, keyboardOf } from './support/person.ts'
import { startTargetDatabase, type TargetDatabase } from './support/target-database.ts'

let home: GatewayHome
let place: string
let dev: GatewayFacts
let base: string
let browser: Browser
let admin: Page
let complaints: readonly string[]
let pointers: () => number
let keyboard: ReturnType<typeof keyboardOf>
/** The same administrator, looking at what became of it from outside. */
let api: Outside

beforeAll(async () => {
  home = await startGatewayHome({ env: { GATEHOUSE_CONFIG: await settingsWithRegion() } })
  dev = home.dev()
  base = baseOf(dev)
  browser = await chromium.launch({ executablePath: chromiumPath(), args: [...chromiumFlags()] })
  api = await logIn(base, principalOf(dev, 'Admin'))
  admin = await pageOf(await browser.newContext({ reducedMotion: 'reduce' }), principalOf(dev, 'Admin'))
  complaints = complaintsOf(admin)
  pointers = await countPointers(admin)
  keyboard = keyboardOf(admin)
}, 240_000)
afterAll(async () => {
  await browser?.close()
  await home?.remove()
  await rm(place, { recursive: true, force: true })
})

/** Settings with one more backend that keys may be given, with databases on this machine, and hosts soon given up. */
async function settingsWithRegion(): Promise<string> {
  place = await mkdtemp(join(tmpdir(), 'gatehouse-web-admin-'))
  const [settings, key] = [join(place, 'security.toml'), join(place, 'berlin.age')]
  await createAgeKek(key)
  const more =
    `\n[outbound]\nallowed = ["127.0.0.0/8", "::1"]\n` +
    `[kms.regions.berlin]\nbackend = "age"\nage_key_file = "${key}"\n`
  const shipped = await readFile(join(import.meta.dirname, '../../config/security.toml'), 'utf8')
  await writeFile(settings, shipped.replace('[ssh]', '[ssh]\ncontact_timeout = "2s"') + more)
  return settings
}

/** The first step of a log-in, from outside; a machine that is busy with other passwords is asked again. */
const tryPassword = (username: string, password: string): Promise<Answer> =>
  patiently(() => outside(base).mutate('auth.login', { username, password }))

const heading = (page: Page, name: string | RegExp): Promise<void> =>
  page.getByRole('heading', { name, exact: true }).first().waitFor()
const panelOf = (page: Page): Locator => page.getByRole('complementary')
const dialogOf = (page: Page): Locator => page.getByRole('dialog')

/** A page of who is logged in, by the calls that the log-in page makes: that page has tests of its own. */
async function pageOf(context: BrowserContext, { username, password, totpSecret }: SeedPrincipal): Promise<Page> {
  const page = await context.newPage()
  await page.goto(base)
  const call = (name: string, input: unknown): Promise<string> =>
    page.evaluate<string>(
      `fetch('/trpc/${name}', {
        method: 'POST',
        headers: { 'content-type': 'application/json', 'gatehouse-session': 'cookie' },
        body: ${JSON.stringify(JSON.stringify(input))},
      }).then((response) => response.text())`,
    )
  const challengeId = /"challenge":\{"id":"([^"]+)"/.exec(await call('auth.login', { username, password }))?.[1]
  const answer = await call('auth.completeMfa', { challengeId, totp: await freshTotp(totpSecret, 'aRequest') })
  if (!answer.includes('accessExpiresAt')) throw new TypeError(`log-in of ${username} failed: ${answer}`)
  await page.goto(base)
  await heading(page, 'Overview')
  return page
}

/** Another tab of the administrator's, so wide that lists in the panel are tables, with names of their rows. */
async function wideTab(): Promise<Page> {
  const page = await admin.context().newPage()
  await page.setViewportSize({ width: 1440, height: 900 })
  return page
}

/** Opens a place by its address, as a bookmark does. */
async function open(path: string, name: string): Promise<void> {
  await admin.goto(base + path)
  await heading(admin, name)
}

/** Opens a person's panel from the list of users. */
async function openUser(username: string): Promise<void> {
  await open('/people/users', 'Users')
  await admin.getByRole('link', { name: username, exact: true }).waitFor()
  await keyboard.press(username)
  await heading(admin, username)
  await panelOf(admin).getByText('Account access').waitFor()
}

const unpadded = (bytes: Buffer): string => bytes.toString('base64').replace(/=+$/, '')

const told = (page: Page, text: string | RegExp): Promise<void> =>
  page.getByRole('status', { name: 'Notices' }).getByText(text).first().waitFor()

describe('an administrator, by keyboard alone', () => {
  // Threat A12, as a person does it: without a mouse, and told before what will happen.
  test('disables a person, and the person is out at once', async () => {
    const victim = await logIn(base, principalOf(dev, 'Developer'))
    await openUser('dora-developer')
    await keyboard.press(/^Disable access$/)
    await keyboard.dialog('Disable access for dora-developer?')
    await dialogOf(admin)
      .getByText(/All sessions of dora-developer end.*they hold no active credentials/)
      .waitFor()
    await keyboard.type('Reason', 'left the company')
    await keyboard.key('Enter')
    await panelOf(admin).getByText('disabled', { exact: true }).waitFor()
    expect((await victim.query('auth.whoami')).code).toBe('unauthenticated')
    expect((await tryPassword('dora-developer', principalOf(dev, 'Developer').password)).code).toBe(
      'invalid-credentials',
    )
    await keyboard.press(/^Enable access$/)
    await keyboard.dialog('Enable access for dora-developer?')
    await keyboard.press(/^Enable access$/)
    await panelOf(admin).getByText('active', { exact: true }).waitFor()
  })

  // Must-have 27: who is locked keeps what they have, and it is good for nothing until the lock is gone.
  test('locks a person, who is refused at once and told so, and removes the lock', async () => {
    const victim = await logIn(base, principalOf(dev, 'Viewer'))
    await open('/access/locks', 'Locks')
    await admin.getByText('Nothing is locked').waitFor()
    await keyboard.press(/^Create lock$/)
    await keyboard.dialog('Create a lock')
    await keyboard.type('User name or service account', 'nobody-here')
    await keyboard.type('Reason', 'the laptop was stolen')
    await keyboard.key('Enter')
    await dialogOf(admin).getByText('a person or service account that exists').waitFor()
    await keyboard.type('User name or service account', 'vera-viewer')
    await keyboard.choose('How long', '4 hours')
    await keyboard.press(/^Lock$/)
    await told(admin, 'vera-viewer is locked.')
    await admin.getByRole('link', { name: 'vera-viewer' }).waitFor()
    const refused = await victim.query('auth.whoami')
    expect([refused.code, refused.refusal?.['reason']]).toEqual(['unauthenticated', 'user-locked'])
    await keyboard.press(/^vera-viewer$/)
    await panelOf(admin).getByText('the laptop was stolen').waitFor()
    await keyboard.press(/^Remove lock$/)
    await keyboard.answer('Remove the lock on vera-viewer?', 'Reason', 'a new laptop is enrolled')
    await told(admin, 'The lock on vera-viewer is removed.')
    expect((await victim.query('auth.whoami')).data).toMatchObject({ username: 'vera-viewer' })
  })

  // What a policy would change is seen before it is in force, and undone in a minute.
  test('drafts a policy, sees that it is no good, mends it, checks and publishes it, and goes back', async () => {
    const before = (await api.query('policy.status')).data['version']
    const file = 'admin/trial.cedar'
    await open('/policy-change', 'Change policies')
    await keyboard.type('New file', file)
    await keyboard.press('Add file')
    await keyboard.type(/^admin\/trial\.cedar$/, '@id("trial") forbid (principal, action resource);')
    await keyboard.choose('Make the decisions', 'last hour')
    await keyboard.press(/^Check$/)
    await admin.getByText(/admin\/trial\.cedar:1/).waitFor()
    await keyboard.type(
      /^admin\/trial\.cedar$/,
      '@id("trial") @doc("No sinks today.") @severity("low") ' +
        'forbid (principal in Role::"Admin", action == Action::"auditSink.create", resource);',
    )
    await keyboard.press(/^Check$/)
    await admin.getByText(/Valid\. No recorded decision would change\./).waitFor()
    await keyboard.press(/^Publish$/)
    await keyboard.answer('Publish these policies?', 'Reason', 'a trial')
    await told(admin, /is in force/)
    expect((await api.query('policy.status')).data).toMatchObject({ pin: { kind: 'published' } })
    await open('/policy/trial', 'trial')
    await panelOf(admin).getByText('auditSink.create', { exact: true }).waitFor()
    await open('/policy-history', 'Policy history')
    await admin.getByRole('row', { name: /a trial/ }).waitFor()
    await keyboard.press(String(before).slice(0, 12))
    await panelOf(admin).getByRole('heading', { name: 'Compare' }).waitFor()
    await keyboard.press('Roll back to this set')
    await keyboard.answer(/^Roll back to/, 'Reason', 'the trial is over')
    await told(admin, /is in force/)
    expect((await api.query('policy.status')).data['version']).toBe(before)
  })

  test('gives a role and takes it away, told what each does; taking it ends the sessions', async () => {
    await openUser('oscar-operator')
    await keyboard.choose('Add role', 'Developer')
    await keyboard.press(/^Assign$/)
    await keyboard.dialog('Assign role Developer to oscar-operator?')
    await dialogOf(admin)
      .getByText(/credentials where their teams work/)
      .waitFor()
    await keyboard.press(/^Assign role$/)
    await panelOf(admin).getByRole('button', { name: 'Remove role Developer' }).waitFor()
    const oscar = await logIn(base, principalOf(dev, 'Operator', 1))
    expect((await oscar.query('auth.whoami')).data['roles']).toEqual(expect.arrayContaining(['Developer', 'Operator']))
    await keyboard.press('Remove role Developer')
    await keyboard.dialog('Remove role Developer from oscar-operator?')
    await keyboard.press(/^Remove role$/)
    await told(admin, 'Role Developer removed from oscar-operator.')
    expect((await oscar.query('auth.whoami')).code).toBe('unauthenticated')
  })

  test('creates a person, changes their name, resets their password, deletes them after typing who it is', async () => {
    await open('/people/new', 'Create a user')
    await keyboard.type('User name', 'nina')
    await keyboard.choose('Role', 'Operator')
    await keyboard.press(/^Create$/)
    await heading(admin, 'nina created')
    await keyboard.press('Reveal one-time password')
    const first = (await admin.getByLabel('one-time password', { exact: true }).innerText()).trim()
    expect((await tryPassword('nina', first)).code).toBeNull()
    await keyboard.press('View nina')
    await heading(admin, 'nina')
    await keyboard.press('Edit name or email')
    await keyboard.answer('Edit nina', /^Name$/, 'Nina of the night')
    await panelOf(admin).getByText('Nina of the night').waitFor()
    await keyboard.press('Show sessions')
    await panelOf(admin).getByRole('list', { name: 'Sessions of nina' }).waitFor()
    await keyboard.press(/^End the session/)
    await keyboard.answer('End this session?', 'Reason', 'only a try')
    await told(admin, 'Session of nina ended.')
    await keyboard.press('Show authenticators')
    await panelOf(admin).getByText('No authenticators. Only a password protects this account.').waitFor()
    await keyboard.press(/^Reset password$/)
    await keyboard.dialog('Reset the password of nina?')
    await keyboard.press(/^Reset password$/)
    await keyboard.dialog('One-time password for nina')
    await keyboard.press('Reveal one-time password')
    expect((await tryPassword('nina', first)).code).toBe('invalid-credentials')
    await keyboard.press(/^Done$/)
    await dialogOf(admin).waitFor({ state: 'detached' })
    await keyboard.press(/^Unlock$/)
    await keyboard.dialog('Unlock nina?')
    await keyboard.press(/^Unlock$/)
    await told(admin, 'nina unlocked.')
    await keyboard.press(/^Delete$/)
    await keyboard.dialog('Delete nina?')
    await keyboard.type('Reason', 'was only a try')
    await keyboard.type('Type nina to confirm', 'nina')
    await keyboard.key('Enter')
    await told(admin, 'nina deleted.')
    expect(JSON.stringify((await api.query('user.list')).body)).not.toContain('nina')
  })

  test('brings people in with the hashes they have: sees what is wrong, mends it, and they log in', async () => {
    await open('/people/import', 'Import users')
    const password = 'one of the old passwords'
    const salt = randomBytes(16)
    const passwordHash = `$scrypt$ln=14,r=8,p=1$${unpadded(salt)}$${unpadded(scryptSync(password, salt, 32))}`
    const choose = async (text: string): Promise<void> => {
      const buffer = Buffer.from(`\uFEFF${text}`, 'utf16le')
      await admin.getByLabel('Choose a file').setInputFiles({ name: 'people.txt', mimeType: 'text/plain', buffer })
      // what was there before must not be sent in its place
      const lines = text.trim().replaceAll('\r\n', '\n')
      await expect.poll(() => admin.getByLabel('People', { exact: true }).inputValue()).toContain(lines)
    }
    await keyboard.type('People', JSON.stringify([{ username: 'old-hand', role: 'Janitor', passwordHash }]))
    await keyboard.press(/^Import$/)
    await admin.getByText('Person 1 (line 1), role:').waitFor()
    await choose(`User name\tRole\tPassword hash\r\nold-hand\tJanitor\t${passwordHash}\r\n`) // as Excel writes it
    await keyboard.press(/^Import$/)
    await admin.getByText('Line 2, role:').waitFor()
    await choose(`User name\tRole\tPassword hash\r\nold-hand\tViewer\t"${passwordHash}"\r\n`)
    await keyboard.press(/^Import$/)
    await heading(admin, 'Imported 1 user')
    await keyboard.press('View users')
    await admin.getByRole('link', { name: 'old-hand', exact: true }).waitFor()
    expect((await tryPassword('old-hand', password)).code).toBeNull()
  })

  test('finds who has which role', async () => {
    await open('/people/users', 'Users')
    await keyboard.choose(/^Role$/, 'Auditor')
    await admin.getByRole('link', { name: 'ada-admin', exact: true }).waitFor({ state: 'detached' })
    await admin.getByRole('link', { name: principalOf(dev, 'Auditor').username, exact: true }).waitFor()
  })

  test('makes a team, puts a person into it and removes it only after typing its name', async () => {
    await open('/people/teams', 'Teams')
    await keyboard.press('Create a team')
    await keyboard.answer('Create a team', 'Name', 'night-watch')
    await heading(admin, 'night-watch')
    await panelOf(admin).getByLabel('Add member').waitFor()
    await keyboard.choose('Add member', 'olga-operator')
    await keyboard.press(/^Add$/)
    await keyboard.dialog(/olga-operator/)
    await keyboard.press(/^Add$/)
    await panelOf(admin).getByRole('button', { name: 'Remove member olga-operator' }).waitFor()
    await keyboard.press(/^Remove team$/)
    await keyboard.dialog('Remove night-watch?')
    expect(await dialogOf(admin).getByRole('button', { name: 'Remove team' }).isDisabled()).toBe(true)
    await keyboard.type('Type night-watch to confirm', 'night-watch')
    await keyboard.key('Enter')
    await admin.waitForURL(/\/people\/teams$/)
    expect(JSON.stringify((await api.query('team.list')).body)).not.toContain('night-watch')
  })

  test('invites a person by a link that is shown once, by which they come in and choose a password', async () => {
    await open('/people/invite', 'Invite a person')
    await keyboard.type('User name', 'mary')
    await keyboard.choose('Role', 'Operator')
    await keyboard.press(/^Invite$/)
    await heading(admin, 'mary invited')
    await keyboard.press('Reveal invitation link')
    await keyboard.press('View mary')
    await heading(admin, 'mary')
    await panelOf(admin).getByText('The invitation link was shown to the person who invited them.').waitFor()
    await keyboard.press('Invite again')
    await admin.getByText('The current link of mary stops working when you create a new one.').waitFor()
    await keyboard.press(/^Invite$/)
    await heading(admin, 'mary invited')
    await keyboard.press('Reveal invitation link')
    const link = (await admin.getByLabel('invitation link', { exact: true }).innerText()).trim()
    const context = await browser.newContext()
    const page = await context.newPage()
    const mary = keyboardOf(page)
    await page.goto(link)
    await heading(page, 'Welcome to Gatehouse')
    await mary.type(/^New password$/, 'meadow lantern copper drift')
    await mary.type(/^Confirm new password$/, 'meadow lantern copper drift')
    await mary.key('Enter')
    await heading(page, 'Add your second factor')
    await context.close()
    await openUser('mary')
    await panelOf(admin).getByText('active', { exact: true }).waitFor()
    expect((await tryPassword('mary', 'meadow lantern copper drift')).code).toBeNull()
  })

  test('makes a program an account and a token, shown once, that may do what its scopes say and no more', async () => {
    await open('/programs/accounts', 'Service accounts')
    await keyboard.press('Create an account')
    await keyboard.dialog('Create a service account')
    await keyboard.type(/^Name$/, 'ci-deploy')
    await keyboard.type('Teams (optional)', 'developers')
    await keyboard.key('Enter')
    await heading(admin, 'ci-deploy')
    await panelOf(admin).getByRole('link', { name: 'Create a token' }).waitFor()
    await keyboard.press('Create a token')
    await heading(admin, 'Create a token for ci-deploy')
    await keyboard.type(/^Name$/, 'pipeline')
    await keyboard.type(/^Purpose$/, 'prove the browser')
    await keyboard.press(/^lease$/)
    await keyboard.tick('lease.list')
    await keyboard.type('Allowed addresses (optional)', '127.0.0.1, ::1')
    await keyboard.press('Create token')
    await heading(admin, 'pipeline created')
    await keyboard.press('Reveal token')
    const program = outside(base, (await admin.getByLabel('token', { exact: true }).innerText()).trim())
    expect((await program.query('lease.list')).code).toBeNull()
    expect((await program.query('user.list')).code).toBe('forbidden')
    await keyboard.press('View ci-deploy')
    await panelOf(admin).getByRole('button', { name: 'Revoke pipeline' }).waitFor()
    await keyboard.press('Revoke pipeline')
    await keyboard.answer('Revoke pipeline?', 'Reason', 'proved')
    await told(admin, 'pipeline revoked.')
    expect((await program.query('lease.list')).code).toBe('unauthenticated')
    await keyboard.press(/^Disable access$/)
    await keyboard.answer('Disable access for ci-deploy?', 'Reason', 'only a try')
    await panelOf(admin).getByText('disabled', { exact: true }).waitFor()
  })

  test('changes a setting after seeing exactly what changes', async () => {
    await open('/settings', 'Settings')
    await admin.getByLabel('Viewer: Session idle').waitFor()
    await keyboard.type('Viewer: Session idle', 'soon')
    await keyboard.press('Review and save')
    await admin.getByText('1 min to 30 d').waitFor()
    await keyboard.type('Viewer: Session idle', '3 d')
    await keyboard.press('Review and save')
    await keyboard.dialog('Save these settings for everyone?')
    await dialogOf(admin).getByText('Viewer · session idle').waitFor()
    await keyboard.press(/^Save$/)
    await told(admin, 'Settings saved.')
    expect(JSON.stringify((await api.query('settings.get')).data['roleLimits'])).toMatch(
      /"role":"Viewer"[^}]*"sessionIdleSeconds":259200/,
    )
  })

  test('sees in the dashboard that somebody failed to log in, and comes from there to the entries', async () => {
    await tryPassword('vera-viewer', 'a wrong password it is')
    await open('/security', 'Security')
    await admin.getByRole('img', { name: /[1-9]\d* failed log-ins? in the last 24 hours/ }).waitFor()
    await keyboard.press('View')
    await heading(admin, 'Audit log')
    await admin.getByRole('link', { name: 'auth.login' }).first().waitFor()
  })
})

describe('two administrators, by keyboard alone', () => {
  // Threat D6: neither can take away a third one's factors alone.
  test("reset a third one's factors: one asks, the other approves elsewhere, the first does it once", async () => {
    const third = await logIn(base, principalOf(dev, 'Operator'))
    await openUser('olga-operator')
    await keyboard.press('Request reset')
    await keyboard.dialog(/^Request a reset/)
    await keyboard.type('Ticket (optional)', 'OPS-12')
    await keyboard.type('Reason', 'lost phone and codes')
    await keyboard.key('Enter')
    await panelOf(admin).getByRole('link', { name: 'View request' }).waitFor()
    await keyboard.press('View request')
    await heading(admin, 'Request by ada-admin')
    const own = panelOf(admin).getByRole('button', { name: 'Approve' })
    expect(await own.getAttribute('aria-disabled')).toBe('true')
    await panelOf(admin).getByText('You cannot approve your own request. A second person must decide.').waitFor()

    const context = await browser.newContext({ viewport: { width: 360, height: 780 } })
    const second = await pageOf(context, principalOf(dev, 'Admin', 1))
    const other = keyboardOf(second)
    await second.goto(`${base}/approvals?state=pending`)
    await second.getByRole('link', { name: 'reset the second factors of olga-operator' }).waitFor()
    await other.press('reset the second factors of olga-operator')
    await heading(second, 'Request by ada-admin')
    await panelOf(second).getByText('lost phone and codes').waitFor()
    await panelOf(second).getByText('OPS-12').waitFor()
    await other.press(/^Approve$/)
    await other.dialog('Approve this request?')
    await other.press(/^Approve$/)
    await panelOf(second).getByText('approved', { exact: true }).waitFor()
    await context.close()

    await openUser('olga-operator')
    await panelOf(admin).getByText('Approved by anton-admin.', { exact: false }).waitFor()
    await keyboard.press(/^Reset second factors$/)
    await keyboard.dialog(/^Reset the second factors/)
    await keyboard.press(/^Reset second factors$/)
    await told(admin, /Removed 1 authenticators? and ended/)
    expect((await third.query('auth.whoami')).code).toBe('unauthenticated')
    const again = await tryPassword('olga-operator', principalOf(dev, 'Operator').password)
    expect(again.data['challenge']).toBeNull()
  })
})

/** The public line of a host key that no machine has. */
function hostKeyLine(): string {
  const { x = '' } = generateKeyPairSync('ed25519').publicKey.export({ format: 'jwk' })
  const part = (bytes: Buffer): Buffer => Buffer.concat([Buffer.from([0, 0, 0, bytes.length]), bytes])
  const blob = Buffer.concat([part(Buffer.from('ssh-ed25519')), part(Buffer.from(x, 'base64url'))])
  return `ssh-ed25519 ${blob.toString('base64')}`
}

describe('credentials of a database, by keyboard alone', () => {
  let target: TargetDatabase
  let url: string
  beforeAll(async () => {
    target = await startTargetDatabase()
  }, 60_000)
  afterAll(() => target?.drop())

  // What Gatehouse logs in with there is typed once, and never comes back.
  test('are made possible: a server is added and tried, and a role says what can be asked of it', async () => {
    await open('/access/backends', 'Credential backends')
    await keyboard.press('Add a backend')
    await heading(admin, 'Add a backend')
    await keyboard.type(/^Name$/, 'web-db')
    await keyboard.type(/^URL$/, target.url)
    await keyboard.press('Test and save')
    await heading(admin, 'web-db')
    await panelOf(admin).getByText('usable', { exact: true }).waitFor()
    expect(await admin.content()).not.toContain(target.password)
    await open('/access/roles', 'Credential roles')
    await keyboard.press('Create a role')
    await keyboard.dialog('Create a role')
    await dialogOf(admin).getByLabel('SQL roles').waitFor()
    await keyboard.type(/^Name$/, 'web-read')
    await keyboard.type(/^SQL roles$/, target.grant)
    await keyboard.press(/^Create role$/)
    await heading(admin, 'web-read')
  })

  test('are described before they are issued, shown once, and work', async () => {
    await keyboard.press('Issue a credential')
    await heading(admin, 'Issue a credential')
    await admin.getByText(`Log in to the PostgreSQL server web-db with the rights of ${target.grant}`).waitFor()
    await keyboard.type(/^Purpose$/, 'count the orders')
    await keyboard.press('Issue credential')
    await heading(admin, 'Your credential')
    await keyboard.press('Reveal credential as environment variables')
    const variables = await admin.getByLabel('credential as environment variables', { exact: true }).innerText()
    url = /DATABASE_URL='([^']+)'/.exec(variables)?.[1] ?? ''
    expect(await target.orders(url)).toEqual([{ id: 7 }])
  })

  // Nobody revokes more than they saw, and what an answer cannot tell yet is followed to its end.
  test('are revoked together after a look, each followed to its end', async () => {
    await open('/access/leases?search=web-read', 'Leases')
    await keyboard.press('Save view')
    await keyboard.answer('Save this view', 'Name', 'web reads')
    const saved = admin.getByRole('navigation', { name: 'Saved views' }).getByRole('link', { name: 'web reads' })
    expect(await saved.getAttribute('href')).toBe('/access/leases?search=web-read')
    await open('/access/revoke?prefix=web-', 'Revoke leases')
    await keyboard.press('Show leases')
    await admin.getByText('1 lease of 1 owner would be revoked').waitFor()
    expect(await target.orders(url)).toEqual([{ id: 7 }])
    await keyboard.type(/^Reason$/, 'counted')
    await keyboard.press('Revoke 1 lease')
    await heading(admin, 'Revoking 1 lease')
    await admin.getByText('0 of 1 have ended. 1 is still being revoked').waitFor()
    const { items } = z
      .object({ items: z.array(z.object({ id: z.string() })) })
      .parse((await api.query('lease.list', { search: 'web-read' })).data)
    // beside this gateway there is no worker whose sweep would do it
    expect((await api.mutate('lease.revoke', { id: items[0]?.id, reason: 'counted' })).status).toBe(200)
    await admin.getByText('It has ended.').waitFor()
    await expect(target.orders(url)).rejects.toThrow()
  })

  // Whoever is handed one may have no log-in. That somebody was before them they learn from the refusal alone.
  test('are handed over by a token, which opens one once and for who has no log-in', async () => {
    const { data } = await api.mutate('lease.issue', { role: 'web-read', purpose: 'first start', wrapSeconds: 300 })
    const { lease, wrap } = z
      .object({ lease: z.object({ id: z.string() }), wrap: z.object({ token: z.string() }) })
      .parse(data)
    const context = await browser.newContext({ reducedMotion: 'reduce' })
    const stranger = await context.newPage()
    const keys = keyboardOf(stranger)
    const openIt = async (): Promise<void> => {
      await stranger.goto(`${base}/unwrap`)
      await heading(stranger, 'Open a wrapped credential')
      await keys.type(/^Wrap token$/, wrap.token)
      await keys.key('Enter')
    }
    await openIt()
    await stranger.getByRole('heading', { name: 'Copy the credential' }).waitFor()
    await keys.press('Reveal credential as environment variables')
    const variables = await stranger.getByLabel('credential as environment variables', { exact: true }).innerText()
    expect(await target.orders(/DATABASE_URL='([^']+)'/.exec(variables)?.[1] ?? '')).toEqual([{ id: 7 }])
    await openIt()
    await stranger.getByText(`have its lease revoked: ${lease.id}`, { exact: false }).waitFor()
    await context.close()
    expect((await api.mutate('lease.revoke', { id: lease.id, reason: 'started' })).status).toBe(200)
  })
})

// A wrong line in a long list must not leave half of it registered.
test('an administrator imports hosts by keyboard: told what is wrong, shown the keys, then all at once', async () => {
  await open('/access/import-hosts', 'Import hosts')
  await keyboard.type(/^Hosts$/, 'name,address\nweb-a,127.0.0.1')
  await keyboard.press('Check hosts')
  await admin.getByText('No host was registered: 1 problem.').waitFor()
  await keyboard.type(/^Hosts$/, `name,address,port,user,hostKey\nweb-a,127.0.0.1,1,deploy,${hostKeyLine()}`)
  await keyboard.press('Check hosts')
  await admin.getByRole('row', { name: /^web-a unreachable 127\.0\.0\.1:1 SHA256:/ }).waitFor()
  expect((await api.query('sshHost.get', { id: 'web-a' })).code).toBe('not-found')
  await keyboard.press('Register 1 host')
  await heading(admin, '1 host registered')
  expect((await api.query('sshHost.get', { id: 'web-a' })).data).toMatchObject({ name: 'web-a', port: 1 })
})

/** What of a key an outside caller is told. */
const keyFacts = async (name: string): Promise<Readonly<Record<string, unknown>>> =>
  (await api.query('kmsKey.get', { id: name })).data

const Encrypted = z.object({ items: z.array(z.object({ ciphertext: z.string() })) })

/** Encrypts under a key by the API, as a program does; each text is to be kept where it says. */
async function encrypted(key: string, texts: Readonly<Record<string, string>>): Promise<readonly string[]> {
  const items = Object.entries(texts).map(([location, text]) => ({
    plaintext: Buffer.from(text).toString('base64'),
    location,
  }))
  const { data } = await api.mutate('kms.encrypt', { key, items })
  return Encrypted.parse(data).items.map(({ ciphertext }) => ciphertext)
}

describe('an encryption key, by keyboard alone', () => {
  const name = 'web-shop-config'
  let page: Page
  let key: ReturnType<typeof keyboardOf>
  let first: readonly string[]

  beforeAll(async () => {
    page = await wideTab()
    key = keyboardOf(page)
  }, 120_000)
  afterAll(() => page?.close())

  const version = (text: RegExp): Promise<void> => panelOf(page).getByRole('row', { name: text }).waitFor()

  // What a version still holds is counted where a person decides to leave it behind.
  test('is created and rotated; what its versions are needed for is counted', async () => {
    await page.goto(`${base}/encryption/keys`)
    await heading(page, 'Encryption keys')
    await key.press('Create a key')
    await key.answer('Create an encryption key', /^Name$/, name)
    await heading(page, name)
    await panelOf(page).getByText('None. Nothing needs this key.').waitFor()
    first = await encrypted(name, { 'config/shop.yaml': 'correct horse', 'config/mail.yaml': 'battery staple' })
    await key.press(/^Rotate$/)
    await key.dialog(`Rotate ${name}?`)
    await key.press(/^Rotate$/)
    await version(/^Version 2 current 0 /)
    await version(/^Version 1 older 2 /)
  })

  // Whoever has a version's material reads what it holds, so that each of it has to be found and replaced.
  test('has a version revoked: it decrypts nothing any more, and what to replace is listed', async () => {
    const [newer = ''] = await encrypted(name, { 'config/new.yaml': 'under the next version' })
    const problemsOf = async (ciphertext: string): Promise<unknown> =>
      (await api.mutate('kms.decrypt', { items: [{ ciphertext }] })).data['items']
    await key.press('Revoke version 1')
    await key.answer(`Revoke version 1 of ${name}?`, 'Reason', 'in a build log')
    await key.dialog(`To replace: version 1 of ${name}`)
    const listed = await dialogOf(page).getByRole('list', { name: 'Ciphertexts to replace' }).innerText()
    expect(listed.split(/\s+/).toSorted()).toEqual(['config/mail.yaml', 'config/shop.yaml'])
    await key.key('Escape')
    await dialogOf(page).waitFor({ state: 'detached' })
    await panelOf(page).getByText('Version 1 is revoked, and 2 ciphertexts of it have to be replaced.').waitFor()
    await key.tick('config/mail.yaml')
    await key.press(/^Forget selected$/)
    await key.answer('Forget 1 ciphertext?', 'Reason', 'its password was changed')
    await version(/^Version 1 revoked 1 /)
    expect(await problemsOf(first[0] ?? '')).toMatchObject([{ problem: 'version-revoked', plaintext: null }])
    expect(await problemsOf(newer)).toMatchObject([{ problem: null }])
  })

  // Nothing of this is known to the page: the server found it in its own database.
  test('stands with all else that is encrypted, under what opens it', async () => {
    await page.goto(`${base}/encryption/overview`)
    await heading(page, 'What is encrypted')
    await page.getByText('private keys that sign access tokens').waitFor()
    await page.getByRole('heading', { name: 'age key file' }).first().waitFor()
    await key.press('Check now')
    await told(page, 'Every backend can be used.')
    await page.goto(`${base}/encryption/keys?state=enabled&search=${name.slice(0, -2)}`)
    await key.press(name)
    await heading(page, name)
  })

  test('is deleted only without its guard, after its name was typed, and not at once: it can be kept', async () => {
    const schedule = panelOf(page).getByRole('button', { name: 'Schedule deletion' })
    expect(await schedule.getAttribute('aria-disabled')).toBe('true')
    await key.press('Turn off the guard')
    await key.dialog(`Turn off the deletion guard of ${name}?`)
    await key.press(/^Turn off$/)
    await panelOf(page).getByText('Off: an administrator can schedule the deletion of this key.').waitFor()
    await key.press('Schedule deletion')
    await key.dialog(`Schedule the deletion of ${name}?`)
    await dialogOf(page).getByText('2 ciphertexts can never be read again then.').waitFor()
    await key.type('Waiting period in days', '7')
    await key.type('Reason', 'only a try')
    await key.type(`Type ${name} to confirm`, name)
    const before = Date.now()
    await key.key('Enter')
    await panelOf(page).getByText('deletion scheduled', { exact: true }).waitFor()
    const { state, deleteAt } = await keyFacts(name)
    expect(state).toBe('pending-deletion')
    expect(Date.parse(String(deleteAt))).toBeGreaterThanOrEqual(before + 7 * 86_400_000)
    await key.press('Cancel deletion')
    await key.answer(`Cancel the deletion of ${name}?`, 'Reason', 'the backups still need it')
    await panelOf(page).getByText('disabled', { exact: true }).waitFor()
    expect(await keyFacts(name)).toMatchObject({ state: 'disabled', deleteAt: null })
  })
})

describe('a key of two backends, by keyboard alone', () => {
  const name = 'web-payroll'
  let page: Page
  let key: ReturnType<typeof keyboardOf>

  beforeAll(async () => {
    page = await wideTab()
    key = keyboardOf(page)
  }, 120_000)
  afterAll(() => page?.close())

  const backendsOf = async (): Promise<unknown> => (await keyFacts(name))['backends']

  test('is created under both, gives one up and has it again', async () => {
    await page.goto(`${base}/encryption/keys`)
    await heading(page, 'Encryption keys')
    await key.press('Create a key')
    await key.dialog('Create an encryption key')
    await key.type(/^Name$/, name)
    await dialogOf(page).getByLabel('berlin').waitFor()
    await key.tick(/^berlin$/)
    await key.press(/^Create key$/)
    await heading(page, name)
    const row = panelOf(page).getByRole('row', { name: /^berlin has every version 1 of 1 / })
    await row.waitFor()
    await panelOf(page).getByText('Any of these opens it.').waitFor()
    await key.press('Withdraw berlin')
    await key.answer(`Withdraw ${name} from berlin?`, 'Reason', 'the site was closed')
    await panelOf(page).getByText('It opens by this backend alone.').waitFor()
    expect(await backendsOf()).toEqual([{ name: 'installation', state: 'whole', versions: 1, of: 1 }])
    await key.press('Add a backend')
    await key.dialog(`Add a backend to ${name}?`)
    await key.choose('Backend', 'berlin')
    await key.press(/^Add backend$/)
    await row.waitFor()
    expect(await backendsOf()).toMatchObject([{ name: 'installation' }, { name: 'berlin', state: 'whole' }])
  })

  // What nobody can read any more is lost by two, who both know how much it is.
  test('closes a version that is still needed once a second administrator has approved it', async () => {
    const [ciphertext = ''] = await encrypted(name, { 'laptop/old.yaml': 'correct horse' })
    await api.mutate('kmsKey.rotate', { id: name })
    await page.reload()
    const ask = async (): Promise<void> => {
      await panelOf(page)
        .getByRole('row', { name: /^Version 1 older 1 / })
        .waitFor()
      await key.press('Change minimum version')
      await key.dialog(`Change the minimum version of ${name}?`)
      await key.type('New minimum version', '2')
      await dialogOf(page).getByText('1 ciphertext would not be opened any more.').waitFor()
      await key.type('Reason', 'on a laptop that was sold')
      await key.key('Enter')
    }
    await ask()
    await dialogOf(page).getByRole('link', { name: 'View request' }).waitFor()
    expect(await keyFacts(name)).toMatchObject({ minimumVersion: 1 })
    const second = await logIn(base, principalOf(dev, 'Admin', 1))
    const { items } = z
      .object({ items: z.array(z.object({ id: z.string(), action: z.string() })) })
      .parse((await second.query('approval.list', { state: 'pending' })).data)
    const asked = items.find(({ action }) => action === 'kmsKey.update')
    expect((await second.mutate('approval.approve', { id: asked?.id })).status).toBe(200)
    await page.reload()
    await ask()
    await panelOf(page)
      .getByRole('row', { name: /^Version 1 closed 1 / })
      .waitFor()
    const opened = await api.mutate('kms.decrypt', { items: [{ ciphertext }] })
    expect(opened.data['items']).toEqual([{ problem: 'below-minimum', plaintext: null }])
  })
})

describe('a viewer', () => {
  test('sees what can be done, and why not by them', async () => {
    const context = await browser.newContext()
    const page = await pageOf(context, principalOf(dev, 'Viewer'))
    await page.goto(`${base}/people/invite`)
    const invite = page.getByRole('button', { name: 'Invite' })
    await page.getByText("You don't have permission to invite a person.").waitFor()
    expect(await invite.getAttribute('aria-disabled')).toBe('true')
    await page.goto(`${base}/security`)
    await heading(page, /You don't have permission to see the security dashboard's figures/)
    await context.close()
  })
})

// What a denial wants is read off its conditions, with the values that the policies saw; and a hold says what it keeps.
test('explains why a Viewer is denied, and places a hold that only another Admin releases', async () => {
  const operationsCame = Promise.withResolvers<void>()
  await admin.route('**/assets/validation-*.js', (route) => operationsCame.promise.then(() => route.continue()))
  await open('/policy-explain', 'Explain a decision')
  await keyboard.choose('Who', 'a user')
  await keyboard.type('Name or ID', 'vera-viewer')
  await keyboard.type('Operation or action', 'policy.reload')
  operationsCame.resolve()
  await keyboard.press(/^Explain$/)
  await heading(admin, 'What would allow it')
  await admin
    .getByText(/principal is User .*, in .*Role Viewer/)
    .first()
    .waitFor()
  expect(new URL(admin.url()).searchParams.get('type'), 'what an operation is on is filled in').toBe('System')
  await open('/record/retention', 'Retention and holds')
  await keyboard.press(/^Place a hold$/)
  await keyboard.dialog('Place a legal hold')
  await keyboard.type('About this person', 'dora-developer')
  await dialogOf(admin)
    .getByText(/All entries about dora-developer stay/)
    .waitFor()
  await keyboard.type('Reason', 'case 4711')
  await keyboard.key('Enter')
  await told(admin, 'Hold placed.')
  await admin.getByText(/you placed yourself; another Admin has to/).waitFor()
})

const screens = [
  '/security',
  '/approvals',
  '/settings',
  '/policy-explain',
  '/record/retention',
  '/encryption/keys',
  '/encryption/overview',
  '/access/locks',
  '/people/users',
  '/people/invite',
  '/people/import',
  '/people/teams',
  '/programs/accounts',
  '/programs/new-token',
  '/access/backends',
  '/access/configure-backend',
  '/access/roles',
  '/access/revoke',
  '/access/import-hosts',
] as const

test('every administration screen is free of serious accessibility problems and keeps to the CSP', async () => {
  const found: Record<string, readonly string[]> = {}
  // some each day, all under `npm run test:long`: the gallery looks at the states of all of them besides
  for (const screen of sampleOf(screens, 8)) {
    await admin.goto(base + screen)
    await admin.getByRole('heading', { level: 1 }).waitFor()
    await admin.waitForTimeout(400)
    const problems = await seriousProblems(admin)
    if (problems.length > 0) found[screen] = problems
  }
  expect(found).toEqual({})
  expect(complaints).toEqual([])
  expect(pointers(), 'no mouse has been here').toBe(0)
})
