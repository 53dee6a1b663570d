// Threats A6, B5: whatever a client was told is true after the gateway was killed straight after telling it.
import { startGatewayHome, volume, type GatewayFacts, type GatewayHome } from '@gatehouse/testkit'
import { EventSourceParserStream } from 'eventsource-parser/stream'
import pg from 'pg'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { baseOf, freshTotp, logIn, outside, principalOf, patiently } from './support/outside.ts'

let home: GatewayHome
let dev: GatewayFacts
beforeAll(async () => {
  home = await startGatewayHome()
  dev = home.dev()
})
afterAll(() => home?.remove())

/** How many tests are under way, and how many of them have come to where the gateway shall be killed. */
const scene = { acting: 0, waiting: 0, killed: Promise.withResolvers<void>() }

/** Kills the gateway once all who are under way want that: a start of it costs more than all that they ask of it. */
function killWhenAllWait(): void {
  if (scene.waiting === 0 || scene.waiting < scene.acting) return
  const { resolve, reject } = scene.killed
  Object.assign(scene, { waiting: 0, killed: Promise.withResolvers<void>() })
  home.killGateway().then(resolve, reject)
}

/** Plays a test's part on the gateway that all share, with people that no other test here uses. */
async function onGateway(part: (base: string, killGateway: () => Promise<void>) => Promise<void>): Promise<void> {
  scene.acting += 1
  try {
    await part(baseOf(dev), () => {
      scene.waiting += 1
      const { promise } = scene.killed
      killWhenAllWait()
      return promise
    })
  } finally {
    scene.acting -= 1
    killWhenAllWait()
  }
}

describe('kill -9 of the gateway straight after an answer', { timeout: 120_000 }, () => {
  test.concurrent('a counter has counted each 401, and goes on from there', () =>
    onGateway(async (base, killGateway) => {
      const { username, password } = principalOf(dev, 'Developer')
      const killed = volume({ full: 3, sample: 1 })
      for (let failures = 1; failures <= killed; failures += 1) {
        const answer = await patiently(() => outside(base).mutate('auth.login', { username, password: 'wrong' }))
        expect(answer.status).toBe(401)
        await killGateway()
        expect(await failuresOf(username)).toBe(failures)
      }
      for (let failures = killed + 1; failures <= 5; failures += 1)
        expect((await outside(base).mutate('auth.login', { username, password: 'wrong' })).code).toBe(
          'invalid-credentials',
        )
      await killGateway()
      expect((await outside(base).mutate('auth.login', { username, password })).code).toBe('rate-limited')
    }))

  test.concurrent("a rotated refresh token is the family's, and the one before it a thief's", () =>
    onGateway(async (base, killGateway) => {
      const operator = await logIn(base, principalOf(dev, 'Operator'))
      const first = await outside(base).mutate('auth.refresh', { refreshToken: operator.refreshToken })
      // its shape is what the interface fixes
      const told = first.data['tokens'] as { accessToken: string; refreshToken: string }
      await killGateway()
      expect((await outside(base, told.accessToken).query('auth.whoami')).status).toBe(200)
      const second = await outside(base).mutate('auth.refresh', { refreshToken: told.refreshToken })
      expect(second.status).toBe(200)
      await killGateway()
      expect((await outside(base).mutate('auth.refresh', { refreshToken: operator.refreshToken })).code).toBe(
        'unauthenticated',
      )
      await killGateway()
      const last = second.data['tokens'] as { accessToken: string; refreshToken: string } // as above
      expect((await outside(base, last.accessToken).query('auth.whoami')).code).toBe('unauthenticated')
      expect((await outside(base).mutate('auth.refresh', { refreshToken: last.refreshToken })).code).toBe(
        'unauthenticated',
      )
    }))
  test.concurrent('who has logged out is out, and so is who was disabled', () =>
    onGateway(async (base, killGateway) => {
      const [gone, disabled, admin] = [
        await logIn(base, principalOf(dev, 'Auditor')),
        await logIn(base, principalOf(dev, 'Operator', 1)),
        await logIn(base, principalOf(dev, 'Admin')),
      ]
      const token = String(
        (await disabled.mutate('apiToken.create', { name: 'report', purpose: 'a report', scopes: ['read'] })).data[
          'token'
        ],
      )
      const { id } = (await disabled.query('auth.whoami')).data
      expect((await gone.mutate('auth.logout')).status).toBe(200)
      await killGateway()
      expect((await gone.query('auth.whoami')).code).toBe('unauthenticated')
      expect((await outside(base).mutate('auth.refresh', { refreshToken: gone.refreshToken })).code).toBe(
        'unauthenticated',
      )
      expect((await admin.mutate('user.disable', { id, reason: 'left' })).status).toBe(200)
      await killGateway()
      for (const credential of [disabled.token ?? '', token])
        expect((await outside(base, credential).query('auth.whoami')).code).toBe('unauthenticated')
      expect((await outside(base).mutate('auth.refresh', { refreshToken: disabled.refreshToken })).code).toBe(
        'unauthenticated',
      )
      const { username, password } = principalOf(dev, 'Operator', 1)
      expect((await outside(base).mutate('auth.login', { username, password })).code).toBe('invalid-credentials')
    }))

  // Threat F4: what was exported is whole, or known not to be.
  test.concurrent('an export that was cut off goes on where it was, and is the same to the letter', () =>
    onGateway(async (base, killGateway) => {
      const admin = await logIn(base, principalOf(dev, 'Admin', 1))
      for (let calls = 0; calls < entriesOfTwoPages; calls += callsAtOnce)
        await Promise.all(Array.from({ length: callsAtOnce }, () => admin.query('team.list')))
      const { id } = (await admin.mutate('audit.export', { format: 'jsonl' })).data
      const cut: ExportPart[] = []
      while (typeof cut.at(-1)?.manifest !== 'string') {
        const after = cut.at(-1)?.cursor
        cut.push(...(await partsOf(base, admin.token, { id, ...(after === undefined ? {} : { after }) }, 1)))
        if (cut.length <= 2) await killGateway()
      }
      expect(cut.length).toBeGreaterThan(2)
      const whole = await partsOf(base, admin.token, { id }, Infinity)
      expect(textOf(cut)).toBe(textOf(whole))
      expect(claimOf(cut)).toBe(claimOf(whole))
      expect(claimOf(whole)).toMatch(/\nlines 3\d\d /)
    }))

  test.concurrent('an enrolment goes on after its first step; after its last its code is spent', () =>
    onGateway(async (base, killGateway) => {
      const viewer = await logIn(base, principalOf(dev, 'Viewer'))
      const begun = await viewer.mutate('totp.enroll', { name: 'second phone' })
      const { id, secret } = begun.data as { id: string; secret: string } // fixed by the interface
      await killGateway()
      const code = await freshTotp(secret)
      expect((await viewer.mutate('totp.confirm', { id, code })).status).toBe(200)
      await killGateway()
      const { items } = (await viewer.query('authenticator.list')).data as {
        items: { id: string; confirmed: boolean }[]
      } // fixed by the interface
      expect(items.find((one) => one.id === id)).toMatchObject({ confirmed: true })
      expect((await viewer.mutate('auth.stepUpComplete', { totp: code })).code).toBe('invalid-credentials')
      await killGateway()
      expect((await viewer.mutate('auth.stepUpComplete', { totp: await freshTotp(secret) })).status).toBe(200)
    }))
})

/** An export is sent 250 entries at a time: enough for a piece, another, and the end. */
const entriesOfTwoPages = 320
const callsAtOnce = 20

interface ExportPart {
  readonly text: string
  readonly cursor: string
  readonly manifest: string | null
}

const textOf = (parts: readonly ExportPart[]): string => parts.map((part) => part.text).join('')

/** What the signed manifest says of an export, but for when it was signed. */
const claimOf = (parts: readonly ExportPart[]): string => parts.at(-1)?.manifest?.split('\nat ')[0] ?? ''

/** So many pieces of an export, or those to its end. */
async function partsOf(base: string, token: string | null, input: object, wanted: number): Promise<ExportPart[]> {
  const url = `${base}/trpc/audit.exportStream?input=${encodeURIComponent(JSON.stringify(input))}`
  const gone = new AbortController()
  const response = await fetch(url, {
    headers: { authorization: `Bearer ${token ?? ''}`, accept: 'text/event-stream' },
    signal: gone.signal,
  })
  const events = (response.body ?? expect.fail('a stream has a body'))
    .pipeThrough(new TextDecoderStream())
    .pipeThrough(new EventSourceParserStream())
  const parts: ExportPart[] = []
  for await (const { event, data } of events) {
    if (event === undefined) parts.push(JSON.parse(data) as ExportPart) // its shape is what the interface fixes
    if (parts.length === wanted || typeof parts.at(-1)?.manifest === 'string') break
  }
  gone.abort()
  return parts
}

async function failuresOf(username: string): Promise<number> {
  const client = new pg.Client({ connectionString: dev.database.adminUrl })
  await client.connect()
  try {
    const { rows } = await client.query<{ failures: number }>(
      "select failures from guess_throttle where kind = 'password' and key = $1",
      [username],
    )
    return rows[0]?.failures ?? 0
  } finally {
    await client.end()
  }
}
