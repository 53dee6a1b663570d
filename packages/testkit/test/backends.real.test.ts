import { execFile } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import {
  chromiumPath,
  createDatabase,
  startSshd,
  startTemporal,
  timeSkippingTemporalPath,
  withConnection,
} from '../src/index.ts'
import type { TestDatabase, TestSshd } from '../src/index.ts'

const run = promisify(execFile)
const tableCount = (url: string): Promise<number> =>
  withConnection(url, async (client) =>
    Number(
      (await client.query<{ count: string }>("SELECT count(*) FROM pg_tables WHERE schemaname = 'public'")).rows[0]
        ?.count,
    ),
  )

describe('a test database', () => {
  let databases: TestDatabase[] = []
  beforeAll(async () => {
    databases = await Promise.all([createDatabase(), createDatabase(), createDatabase('empty')])
  })
  afterAll(() => Promise.all(databases.map((database) => database.drop())))

  it('has the tables of today, or nothing when asked for nothing', async () => {
    const [one, , empty] = databases
    expect(await tableCount(one?.adminUrl ?? '')).toBeGreaterThan(5)
    expect(await tableCount(empty?.adminUrl ?? '')).toBe(0)
  })

  it('is nobody else’s', async () => {
    const [one, other] = databases
    await withConnection(one?.adminUrl ?? '', (client) => client.query('CREATE TABLE only_here ()'))
    expect(await tableCount(one?.adminUrl ?? '')).toBe((await tableCount(other?.adminUrl ?? '')) + 1)
  })

  it('gives the runtime login no ownership of the tables', async () => {
    await withConnection(databases[0]?.url ?? '', async (client) => {
      expect((await client.query<{ current_user: string }>('SELECT current_user')).rows).toEqual([
        { current_user: 'gatehouse_runtime' },
      ])
      await expect(client.query('DROP TABLE audit_placed')).rejects.toThrow(/must be owner/)
    })
  })

  it('is gone once dropped, whoever was connected', async () => {
    const database = await createDatabase('empty')
    await withConnection(database.adminUrl, async () => {
      await database.drop()
      await expect(tableCount(database.adminUrl)).rejects.toThrow(/does not exist/)
    })
  })
})

describe('a test sshd', () => {
  let keys: string
  let sshd: TestSshd
  beforeAll(async () => {
    keys = mkdtempSync(join(tmpdir(), 'gatehouse-keys-'))
    for (const name of ['ca', 'user'])
      await run('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-f', join(keys, name)])
    sshd = await startSshd({
      trustedUserCaKeys: readFileSync(join(keys, 'ca.pub'), 'utf8'),
      revokedKeys: join(keys, 'revoked'),
      principals: 'bare',
    })
  })
  afterAll(async () => {
    await sshd.stop()
    rmSync(keys, { recursive: true })
  })

  const logIn = () =>
    run('ssh', [
      '-F',
      'none',
      '-i',
      join(keys, 'user'),
      '-o',
      'IdentitiesOnly=yes',
      '-o',
      'BatchMode=yes',
      '-o',
      'StrictHostKeyChecking=no',
      '-o',
      'UserKnownHostsFile=/dev/null',
      '-p',
      String(sshd.port),
      `${sshd.user}@${sshd.address}`,
      'echo',
      'in',
    ])

  it('lets nobody in without a certificate of its authority', async () => {
    await expect(logIn()).rejects.toThrow(/Permission denied/)
  })

  it('lets the bearer of a certificate in, and says so in its log', async () => {
    await run('ssh-keygen', [
      '-q',
      '-s',
      join(keys, 'ca'),
      '-I',
      'somebody',
      '-n',
      sshd.user,
      '-z',
      '7',
      join(keys, 'user.pub'),
    ])
    expect((await logIn()).stdout).toBe('in\n')
    expect(sshd.log()).toContain('somebody')
  })

  it('refuses a certificate as soon as its serial is revoked', async () => {
    await run('ssh-keygen', [
      '-q',
      '-k',
      '-f',
      join(keys, 'revoked'),
      '-s',
      join(keys, 'ca.pub'),
      join(keys, 'user-cert.pub'),
    ])
    await expect(logIn()).rejects.toThrow(/Permission denied/)
  })

  it('is unreachable while halted, and the same host afterwards', async () => {
    await sshd.halt()
    await expect(logIn()).rejects.toThrow(/refused/)
    await sshd.resume()
    await expect(logIn()).rejects.toThrow(/Permission denied/)
  })
})

describe('a test Temporal', () => {
  it('serves its namespace and its web, also after an outage', async () => {
    const temporal = await startTemporal()
    const namespace = () =>
      fetch(`${temporal.webUrl}/api/v1/namespaces/${temporal.namespace}`).then((answer) => answer.status)
    expect(await namespace()).toBe(200)
    await temporal.halt()
    await expect(namespace()).rejects.toThrow()
    await temporal.resume()
    expect(await namespace()).toBe(200)
    await temporal.stop()
  })

  it('comes with a time-skipping twin', async () => {
    expect(
      (await run(await timeSkippingTemporalPath(), ['--help']).catch((error: unknown) => ({ stdout: String(error) })))
        .stdout,
    ).not.toContain('ENOENT')
  })
})

it('a browser is at hand', async () => {
  expect((await run(chromiumPath(), ['--version', '--no-sandbox'])).stdout).toMatch(/Chrom/)
})
