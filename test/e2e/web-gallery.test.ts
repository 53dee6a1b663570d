import { fileURLToPath } from 'node:url'
import { chromiumFlags, chromiumPath } from '@gatehouse/testkit'
import { chromium, type Browser, type Page } from 'playwright-core'
import { createServer, type ViteDevServer } from 'vite'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { shots } from '../../apps/web/src/features/gallery/shots.ts'
import { seriousProblems } from './support/axe.ts'

const web = fileURLToPath(new URL('../../apps/web', import.meta.url))

let server: ViteDevServer
let origin: string
let browser: Browser

beforeAll(async () => {
  server = await createServer({ root: web, configFile: `${web}/vite.config.ts`, logLevel: 'error', server: { port: 0, host: '127.0.0.1' } })
  await server.listen()
  origin = (server.resolvedUrls?.local[0] ?? '').replace(/\/$/, '')
  browser = await chromium.launch({ executablePath: chromiumPath(), args: [...chromiumFlags()] })
})
afterAll(async () => {
  await browser?.close()
  await server?.close()
})

/** Every state of every screen, with what axe finds serious in it and what the page itself complained of. */
async function problemsOf(page: Page): Promise<Record<string, readonly string[]>> {
  const found: Record<string, readonly string[]> = {}
  const thrown: string[] = []
  page.on('pageerror', (error) => thrown.push(error.message))
  for (const [name, address] of Object.entries(shots)) {
    await page.goto(`${origin}/dev/gallery/${address}`)
    await page.waitForLoadState('networkidle')
    await page.waitForSelector('h1, h2')
    const problems = [...await seriousProblems(page), ...thrown.splice(0)]
    if (problems.length > 0) found[name] = problems
  }
  return found
}

describe.each(['light', 'dark'] as const)('every state of every screen, %s', (colorScheme) => {
  test.each([['desk', 1440], ['phone', 360]] as const)('is free of serious accessibility problems and of errors on a %s', async (_where, width) => {
    const context = await browser.newContext({ colorScheme, viewport: { width, height: 900 }, reducedMotion: 'reduce' })
    expect(await problemsOf(await context.newPage())).toEqual({})
    await context.close()
  }, 240_000)
})

test('no screen is wider than a phone', async () => {
  const context = await browser.newContext({ viewport: { width: 360, height: 780 } })
  const page = await context.newPage()
  const wide: string[] = []
  for (const [name, address] of Object.entries(shots)) {
    await page.goto(`${origin}/dev/gallery/${address}`)
    await page.waitForSelector('h1, h2')
    const width = await page.evaluate<number>('document.documentElement.scrollWidth')
    if (width > 360) wide.push(`${name}: ${width}px`)
  }
  expect(wide).toEqual([])
  await context.close()
}, 240_000)
