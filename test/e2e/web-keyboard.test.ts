import { chromiumFlags, chromiumPath, startHome, type DevJson, type TestHome } from '@gatehouse/testkit'
import { chromium, type Browser, type Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { baseOf, freshTotp, principalOf } from './support/outside.ts'
import { keyboardOf } from './support/person.ts'

// Nothing here touches a mouse: each place is reached by Tab, each thing done by typing. The first steps, keys, hosts and credentials are done so in
// `web.test.ts` and `web-passkeys.test.ts`; here are one's own account and the administration.

let home: TestHome
let dev: DevJson
let base: string
let browser: Browser
let page: Page
let keyboard: ReturnType<typeof keyboardOf>

beforeAll(async () => {
  home = await startHome()
  dev = home.dev()
  base = baseOf(dev)
  browser = await chromium.launch({ executablePath: chromiumPath(), args: [...chromiumFlags()] })
  page = await (await browser.newContext()).newPage()
  keyboard = keyboardOf(page)
}, 240_000)
afterAll(async () => {
  await browser?.close()
  await home?.remove()
})

const heading = (name: string | RegExp): Promise<void> => page.getByRole('heading', { name, exact: true }).first().waitFor()
const button = (name: string): Promise<void> => page.getByRole('button', { name, exact: true }).first().waitFor()

/** Opens a place by its address, as a bookmark does, and waits for its heading. */
async function open(path: string, name: string): Promise<void> {
  await page.goto(base + path)
  await heading(name)
}

describe('by keyboard alone', () => {
  test('an administrator logs in by password and code', async () => {
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

  test('makes a team, and removes it after typing its name', async () => {
    await open('/people/teams', 'Teams')
    await button('Create a team')
    await keyboard.press('Create a team')
    await heading('Create a team')
    await keyboard.type('Name', 'night-watch')
    await keyboard.key('Enter')
    await heading('night-watch')
    await keyboard.press('Remove team')
    await page.getByLabel('Type night-watch to confirm').waitFor()
    await keyboard.type('Type night-watch to confirm', 'night-watch')
    await keyboard.key('Enter')
    await page.getByRole('status', { name: 'Notices' }).getByText(/night-watch/).first().waitFor()
  })

  test('makes a program an account, and shuts it out with a reason', async () => {
    await open('/programs/accounts', 'Service accounts')
    await button('Create an account')
    await keyboard.press('Create an account')
    await page.getByRole('dialog').waitFor()
    await keyboard.type('Name', 'ci-night')
    await keyboard.key('Enter')
    await heading('ci-night')
    await keyboard.press('Disable')
    await page.getByRole('dialog').waitFor()
    await keyboard.type('Reason', 'only a try')
    await keyboard.key('Enter')
    await page.getByRole('complementary').getByText('disabled', { exact: true }).waitFor()
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

  test('looks at the sessions and logs out', async () => {
    await open('/me/sessions', 'Your sessions')
    await keyboard.press('Log out')
    await heading('Log in')
    expect((await page.context().cookies(base)).filter(({ name }) => /access|refresh/.test(name))).toEqual([])
  })
})
