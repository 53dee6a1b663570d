import { execFile } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { promisify } from 'node:util'
import { withSeeding } from '@gatehouse/compose'
import { loadConfig, type Config } from '@gatehouse/config'
import { operations } from '@gatehouse/contract'
import { seedPrincipals } from '@gatehouse/identity'
import {
  chromiumFlags,
  chromiumPath,
  createDatabase,
  freePort,
  sampleOf,
  volume,
  type TestDatabase,
} from '@gatehouse/testkit'
import { pino } from 'pino'
import { chromium, type Browser, type Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { composeGateway, type Gateway } from '../../apps/gateway/src/compose.ts'
import { createHttpServer } from '../../apps/gateway/src/http-server.ts'
import { examplesIn, type PageExample } from '../../apps/gateway/test/page-examples.ts'
import { seriousProblems } from './support/axe.ts'
import { freshTotp, logIn, type Outside, type SeedPrincipal } from './support/outside.ts'
import { complaintsOf } from './support/person.ts'

// The pages that the gateway has of its own, on a gateway that listens: the reference for readers, with and without
// JavaScript, and the explorer for who is logged in.

const root = resolve(import.meta.dirname, '../..')

let database: TestDatabase
let home: string
let gateway: Gateway
let stop: () => void
let base: string
let people: readonly SeedPrincipal[]
let admin: Outside
let browser: Browser
const faults: string[] = []

const personOf = (role: string): SeedPrincipal => {
  const found = people.find((person) => person.role === role)
  if (found === undefined) throw new TypeError(`nobody is ${role}`)
  return found
}

beforeAll(async () => {
  const [port, made, directory] = await Promise.all([
    freePort(),
    createDatabase(),
    mkdtemp(join(tmpdir(), 'gh-reference-')),
  ])
  database = made
  home = directory
  const config = configOf({ GATEHOUSE_DEV: '1', GATEHOUSE_PORT: String(port) })
  people = await seeded(config)
  gateway = await composeGateway(config, faultLog(), () => undefined)
  const server = createHttpServer(gateway.app.fetch)
  server.listen({ port, host: 'localhost' })
  await once(server, 'listening')
  stop = () => void server.close()
  base = `http://localhost:${port}`
  admin = await logIn(base, personOf('Admin'))
  browser = await chromium.launch({ executablePath: chromiumPath(), args: [...chromiumFlags()] })
})
afterAll(async () => {
  await browser?.close()
  stop?.()
  await gateway?.close()
  await database?.drop()
  await rm(home, { recursive: true, force: true })
})

const faultLog = () => pino({ level: 'error' }, { write: (line: string) => void faults.push(line) })

const configOf = (environment: Record<string, string>): Config =>
  loadConfig({ DATABASE_URL: database.url, GATEHOUSE_HOME: home, ...environment }, root)

const seeded = (config: Config): Promise<readonly SeedPrincipal[]> =>
  withSeeding(config, async (deps) =>
    (await seedPrincipals(deps)).map(({ username, password, totpSecret, role, teams }) => ({
      username,
      password: password.expose(),
      totpSecret: totpSecret.expose(),
      role,
      teams: [...teams],
    })),
  )

describe('the reference page', () => {
  let reads: readonly PageExample[]
  beforeAll(async () => {
    const page = await (await fetch(`${base}/reference`)).text()
    reads = examplesIn(page).filter(({ name }) => operations[name].kind === 'query')
  })

  test('is served to strangers, and asked for again only when it has changed', async () => {
    const response = await fetch(`${base}/reference`)
    expect([response.status, response.headers.get('content-type')]).toEqual([200, 'text/html; charset=utf-8'])
    const etag = response.headers.get('etag') ?? ''
    expect((await fetch(`${base}/reference`, { headers: { 'if-none-match': etag } })).status).toBe(304)
  })

  test('every read by GraphQL answers as it stands, or says that there is no such thing', async () => {
    const answers = new Map<string, string | null>()
    for (const { name, text } of reads.filter(({ way }) => way === 'graphql'))
      answers.set(name, (await admin.graphql(text)).code)
    expect(unexpected(answers)).toEqual([])
    expect([...answers.values()].filter((code) => code === null).length).toBeGreaterThan(25)
  })

  test('every read by curl answers as it stands, or says that there is no such thing', async () => {
    const answers = new Map<string, string | null>()
    // a process each: a third of them a day
    const asked = sampleOf(
      reads.filter(({ way }) => way === 'curl'),
      3,
    )
    for (const { name, text } of asked) answers.set(name, await codeByCurl(text))
    expect(unexpected(answers)).toEqual([])
    const answered = [...answers.values()].filter((code) => code === null)
    expect(answered.length).toBeGreaterThan(volume({ full: 25, sample: 5 }))
  })

  test('none of it is a fault', () => {
    expect(faults).toEqual([])
  })
})

/** This gateway has no Temporal, whose payloads it could open. */
const withoutTemporal: Readonly<Record<string, string>> = { 'workflow.decode': 'unavailable' }

/** The examples name things that need not be there; nothing else may be wrong with them. */
const unexpected = (answers: ReadonlyMap<string, string | null>): readonly string[] =>
  [...answers]
    .filter(([name, code]) => code !== null && code !== (withoutTemporal[name] ?? 'not-found'))
    .map(([name, code]) => `${name}: ${code}`)

/** By a process of its own: the gateway lives in this one. */
async function codeByCurl(command: string): Promise<string | null> {
  const env = { ...process.env, GATEHOUSE_URL: base, GATEHOUSE_TOKEN: admin.token ?? '' }
  const quiet = `curl() { command curl --silent "$@"; }\n${command}`
  const { stdout } = await promisify(execFile)('bash', ['-eu', '-c', quiet], { env })
  const answer = JSON.parse(stdout) as { error?: { data: { refusal: { code: string } } } }
  return answer.error?.data.refusal.code ?? null
}

describe('the reference page in a browser', () => {
  test('is whole without JavaScript, and nothing in it is wider than a phone', async () => {
    const context = await browser.newContext({ javaScriptEnabled: false, viewport: { width: 360, height: 740 } })
    const page = await context.newPage()
    await page.goto(`${base}/reference#lease.revoke`)
    expect(await page.getByRole('search').count()).toBe(0)
    const article = page.locator('[id="lease.revoke"]')
    await article.getByText('GraphQL', { exact: true }).click()
    expect(await article.getByText('leaseRevoke').isVisible()).toBe(true)
    await context.close()
    const phone = await browser.newPage({ viewport: { width: 360, height: 740 } })
    await phone.goto(`${base}/reference`)
    expect(await phone.evaluate('document.documentElement.scrollWidth')).toBe(360)
    await phone.close()
  })

  test('is searched by keyboard alone', async () => {
    const page = await browser.newPage()
    const complaints = complaintsOf(page)
    await page.goto(`${base}/reference`)
    await page.keyboard.press('/')
    await page.keyboard.type('revoke certificate')
    expect(await page.locator('[id="sshCertificate.revoke"]').isVisible()).toBe(true)
    expect(await page.locator('[id="team.create"]').isVisible()).toBe(false)
    expect(await page.locator('#found').textContent()).toMatch(/^\d+ operations?$/)
    await page.keyboard.press('Enter')
    expect(new URL(page.url()).hash).toBe('#sshCertificate.revoke')
    await page.keyboard.press('Escape')
    expect(await page.locator('[id="team.create"]').isVisible()).toBe(true)
    expect(complaints).toEqual([])
    await page.close()
  })

  test.for(['light', 'dark'] as const)('has nothing that WCAG 2.2 AA calls serious, %s', async (colorScheme) => {
    const context = await browser.newContext({ colorScheme, bypassCSP: true })
    const page = await context.newPage()
    await page.goto(`${base}/reference`)
    // the first fifth of the page stands for all of it: every kind of thing is in there
    await page.evaluate(
      "document.querySelectorAll('main > section:nth-of-type(n + 8):not(:last-of-type)').forEach((x) => x.remove())",
    )
    expect(await seriousProblems(page, colorScheme === 'light' ? 'everything' : 'colours')).toEqual([])
    await context.close()
  })
})

/** Logs in as the control center does: the tokens become cookies of the browser. */
async function logInBrowser(page: Page, { username, password, totpSecret }: SeedPrincipal): Promise<void> {
  await page.goto(`${base}/explorer`)
  const call = (name: string, input: object): Promise<{ result: { data: { challenge?: { id: string } } } }> =>
    page.evaluate(`fetch('/trpc/${name}', {
      method: 'POST', body: ${JSON.stringify(JSON.stringify(input))},
      headers: { 'content-type': 'application/json', 'gatehouse-session': 'cookie' },
    }).then((response) => response.json())`)
  const { result } = await call('auth.login', { username, password })
  await call('auth.completeMfa', { challengeId: result.data.challenge?.id, totp: await freshTotp(totpSecret) })
}

describe('the explorer', () => {
  let page: Page
  let complaints: readonly string[]
  beforeAll(async () => {
    page = await browser.newPage()
    complaints = complaintsOf(page)
    await logInBrowser(page, personOf('Viewer'))
    await page.reload()
  })

  const outcome = (): Promise<string | null> => page.locator('#outcome').textContent()
  const answer = (): Promise<string | null> => page.locator('#answer').textContent()
  const run = async (): Promise<void> => {
    await page.locator('#document').press('Control+Enter')
    await page.locator('#outcome', { hasText: /Answered|Refused/ }).waitFor()
  }

  test('calls as who is logged in, under the strict content security policy', async () => {
    await page.getByText(`You call as ${personOf('Viewer').username} (Viewer).`).waitFor()
    await run()
    expect(await outcome()).toMatch(/^Answered \(200, \d+ ms\)$/)
    expect(await answer()).toContain(`"username": "${personOf('Viewer').username}"`)
    expect(complaints).toEqual([])
  })

  test('begins with an example of each operation, and shows what is refused', async () => {
    await page.getByLabel('Begin with').selectOption({ label: 'team.create' })
    expect(await page.getByLabel('Document').inputValue()).toContain('teamCreate(')
    await run()
    expect(await outcome()).toContain('Refused: forbidden')
    expect(await answer()).toContain('viewer-read-only')
  })

  test('keeps a session whose access token is gone, by its refresh token', async () => {
    const cookies = await page.context().cookies()
    await page.context().clearCookies({ name: cookies.find(({ name }) => name.includes('access'))?.name ?? 'none' })
    await page.getByLabel('Document').fill('{ authWhoami { username } }')
    await run()
    expect(await answer()).toContain(personOf('Viewer').username)
  })

  test('opens a stream and stops it', async () => {
    await page.getByLabel('Document').fill('subscription { leaseWatch { id state } }')
    await page.getByRole('button', { name: 'Run' }).click()
    await page.locator('#outcome', { hasText: 'Open' }).waitFor()
    await page.getByRole('button', { name: 'Stop' }).click()
    await page.locator('#outcome', { hasText: 'Stopped.' }).waitFor()
  })

  test('takes a token instead of the session', async () => {
    await page.getByLabel('Token').fill(admin.token ?? '')
    await page.getByLabel('Document').fill('{ authWhoami { username } }')
    await run()
    expect(await answer()).toContain(personOf('Admin').username)
  })

  test('has nothing that WCAG 2.2 AA calls serious', async () => {
    const context = await browser.newContext({ bypassCSP: true })
    const plain = await context.newPage()
    await plain.goto(`${base}/explorer`)
    expect(await seriousProblems(plain)).toEqual([])
    await context.close()
  })

  test('is not there in production', async () => {
    const production = await composeGateway(configOf({}), faultLog(), () => undefined)
    const statusOf = async (path: string): Promise<number> =>
      (await production.app.request(`http://localhost${path}`, {}, peer)).status
    expect(await statusOf('/explorer')).toBe(404)
    expect(await statusOf('/explorer/explorer.js')).toBe(404)
    expect(await statusOf('/reference')).toBe(200)
    await production.close()
  })
})

const peer = { incoming: { socket: { remoteAddress: '127.0.0.1', remotePort: 1, remoteFamily: 'IPv4' } } }
