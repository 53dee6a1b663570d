// A program that runs with a credential keeps it while it runs, and no longer.
import { existsSync } from 'node:fs'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { run } from './run.ts'
import { startWireServer, type Answer, type ReceivedCall, type WireServer } from './wire-server.ts'

let server: WireServer
let directory: string
let answer: (call: ReceivedCall) => Answer | Promise<Answer>
beforeAll(async () => {
  server = await startWireServer((call) => answer(call))
  directory = await mkdtemp(join(tmpdir(), 'gh-lease-run-'))
})
afterAll(async () => {
  await server.close()
  await rm(directory, { recursive: true })
})

/** The clock of the client stands still, so that nothing is late however slow the machine is. */
const now = new Date('2026-11-23T12:00:00Z')
const inSeconds = (seconds: number): string => new Date(now.getTime() + seconds * 1000).toISOString()
const lease = (ends: { readonly expiresAt: string; readonly renewableUntil: string | null }) => ({
  id: '019a1b2c-3d4e-7000-8000-000000000001',
  backend: 'postgres',
  role: 'shop-read',
  state: 'active',
  ...ends,
})
const material = { kind: 'postgres', username: 'u', password: 'p', url: null, host: null, port: null, authority: null }
const untilThere =
  'const {existsSync} = require("fs"); setInterval(() => existsSync(process.argv[1]) && process.exit(7), 20)'
const runUntil = (file: string) =>
  run(['lease', 'run', 'shop-read', '--ttl', '15m', '--', process.execPath, '-e', untilThere, file], {
    env: { GATEHOUSE_URL: server.url, GATEHOUSE_TOKEN: 'token' },
    now,
  })
const names = () => server.calls.splice(0).map(({ name, input }) => ({ name, input }))

test('a lease is renewed for as long as it was asked for, and revoked when the program ends', async () => {
  const done = join(directory, 'renewed')
  const renewableUntil = inSeconds(3600)
  let renewals = 0
  answer = async ({ name }) => {
    if (name === 'lease.issue')
      return { output: { lease: lease({ expiresAt: inSeconds(1), renewableUntil }), material } }
    if (name === 'lease.revoke') return { output: lease({ expiresAt: inSeconds(0), renewableUntil }) }
    renewals += 1
    if (renewals === 1) return { refusal: { code: 'unavailable' }, status: 503 }
    await writeFile(done, '')
    return { output: lease({ expiresAt: renewableUntil, renewableUntil }) }
  }
  expect((await runUntil(done)).code).toBe(7)
  const calls = names()
  expect(calls.map(({ name }) => name).slice(0, 2)).toEqual(['lease.issue', 'lease.renew'])
  expect(calls.at(-1)?.name).toBe('lease.revoke')
  expect(calls[1]?.input).toEqual({ id: '019a1b2c-3d4e-7000-8000-000000000001', ttlSeconds: 900 })
})

test('one that cannot be renewed is not asked for, and one that is refused is said', async () => {
  const done = join(directory, 'refused')
  answer = async ({ name }) => {
    if (name === 'lease.issue')
      return { output: { lease: lease({ expiresAt: inSeconds(0), renewableUntil: inSeconds(3600) }), material } }
    if (name === 'lease.revoke') return { output: lease({ expiresAt: inSeconds(0), renewableUntil: null }) }
    await writeFile(done, '')
    return { refusal: { code: 'forbidden' }, status: 403 }
  }
  const refused = await runUntil(done)
  expect([refused.code, refused.talk]).toEqual([7, expect.stringContaining('not renewed: ')])
  expect(names().filter(({ name }) => name === 'lease.renew')).toHaveLength(1)

  const there = join(directory, 'there')
  await writeFile(there, '')
  answer = ({ name }) =>
    name === 'lease.issue'
      ? { output: { lease: lease({ expiresAt: inSeconds(0), renewableUntil: null }), material } }
      : { output: lease({ expiresAt: inSeconds(0), renewableUntil: null }) }
  expect(existsSync(there) && (await runUntil(there)).code).toBe(7)
  expect(names().map(({ name }) => name)).toEqual(['lease.issue', 'lease.revoke'])
})
