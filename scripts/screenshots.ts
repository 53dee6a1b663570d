import { mkdir } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import { chromiumFlags, chromiumPath } from '@gatehouse/testkit'
import { chromium, type Browser } from 'playwright-core'
import { shots, steps } from '../apps/web/src/features/gallery/shots.ts'
import { playSteps } from './web/play-steps.ts'
import { serveGallery } from './web/serve-gallery.ts'

/** Where the pictures go (git-ignored). */
const target = fileURLToPath(new URL('../screenshots', import.meta.url))

const views = [
  { name: 'light', colorScheme: 'light', viewport: { width: 1440, height: 900 } },
  { name: 'dark', colorScheme: 'dark', viewport: { width: 1440, height: 900 } },
  { name: 'phone', colorScheme: 'light', viewport: { width: 360, height: 780 } },
] as const

type View = (typeof views)[number]

/** Long enough for the slowest part of a screen, the skeleton, to show. */
const settleMs = 700

async function shootAll(
  browser: Browser,
  view: View,
  { origin, wanted }: { origin: string; wanted: readonly (readonly [string, string])[] },
): Promise<void> {
  const context = await browser.newContext({
    colorScheme: view.colorScheme,
    viewport: view.viewport,
    reducedMotion: 'reduce',
  })
  const page = await context.newPage()
  page.on('pageerror', (error) => process.stderr.write(`  ${view.name}: ${error.message}\n`))
  for (const [name, address] of wanted) {
    await page.goto('about:blank') // a fragment alone would not load the page anew
    await page.goto(`${origin}/dev/gallery/${address}`)
    await page.waitForSelector('h1, h2')
    await playSteps(page, steps[name] ?? [])
    await page.waitForTimeout(settleMs)
    const fullPage = view.name === 'phone' && (await page.locator('.panel').count()) === 0
    // what sticks to the top of the screen would stand in the middle of the picture
    if (fullPage) await page.evaluate('scrollTo(0, 0)')
    await page.screenshot({ path: `${target}/${name}-${view.name}.png`, fullPage })
    process.stdout.write(`screenshots/${name}-${view.name}.png\n`)
  }
  await context.close()
}

/**
 * Takes a picture of each screen, light, dark and on a phone. Arguments narrow it down to pictures whose names begin
 * so.
 */
async function main(names: readonly string[]): Promise<void> {
  await mkdir(target, { recursive: true })
  const wanted = Object.entries(shots).filter(
    ([name]) => names.length === 0 || names.some((start) => name.startsWith(start)),
  )
  const gallery = await serveGallery()
  const browser = await chromium.launch({ executablePath: chromiumPath(), args: [...chromiumFlags()] })
  try {
    for (const view of views) await shootAll(browser, view, { origin: gallery.origin, wanted })
  } finally {
    await browser.close()
    await gallery.stop()
  }
}

await main(process.argv.slice(2))
