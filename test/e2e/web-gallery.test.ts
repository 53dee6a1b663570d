import { chromiumFlags, chromiumPath, sampleOf, timeoutOf } from '@gatehouse/testkit'
import { chromium, type Browser, type Page } from 'playwright-core'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { shots, steps } from '../../apps/web/src/features/gallery/shots.ts'
import { playSteps } from '../../scripts/web/play-steps.ts'
import { serveGallery, type ServedGallery } from '../../scripts/web/serve-gallery.ts'
import { seriousProblems } from './support/axe.ts'

let gallery: ServedGallery
let browser: Browser

beforeAll(async () => {
  gallery = await serveGallery()
  browser = await chromium.launch({ executablePath: chromiumPath(), args: [...chromiumFlags()] })
})
afterAll(async () => {
  await browser?.close()
  await gallery?.stop()
})

/** The stand-in answers at once; a skeleton, where one is due, shows after 200 ms. */
const settleMs = 300

const desk = { width: 1440, height: 900 }
const phone = { width: 360, height: 900 }

/** Brings a state of a screen up, light and on a desk. */
async function open(page: Page, name: string, address: string): Promise<void> {
  await page.setViewportSize(desk)
  await page.emulateMedia({ colorScheme: 'light', reducedMotion: 'reduce' })
  await page.goto('about:blank') // a fragment alone would not load the page anew
  await page.goto(`${gallery.origin}/dev/gallery/${address}`)
  await page.waitForSelector('h1, h2')
  await playSteps(page, steps[name] ?? [])
  await page.waitForTimeout(settleMs)
}

/** Content that has to be scrolled sideways. */
async function tooWide(page: Page, { width }: typeof desk): Promise<readonly string[]> {
  const wide = await page.evaluate<number>('document.documentElement.scrollWidth')
  return wide > width ? [`${wide} px wide on ${width}`] : []
}

/** What is wrong with the state that is up: light, dark, and on a phone. */
async function problemsOn(page: Page): Promise<readonly string[]> {
  const light = [...(await seriousProblems(page)), ...(await tooWide(page, desk))]
  await page.emulateMedia({ colorScheme: 'dark', reducedMotion: 'reduce' })
  const dark = await seriousProblems(page, 'colours')
  await page.emulateMedia({ colorScheme: 'light', reducedMotion: 'reduce' })
  await page.setViewportSize(phone)
  await page.evaluate('scrollTo(0, 0)') // what lies half under the top bar is no smaller for that
  const small = [...(await seriousProblems(page)), ...(await tooWide(page, phone))]
  return [
    ...light.map((problem) => `light: ${problem}`),
    ...dark.map((problem) => `dark: ${problem}`),
    ...small.map((problem) => `phone: ${problem}`),
  ]
}

/** What is wrong in each of some states. */
async function problemsOf(some: readonly (readonly [string, string])[]): Promise<Record<string, readonly string[]>> {
  const context = await browser.newContext()
  const page = await context.newPage()
  const found: Record<string, readonly string[]> = {}
  const thrown: string[] = []
  page.on('pageerror', (error) => thrown.push(error.message))
  for (const [name, address] of some) {
    await open(page, name, address)
    const problems = [...(await problemsOn(page)), ...thrown.splice(0)]
    if (problems.length > 0) found[name] = problems
  }
  await context.close()
  return found
}

/** Two pages at once: while one waits, the other works. */
const atOnce = 2

/** `npm test` looks at some of the states, others each day: in five weeks at all. */
const lookedAt = 36

test(
  'every state of every screen works for everybody, light, dark and on a phone',
  { timeout: timeoutOf(600_000) },
  async () => {
    const all = sampleOf(Object.entries(shots), lookedAt)
    expect(all.length).toBeGreaterThan(5)
    const parts = Array.from({ length: atOnce }, (_, part) => all.filter((_shot, index) => index % atOnce === part))
    expect(Object.assign({}, ...(await Promise.all(parts.map(problemsOf))))).toEqual({})
  },
)

test('nothing can be pressed before it is known what a person may do, and no reason is made up', async () => {
  const page = await browser.newPage()
  await open(page, 'hosts-waiting', shots['hosts-waiting'] ?? '')
  const register = page.getByRole('link', { name: 'Register a host' })
  expect(await register.getAttribute('aria-disabled')).toBe('true')
  expect(await register.getAttribute('aria-busy')).toBe('true')
  expect(await page.getByText("You don't have permission").count()).toBe(0)
  await page.close()
}, 60_000)

test('what can’t be pressed says why: below all buttons on a phone, and as a notice when it is pressed', async () => {
  const page = await browser.newPage()
  await open(page, 'audit-blocked', 'viewer/record/audit')
  await page.setViewportSize(phone)
  const actions = page.locator('.page-actions')
  const bottoms: number[] = []
  for (const button of await actions.locator('.button').all()) {
    const box = await button.boundingBox()
    bottoms.push((box?.y ?? 0) + (box?.height ?? 0))
  }
  expect(bottoms).toHaveLength(5)
  const reason = await actions.locator('.acts-why').boundingBox()
  expect(reason?.y).toBeGreaterThanOrEqual(Math.max(...bottoms))
  const verify = page.getByRole('button', { name: 'Verify audit log' })
  expect(await verify.getAttribute('aria-disabled')).toBe('true')
  await verify.click({ force: true })
  await page.getByRole('status', { name: 'Notices' }).getByText("You don't have permission").waitFor()
  await page.close()
}, 60_000)

test('a search for an action that is none says so, and looks for the one that was meant', async () => {
  const page = await browser.newPage()
  await open(page, 'audit-unknown', 'admin-empty/record/audit?action=lease.rvoke')
  await page.getByText('No action is called “lease.rvoke”').waitFor()
  await page.getByRole('button', { name: 'Search for lease.revoke' }).click()
  await page.getByText('No action is called').waitFor({ state: 'detached' })
  expect(await page.getByLabel('Action', { exact: true }).inputValue()).toBe('lease.revoke')
  await page.close()
}, 60_000)

test('filters of the audit log fold on a phone behind a button that says how many there are', async () => {
  const page = await browser.newPage()
  await open(page, 'audit-filtered', shots['audit-filtered'] ?? '')
  const [fold, actor] = [page.getByRole('button', { name: 'Filters (3)' }), page.getByLabel('Actor')]
  expect([await fold.isVisible(), await actor.isVisible()]).toEqual([false, true])
  await page.setViewportSize(phone)
  expect([await fold.getAttribute('aria-expanded'), await actor.isVisible()]).toEqual(['false', false])
  await fold.press('Enter')
  expect([await fold.getAttribute('aria-expanded'), await actor.isVisible()]).toEqual(['true', true])
  await page.keyboard.press('Tab')
  expect(await page.evaluate('document.activeElement?.labels?.[0]?.textContent')).toBe('Actor')
  await fold.press('Space')
  expect([await fold.getAttribute('aria-expanded'), await actor.isVisible()]).toEqual(['false', false])
  await page.close()
}, 60_000)

test.each([
  ['desk', desk, 'document.activeElement?.labels?.[0]?.textContent', 'Actor'],
  ['phone', phone, 'document.activeElement?.textContent', 'Filters'],
] as const)(
  'who clears the filters on a %s goes on at the first thing of them, and is told',
  async (...at) => {
    const [, size, focused, first] = at
    const page = await browser.newPage()
    await open(page, 'audit-filtered', shots['audit-filtered'] ?? '')
    await page.setViewportSize(size)
    await page.getByRole('button', { name: 'Clear filters' }).press('Enter')
    await page.getByRole('status').filter({ hasText: 'Filters cleared' }).waitFor()
    expect(await page.evaluate(focused)).toBe(first)
    expect(await page.getByRole('button', { name: 'Clear filters' }).count()).toBe(0)
    await page.close()
  },
  60_000,
)

test('who asks finds their own requests, or how to make one; who approves sees how many of others wait', async () => {
  const page = await browser.newPage()
  await open(page, 'approvals-developer', shots['approvals-developer'] ?? '')
  await page.getByRole('link', { name: 'deploy Cluster api in shop' }).first().click()
  await page.getByRole('heading', { name: 'Request by ada' }).waitFor()
  expect(await page.getByText('waiting', { exact: true }).count()).toBe(0)
  await open(page, 'approvals-developer-empty', shots['approvals-developer-empty'] ?? '')
  await page.getByText('You have requested nothing').waitFor()
  await open(page, 'approvals-operator', shots['approvals-operator'] ?? '')
  await page.getByRole('link', { name: 'Approvals 1 waiting' }).waitFor()
  await page.close()
}, 60_000)

test('people are found by the palette, with what they are', async () => {
  const page = await browser.newPage()
  await open(page, 'users-admin', shots['users-admin'] ?? '')
  await page.keyboard.press('Control+k')
  await page.getByRole('combobox', { name: 'Search or run a command' }).fill('lovelace')
  await page.getByRole('option', { name: 'ada · Ada Lovelace User' }).click()
  await page.getByRole('heading', { name: 'ada', exact: true }).waitFor()
  await page.close()
}, 60_000)
