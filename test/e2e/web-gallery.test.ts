import { chromiumFlags, chromiumPath } from '@gatehouse/testkit'
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

/** What is wrong on one screen: what axe finds serious, and content that has to be scrolled sideways. */
async function problemsOn(page: Page, width: number): Promise<readonly string[]> {
  const wide = await page.evaluate<number>('document.documentElement.scrollWidth')
  return [...await seriousProblems(page), ...(wide > width ? [`${wide} px wide`] : [])]
}

/** Every state of every screen with what is wrong in it. */
async function problemsOf(page: Page, width: number): Promise<Record<string, readonly string[]>> {
  const found: Record<string, readonly string[]> = {}
  const thrown: string[] = []
  page.on('pageerror', (error) => thrown.push(error.message))
  for (const [name, address] of Object.entries(shots)) {
    await page.goto('about:blank') // a fragment alone would not load the page anew
    await page.goto(`${gallery.origin}/dev/gallery/${address}`)
    await page.waitForSelector('h1, h2')
    await playSteps(page, steps[name] ?? [])
    await page.waitForTimeout(settleMs)
    const problems = [...await problemsOn(page, width), ...thrown.splice(0)]
    if (problems.length > 0) found[name] = problems
  }
  return found
}

test.each([['light', 1440], ['dark', 1440], ['light', 360]] as const)('every state of every screen works for everybody, %s, %d px wide', async (colorScheme, width) => {
  const context = await browser.newContext({ colorScheme, viewport: { width, height: 900 }, reducedMotion: 'reduce' })
  expect(await problemsOf(await context.newPage(), width)).toEqual({})
  await context.close()
}, 240_000)
