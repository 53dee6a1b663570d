import { mkdir } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import { chromium, type Browser } from 'playwright-core'
import { createServer } from 'vite'

/** The web's root, and where the pictures go (git-ignored). */
const web = fileURLToPath(new URL('../apps/web', import.meta.url))
const target = fileURLToPath(new URL('../screenshots', import.meta.url))
const executablePath = process.env['CHROMIUM_PATH'] ?? '/usr/bin/chromium'

/** Name of the picture → scenario and address in the gallery, which shows the real screens over a stand-in for the server. */
const shots: Readonly<Record<string, string>> = {
  'log-in': 'anonymous/', 'first-password': 'first-password/', 'first-totp': 'first-totp/', 'overview': 'full/', 'overview-empty': 'empty/', 'overview-denied': 'denied/', 'leases': 'full/access/leases', 'lease': 'full/access/leases/l1', 'lease-irrevocable': 'full/access/leases/l4',
  'leases-empty': 'empty/access/leases', 'leases-failing': 'failing/access/leases', 'leases-loading': 'slow/access/leases', 'keys': 'full/access/keys', 'key': 'full/access/keys/k2', 'certificates': 'full/access/certificates', 'hosts': 'full/access/hosts', 'host': 'full/access/hosts/h3', 'hosts-empty': 'empty/access/hosts',
  'register-host': 'full/access/register-host', 'issue': 'full/access/issue', 'audit': 'full/record/audit', 'audit-entry': 'full/record/audit/e1197', 'audit-denied': 'denied/record/audit', 'users': 'full/people/users', 'user': 'full/people/users/u1', 'create-user': 'full/people/new', 'teams': 'full/people/teams',
  'policies': 'full/policy', 'policy': 'full/policy/viewer-read-only', 'sessions': 'full/me/sessions', 'account': 'full/me/account', 'session-ended': 'ended/access/hosts', 'parts': '',
}

const views = [
  { name: 'light', colorScheme: 'light', viewport: { width: 1440, height: 900 } },
  { name: 'dark', colorScheme: 'dark', viewport: { width: 1440, height: 900 } },
  { name: 'phone', colorScheme: 'light', viewport: { width: 360, height: 780 } },
] as const

type View = (typeof views)[number]

/** Long enough for the slowest part of a screen, the skeleton, to show. */
const settleMs = 700

async function shootAll(browser: Browser, view: View, origin: string, wanted: readonly (readonly [string, string])[]): Promise<void> {
  const context = await browser.newContext({ colorScheme: view.colorScheme, viewport: view.viewport, reducedMotion: 'reduce' })
  const page = await context.newPage()
  page.on('pageerror', (error) => process.stderr.write(`  ${view.name}: ${error.message}\n`))
  for (const [name, address] of wanted) {
    await page.goto(`${origin}/dev/gallery/${address}`)
    await page.waitForLoadState('networkidle')
    await page.waitForTimeout(settleMs)
    await page.screenshot({ path: `${target}/${name}-${view.name}.png`, fullPage: view.name === 'phone' && await page.locator('.panel').count() === 0 })
    process.stdout.write(`screenshots/${name}-${view.name}.png\n`)
  }
  await context.close()
}

/** Takes a picture of each screen, light, dark and on a phone. Arguments narrow it down to pictures whose names begin so. */
async function main(names: readonly string[]): Promise<void> {
  await mkdir(target, { recursive: true })
  const wanted = Object.entries(shots).filter(([name]) => names.length === 0 || names.some((start) => name.startsWith(start)))
  const server = await createServer({ root: web, configFile: `${web}/vite.config.ts`, logLevel: 'error', server: { port: 0, host: '127.0.0.1' } })
  await server.listen()
  const browser = await chromium.launch({ executablePath, args: ['--no-sandbox'] })
  try {
    const origin = server.resolvedUrls?.local[0]?.replace(/\/$/, '') ?? ''
    for (const view of views) await shootAll(browser, view, origin, wanted)
  } finally {
    await browser.close()
    await server.close()
  }
}

await main(process.argv.slice(2))
