import { spawn } from 'node:child_process'
import { statSync } from 'node:fs'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { identifyProcess, isRunning, prepareHome, waitForEnd, withConnection } from '@gatehouse/testkit'
import type { DevJson, ProcessIdentity, TestHome } from '@gatehouse/testkit'

const program = fileURLToPath(new URL('stand-ins/main.ts', import.meta.url))
const SERVICES = ['gateway', 'worker', 'postgres', 'temporal'] as const

const identitiesOf = (dev: DevJson): Readonly<Record<(typeof SERVICES)[number], ProcessIdentity>> => {
  const identity = (name: (typeof SERVICES)[number]) =>
    identifyProcess(dev.processes[name]) ?? expect.fail(`${name} should run`)
  return {
    gateway: identity('gateway'),
    worker: identity('worker'),
    postgres: identity('postgres'),
    temporal: identity('temporal'),
  }
}

/** What it takes for another system to run on the servers of this one. */
const lentBy = ({ database, temporal }: DevJson): NodeJS.ProcessEnv => ({
  DATABASE_URL: database.url,
  DATABASE_ADMIN_URL: database.adminUrl,
  TEMPORAL_ADDRESS: temporal.address,
})

const until = async (condition: () => boolean | Promise<boolean>, what: string): Promise<void> => {
  const deadline = performance.now() + 45_000
  while (!(await Promise.resolve(condition()).catch(() => false))) {
    if (performance.now() > deadline) expect.fail(`waited in vain: ${what}`)
    await sleep(50)
  }
}

describe('a system', () => {
  let home: TestHome
  let dev: DevJson
  beforeAll(async () => {
    home = await prepareHome({ program })
    dev = await home.start()
  })
  afterAll(() => home.remove())

  it('says all that interfaces promise in a file for its owner alone', () => {
    expect(statSync(join(home.home, 'dev.json')).mode & 0o777).toBe(0o600)
    expect(statSync(home.home).mode & 0o777).toBe(0o700)
    expect(Object.keys(dev)).toEqual(['readyAt', 'urls', 'database', 'temporal', 'processes', 'admin', 'principals'])
    expect(Object.values(dev.urls).every((url) => url?.startsWith('http://localhost:'))).toBe(true)
  })

  it('refuses a second supervisor on its state directory', async () => {
    const second = spawn(process.execPath, [program], { env: home.env, stdio: ['ignore', 'ignore', 'pipe'] })
    let said = ''
    second.stderr.on('data', (chunk: Buffer) => (said += chunk.toString()))
    expect(await new Promise((resolve) => second.once('close', resolve))).toBe(1)
    expect(said).toContain('GATEHOUSE_HOME')
    expect(home.dev()).toEqual(dev)
  })

  it('forgets the one-time password when the gateway says that it was changed', async () => {
    expect(dev.admin.oneTimePassword).toBe('open-sesame')
    await fetch(`${dev.urls.web}/change-admin-password`)
    await until(() => home.dev().admin.oneTimePassword === null, 'dev.json without the password')
  })

  it.for(SERVICES)('restarts a killed %s, says so, and rewrites dev.json', async (name) => {
    const before = home.dev()
    process.kill(before.processes[name], 'SIGKILL')
    await until(() => home.dev().processes[name] !== before.processes[name], `a new ${name}`)
    expect(home.output()).toContain(`${name} ended (killed by SIGKILL), starting it again`)
    expect(identifyProcess(home.dev().processes[name])).not.toBeNull()
    await until(
      () =>
        withConnection(home.dev().database.adminUrl, async (client) => (await client.query('SELECT 1')).rowCount === 1),
      'a database that answers',
    )
  })

  // These wait for limits, and not for each other: what ends in one of them is its own.
  describe('and beside it', () => {
    // Threat C19: what stands still answers nobody, and no exit tells so.
    it.concurrent('kills a gateway that has not answered for 15 s, and starts it again', async () => {
      const before = home.dev()
      await fetch(`${before.urls.web}/stand-still`, { signal: AbortSignal.timeout(500) }).catch(() => undefined)
      await until(() => home.dev().processes.gateway !== before.processes.gateway, 'another gateway')
      expect(home.output()).toContain('gateway ended (/healthz did not answer for 15 s), starting it again')
      expect((await fetch(before.urls.web)).status).toBe(200)
    })

    it.concurrent('another has only the admin when it is started empty', async () => {
      const empty = await prepareHome({ program, empty: true, env: lentBy(dev) })
      expect((await empty.start()).principals).toEqual([])
      await empty.remove()
    })

    it.concurrent('one on servers of the operator’s own starts none, and leaves them running', async () => {
      const lent = identitiesOf(home.dev())
      const other = await prepareHome({ program, env: lentBy(dev) })
      const started = await other.start()
      expect(started.processes).toMatchObject({ postgres: null, temporal: null })
      expect(started.database).toEqual(dev.database)
      expect(started.urls.temporalWeb).toBeNull()
      await other.remove()
      expect([isRunning(lent.postgres), isRunning(lent.temporal)]).toEqual([true, true])
    })

    it.concurrent('one whose child dies five times in a minute gives up, and stops everything', async () => {
      const doomed = await prepareHome({ program, env: { ...lentBy(dev), STAND_IN_DIES: '1' } })
      await expect(doomed.start()).rejects.toThrow(/gateway died 5 times within a minute, the last time: exit code 7/)
      expect(await doomed.stop()).toBe(1)
      expect(doomed.output()).toContain('everything is stopped')
      await doomed.remove()
    })
  })

  it('ends gateway and worker within 5 s of being killed, and takes the servers over at the next start', async () => {
    await withConnection(dev.database.adminUrl, (client) => client.query('CREATE TABLE kept AS SELECT 42 AS answer'))
    const before = identitiesOf(home.dev())
    await home.kill()
    expect(await Promise.all([waitForEnd(before.gateway, 5_000), waitForEnd(before.worker, 5_000)])).toEqual([
      true,
      true,
    ])
    const started = performance.now()
    const again = await home.start()
    expect(performance.now() - started).toBeLessThan(15_000)
    expect(isRunning(before.postgres) || isRunning(before.temporal)).toBe(false)
    expect(
      await withConnection(
        again.database.adminUrl,
        async (client) => (await client.query('SELECT answer FROM kept')).rows,
      ),
    ).toEqual([{ answer: 42 }])
  })

  it('leaves nothing behind when it is stopped, and ends well', async () => {
    const before = identitiesOf(home.dev())
    expect(await home.stop()).toBe(0)
    expect(Object.values(before).map(isRunning)).toEqual([false, false, false, false])
    expect(() => home.dev()).toThrow(/ENOENT/)
  })
})

describe('a start that cannot succeed', () => {
  it('names the port that is taken, and the variable that moves it', async () => {
    const home = await prepareHome({ program })
    const stranger = createServer().listen(Number(home.env.GATEHOUSE_TEMPORAL_PORT), '127.0.0.1')
    await expect(home.start()).rejects.toThrow(
      new RegExp(`port ${home.env.GATEHOUSE_TEMPORAL_PORT}.*GATEHOUSE_TEMPORAL_PORT`),
    )
    expect(await home.stop()).toBe(1)
    stranger.close()
    await home.remove()
  })

  it('wants both logins of a database, or none', async () => {
    const home = await prepareHome({ program, env: { DATABASE_URL: 'postgres://run@localhost/x' } })
    await expect(home.start()).rejects.toThrow(/DATABASE_ADMIN_URL/)
    await home.remove()
  })
})
