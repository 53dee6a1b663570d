import { chromiumFlags, chromiumPath, startHome, type DevJson, type TestHome } from '@gatehouse/testkit'
import { chromium, type Browser, type Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { baseOf, freshTotp, logIn, outside, principalOf } from './support/outside.ts'
import { countPointers, keyboardOf } from './support/person.ts'

// Nothing here touches a mouse: each place is reached by Tab, each thing done by typing. First steps, hosts and credentials are done so in `web.test.ts`, keys
// in `web-passkeys.test.ts`, devices and notices in `web-account.test.ts`, the administration in `web-admin.test.ts`; here is the rest of one's own account.

let home: TestHome
let dev: DevJson
let base: string
let browser: Browser
let page: Page
let keyboard: ReturnType<typeof keyboardOf>
let pointers: () => number

beforeAll(async () => {
  home = await startHome()
  dev = home.dev()
  base = baseOf(dev)
  browser = await chromium.launch({ executablePath: chromiumPath(), args: [...chromiumFlags()] })
  page = await (await browser.newContext()).newPage()
  keyboard = keyboardOf(page)
  pointers = await countPointers(page)
}, 240_000)
afterAll(async () => {
  await browser?.close()
  await home?.remove()
})

const heading = (name: string | RegExp): Promise<void> => page.getByRole('heading', { name, exact: true }).first().waitFor()
const button = (name: string): Promise<void> => page.getByRole('button', { name, exact: true }).first().waitFor()

const told = (text: string): Promise<void> => page.getByRole('status', { name: 'Notices' }).getByText(text).first().waitFor()

/** Opens a place by its address, as a bookmark does, and waits for its heading. */
async function open(path: string, name: string): Promise<void> {
  await page.goto(base + path)
  await heading(name)
}

describe('by keyboard alone', () => {
  test('a person logs in by password and code', async () => {
    const { username, password, totpSecret } = principalOf(dev, 'Admin')
    await open('/', 'Log in')
    await keyboard.type('User name', username)
    await keyboard.type('Password', password)
    await keyboard.key('Enter')
    await page.getByLabel('Code from your authenticator app').waitFor()
    await keyboard.type('Code from your authenticator app', await freshTotp(totpSecret))
    await keyboard.key('Enter')
    await heading('Overview')
  })

  test('names an authenticator anew', async () => {
    await open('/me/authenticators', 'Authenticators')
    await page.getByRole('button', { name: /^Rename/ }).first().waitFor()
    await keyboard.press('Rename')
    await page.getByRole('dialog').waitFor()
    await keyboard.type('Name', 'phone of the night')
    await keyboard.key('Enter')
    await page.getByText('phone of the night').first().waitFor()
  })

  test('makes backup codes, and puts them in force by typing one', async () => {
    await open('/me/authenticators', 'Authenticators')
    await button('Make ten')
    await keyboard.press('Make ten')
    await keyboard.dialog('New backup codes')
    await page.getByRole('button', { name: 'Reveal backup codes' }).waitFor()
    await keyboard.press('Reveal backup codes')
    const [code = ''] = (await page.getByLabel('backup codes', { exact: true }).innerText()).split('\n')
    await keyboard.type('Type one of them', code)
    await keyboard.key('Enter')
    await page.getByText(/^10 of 10 left/).waitFor()
  })

  test('makes a token for a script, which reads, and takes it back', async () => {
    await open('/me/new-token', 'Make a token')
    await keyboard.type(/^Name$/, 'report')
    await keyboard.choose('Lives for', '7 days')
    await keyboard.type(/^Purpose$/, 'a report of the night')
    await keyboard.press('Make the token')
    await heading('report is made')
    await keyboard.press('Reveal token')
    const script = outside(base, (await page.getByLabel('token', { exact: true }).innerText()).trim())
    expect((await script.query('lease.list')).code).toBeNull()
    await keyboard.press('To your tokens')
    await button('Revoke report')
    await keyboard.press('Revoke report')
    await keyboard.dialog('Revoke report?')
    await keyboard.type('Reason', 'only a try')
    await keyboard.key('Enter')
    await told('report no longer works.')
    expect((await script.query('lease.list')).code).toBe('unauthenticated')
  })

  test('ends the sessions that are not this one', async () => {
    const elsewhere = await logIn(base, principalOf(dev, 'Admin'))
    await open('/me/sessions', 'Your sessions')
    await button('End all others')
    await keyboard.press('End all others')
    await keyboard.dialog('End all other sessions?')
    await keyboard.type('Reason', 'none of them is mine')
    await keyboard.key('Enter')
    await told('1 ended.')
    expect((await elsewhere.query('auth.whoami')).code).toBe('unauthenticated')
  })

  test('changes the password', async () => {
    const { username, password } = principalOf(dev, 'Admin')
    await open('/me/account', 'Account')
    await keyboard.type('Current password', password)
    await keyboard.type(/^New password$/, 'quiet harbour seven lamps')
    await keyboard.type(/^New password again$/, 'quiet harbour seven lamps')
    await keyboard.key('Enter')
    await told('Password changed; your other sessions have ended.')
    expect((await outside(base).mutate('auth.login', { username, password })).code).toBe('invalid-credentials')
  })

  test('looks at the sessions and logs out', async () => {
    await open('/me/sessions', 'Your sessions')
    await keyboard.press(/^Log out$/)
    await heading('Log in')
    expect((await page.context().cookies(base)).filter(({ name }) => /access|refresh/.test(name))).toEqual([])
    expect(pointers()).toBe(0)
  })
})
