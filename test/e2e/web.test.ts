import { readFileSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { chromiumFlags, chromiumPath, startHome, startSshd, type DevJson, type TestHome, type TestSshd } from '@gatehouse/testkit'
import { chromium, type Browser, type BrowserContext, type Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { seriousProblems } from './support/axe.ts'
import { baseOf, freshTotp, principalOf, type SeedPrincipal } from './support/outside.ts'
import { complaintsOf, keyboardOf } from './support/person.ts'

const newPassword = 'granite ferry saddle orbit'

let home: TestHome
let dev: DevJson
let base: string
let sshd: TestSshd
let directory: string
let authorizedKeys: string
let browser: Browser

beforeAll(async () => {
  home = await startHome()
  dev = home.dev()
  base = baseOf(dev)
  directory = await mkdtemp(join(tmpdir(), 'gatehouse-web-e2e-'))
  authorizedKeys = join(directory, 'authorized_keys')
  sshd = await startSshd({ trustedUserCaKeys: await (await fetch(`${base}/ssh/ca.pub`)).text(), authorizedKeysFile: authorizedKeys })
  browser = await chromium.launch({ executablePath: chromiumPath(), args: [...chromiumFlags()] })
}, 240_000)
afterAll(async () => {
  await browser?.close()
  await sshd?.stop()
  await home?.remove()
  await rm(directory, { recursive: true, force: true })
})

const heading = (page: Page, name: string): Promise<void> => page.getByRole('heading', { name, exact: true }).first().waitFor()

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

describe('by keyboard only, under the strict content security policy', () => {
  let page: Page
  let complaints: readonly string[]
  let secret: string

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
    await keyboard.type('New password again', newPassword)
    await keyboard.key('Enter')
    await heading(page, 'Add your second factor')
    secret = (await page.getByLabel('setup key', { exact: true }).innerText()).replaceAll(/\s/g, '')
    await keyboard.type('Code that the app shows', await freshTotp(secret))
    await keyboard.key('Enter')
    await heading(page, 'Overview')
  })

  test('they log out, and in again with password and code', async () => {
    const keyboard = keyboardOf(page)
    await keyboard.press('Log out')
    await heading(page, 'Log in')
    await keyboard.type('User name', dev.admin.username)
    await keyboard.type('Password', newPassword)
    await keyboard.key('Enter')
    await keyboard.type('Code from your authenticator app', await freshTotp(secret))
    await keyboard.key('Enter')
    await heading(page, 'Overview')
  })

  test('they register a host, reaching the form by the palette', async () => {
    const keyboard = keyboardOf(page)
    await keyboard.key('ControlOrMeta+K')
    await keyboard.type('Go to or do', 'register')
    await keyboard.key('Enter')
    await heading(page, 'Register a host')
    await keyboard.type('Name', 'web-e2e')
    await keyboard.type('Address', sshd.address)
    await keyboard.type('Port', String(sshd.port))
    await keyboard.type('User', sshd.user)
    await keyboard.tabTo('Keys file').catch(() => undefined)
    await keyboard.press('Register')
    await page.getByText('reachable').or(page.getByText('never checked')).first().waitFor()
    expect(new URL(page.url()).pathname).toMatch(/^\/access\/hosts\/.+/)
  })

  test('nothing on the way was stopped by the policy, and nothing broke', () => {
    expect(complaints).toEqual([])
  })
})
