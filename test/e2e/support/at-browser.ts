import type { Browser, Page } from 'playwright-core'
import { freshTotp, type SeedPrincipal } from './outside.ts'
import { complaintsOf, countPointers, keyboardOf } from './person.ts'
import { keysAt, type Keys } from './virtual-key.ts'

/** Somebody who is logged in at a browser of their own, without a mouse, and can have keys plugged in. */
export interface AtBrowser {
  readonly name: string
  readonly page: Page
  readonly keyboard: ReturnType<typeof keyboardOf>
  readonly keys: Keys
  readonly complaints: readonly string[]
  readonly pointers: () => number
}

/** Sits somebody down at a browser, and logs them in by password and code. */
export async function sitDown(browser: Browser, base: string, principal: SeedPrincipal): Promise<AtBrowser> {
  const page = await (await browser.newContext()).newPage()
  const [complaints, pointers, keyboard] = [complaintsOf(page), await countPointers(page), keyboardOf(page)]
  const keys = await keysAt(page)
  await page.goto(base)
  await page.getByRole('heading', { name: 'Log in', exact: true }).waitFor()
  await keyboard.type('User name', principal.username)
  await keyboard.type('Password', principal.password)
  await keyboard.key('Enter')
  await page.getByLabel('Code from your authenticator app').waitFor()
  await keyboard.type('Code from your authenticator app', await freshTotp(principal.totpSecret))
  await keyboard.key('Enter')
  await page.getByRole('button', { name: 'Log out', exact: true }).waitFor()
  return { name: principal.username, page, keyboard, keys, complaints, pointers }
}

/** Registers the key that is plugged in, from the list of authenticators. */
export async function registerKey(
  { page, keyboard }: Pick<AtBrowser, 'page' | 'keyboard'>,
  { base, kind, name }: { readonly base: string; readonly kind: 'Passkey' | 'Security key'; readonly name: string },
): Promise<void> {
  await page.goto(`${base}/me/authenticators`)
  const table = page.getByRole('table', { name: 'Authenticators' })
  await table.waitFor()
  await keyboard.press('Add an authenticator')
  await keyboard.press(kind)
  await keyboard.type('Name', name)
  await keyboard.key('Enter')
  await table.getByText(name).waitFor()
}
