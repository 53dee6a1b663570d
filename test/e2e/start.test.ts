import { randomBytes } from 'node:crypto'
import { statSync } from 'node:fs'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { identifyProcess, isRunning, sampleOf, startHome, timeoutOf, volume, waitForEnd } from '@gatehouse/testkit'
import type { DevJson, ProcessIdentity, TestHome } from '@gatehouse/testkit'
import { baseOf, logIn, outside, principalOf } from './support/outside.ts'
import type { Outside } from './support/outside.ts'
import { cells, playAll, tableOf } from './support/emergency-kills.ts'
import { UsedKey } from './support/key-kills.ts'

// Acceptance 1: a process may be killed at any moment. Whatever was acknowledged before is there afterwards, and the
// record still verifies.

const CHILDREN = ['gateway', 'worker', 'postgres', 'temporal'] as const
const RECOVERY_MS = 45_000
/** `npm test` kills at two places of the table, at others each day. */
const everyCell = 32

let directory: string
let home: TestHome
let admin: Outside
let key: UsedKey
const acknowledged: string[] = []

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'gatehouse-start-'))
  const settings = join(directory, 'security.toml')
  // one log-in of each person is enough for all of the table of emergencies
  await writeFile(settings, '[jwt]\naccess_token_ttl = "1h"\n[mfa]\nstep_up_max_age = "1h"\n')
  home = await startHome({ env: { GATEHOUSE_CONFIG: settings } })
  admin = await logIn(baseOf(home.dev()), principalOf(home.dev(), 'Admin'))
  key = await UsedKey.make(home, admin)
}, 240_000)
afterAll(async () => {
  await home?.remove()
  await rm(directory, { recursive: true, force: true })
}, 60_000)

const someName = (): string => `team-${randomBytes(5).toString('hex')}`

/** Creates a team; answers whether that was acknowledged. */
const createTeam = async (name: string): Promise<boolean> =>
  (await admin.mutate('team.create', { name }).catch(() => null))?.status === 200

/** Writes without pause while the work goes on, and remembers what was acknowledged. */
const whileWriting = async (work: () => Promise<void>): Promise<void> => {
  let over = false
  const writer = async (): Promise<void> => {
    while (!over) {
      const name = someName()
      if (await createTeam(name)) acknowledged.push(name)
      else await sleep(50)
    }
  }
  const keyUser = async (): Promise<void> => {
    while (!over) await key.use().catch(() => sleep(50))
  }
  const writers = [writer(), writer(), keyUser()]
  await sleep(300)
  await work()
  await sleep(300)
  over = true
  await Promise.all(writers)
}

const until = async (condition: () => Promise<boolean>, what: string): Promise<void> => {
  const deadline = performance.now() + RECOVERY_MS
  while (!(await condition())) {
    if (performance.now() > deadline) expect.fail(`waited in vain: ${what}\n${home.output().slice(-2_000)}`)
    await sleep(100)
  }
}

const teamNames = async (): Promise<ReadonlySet<string>> => {
  const names = new Set<string>()
  for (let after: unknown; ;) {
    const { items, nextCursor } = (await admin.query('team.list', { first: 100, ...(after ? { after } : {}) })).data
    // the list's own shape, as documented
    for (const item of items as readonly { readonly name: string }[]) names.add(item.name)
    if (!nextCursor) return names
    after = nextCursor
  }
}

const expectNothingLost = async (): Promise<void> => {
  expect(acknowledged.length).toBeGreaterThan(0)
  const names = await teamNames()
  expect(acknowledged.filter((name) => !names.has(name))).toEqual([])
  // Threat E10: a ciphertext that was given out opens, whatever died while its key was rotated
  await key.expectAllOpen()
  expect((await admin.query('audit.verify')).data).toMatchObject({ ok: true, problems: [] })
}

const identitiesOf = (dev: DevJson): Readonly<Record<(typeof CHILDREN)[number], ProcessIdentity>> => {
  const identity = (name: (typeof CHILDREN)[number]) =>
    identifyProcess(dev.processes[name]) ?? expect.fail(`${name} should run`)
  return {
    gateway: identity('gateway'),
    worker: identity('worker'),
    postgres: identity('postgres'),
    temporal: identity('temporal'),
  }
}

describe('a started system', () => {
  it('has written its facts for its owner alone', () => {
    const dev = home.dev()
    expect(statSync(join(home.home, 'dev.json')).mode & 0o777).toBe(0o600)
    expect(Object.keys(dev).sort()).toEqual([
      'admin',
      'database',
      'principals',
      'processes',
      'readyAt',
      'temporal',
      'urls',
    ])
    for (const url of Object.values(dev.urls)) expect(url).toMatch(/^http:\/\/localhost:\d+/)
    for (const pid of Object.values(dev.processes)) expect(pid).toBeGreaterThan(1)
    expect(dev.principals.map(({ role }) => role).toSorted()).toEqual([
      'Admin',
      'Admin',
      'Auditor',
      'Developer',
      'Operator',
      'Operator',
      'Viewer',
    ])
    expect(dev.principals.find(({ role }) => role === 'Auditor')?.teams).toEqual([])
    expect(principalOf(dev, 'Operator', 0).teams).toEqual(['sre'])
    expect(dev.admin).toEqual({ username: 'admin', oneTimePassword: expect.any(String) })
    expect(home.output()).toContain(dev.admin.oneTimePassword)
  })

  it.for(CHILDREN)(
    'loses nothing acknowledged when %s is killed under load, and serves again',
    { timeout: 90_000 },
    async (name) => {
      const before = home.dev()
      await whileWriting(async () => {
        process.kill(before.processes[name], 'SIGKILL')
        await until(
          async () => home.dev().processes[name] !== before.processes[name] && createTeam(someName()),
          `${name} to come back`,
        )
      })
      await expectNothingLost()
    },
  )

  // Temporal finds within seconds that a worker was killed at its work, once for each of two parts of a rotation
  it.for(volume({ full: [-1, 5, 50], sample: [-1] }))(
    'rotates a key that is due once, though the worker is killed (%i ms after that)',
    { timeout: 180_000 },
    async (milliseconds) => {
      const [before, { worker }] = [await key.version(), home.dev().processes]
      if (milliseconds < 0) process.kill(worker, 'SIGKILL')
      await key.comesDue()
      if (milliseconds >= 0) {
        await sleep(milliseconds)
        process.kill(worker, 'SIGKILL')
      }
      await until(async () => home.dev().processes.worker !== worker, 'the worker to come back')
      await expect.poll(() => key.version(), { timeout: 120_000, interval: 250 }).toBe(before + 1)
      await key.expectAllOpen()
    },
  )

  it(
    'keeps what was acknowledged of an emergency, and ends it on time, whatever is killed when',
    { timeout: timeoutOf(900_000) },
    async () => {
      const base = baseOf(home.dev())
      const people = {
        asking: await logIn(base, principalOf(home.dev(), 'Developer')),
        first: admin,
        second: await logIn(base, principalOf(home.dev(), 'Operator')),
      }
      const came = await playAll({ home, base, ...people }, sampleOf(cells, everyCell))
      if (volume({ full: true, sample: false })) console.log(tableOf(came))
      expect(came.size).toBeGreaterThan(1)
      expect([...came.values()]).not.toContain('never killed')
      expect((await admin.query('audit.verify')).data).toMatchObject({ ok: true, problems: [] })
    },
  )

  it('loses nothing acknowledged when its supervisor is killed under load, and is ready within 15 s', async () => {
    const before = identitiesOf(home.dev())
    await whileWriting(() => home.kill())
    expect(await Promise.all([waitForEnd(before.gateway, 5_000), waitForEnd(before.worker, 5_000)])).toEqual([
      true,
      true,
    ])
    const started = performance.now()
    await home.start()
    expect(performance.now() - started).toBeLessThan(15_000)
    await expectNothingLost()
  }, 90_000)

  it('leaves nothing behind when it is stopped, and has everything at the next start, in under 15 s', async () => {
    const last = home.dev()
    const before = identitiesOf(last)
    expect(await home.stop()).toBe(0)
    expect(Object.values(before).filter(isRunning)).toEqual([])
    expect(() => home.dev()).toThrow(/ENOENT/)
    const started = performance.now()
    const again = await home.start()
    expect(performance.now() - started).toBeLessThan(15_000)
    expect(again.principals).toEqual(last.principals)
    expect(again.admin).toEqual(last.admin)
    await expectNothingLost()
  }, 90_000)

  it('forgets the one-time password as soon as the administrator has one of their own', async () => {
    const { username, oneTimePassword } = home.dev().admin
    const first = await outside(baseOf(home.dev())).mutate('auth.login', { username, password: oneTimePassword })
    const { accessToken } = first.data['tokens'] as { accessToken: string } // the log-in's own shape, as documented
    const newPassword = 'correct horse battery staple 9'
    const input = { currentPassword: oneTimePassword, newPassword }
    expect((await outside(baseOf(home.dev()), accessToken).mutate('password.change', input)).status).toBe(200)
    await expect.poll(() => home.dev().admin.oneTimePassword, { timeout: 10_000 }).toBeNull()
  })
})
