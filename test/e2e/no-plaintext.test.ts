import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { ageIdentities, ageKeys, ageRecipients, encryptNew, newAgeKeyFile, recipientOf } from '@gatehouse/sops'
import {
  builtPrograms,
  formsOf,
  freePort,
  leaksIn,
  nodeFlags,
  startGatewayHome,
  startWatched,
  watchWrites,
  whyUnwatched,
  type GatewayHome,
  type WatchedProcess,
  type WatchedRun,
} from '@gatehouse/testkit'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { homeOf, runCommandLine, type Ran } from './support/command-line.ts'
import { wholeDatabase } from './support/database.ts'
import { freshTotp, principalOf, type SeedPrincipal } from './support/outside.ts'

const canaryOf = (what: string): string => `canary-${what}-${randomBytes(12).toString('hex')}`
/** What may be in memory, and nowhere else. */
const [setting, plaintext, context] = [canaryOf('setting'), canaryOf('plaintext'), canaryOf('context')]
const canaries = [setting, plaintext, context]

const whyNot = await whyUnwatched()
if (whyNot !== null) process.stderr.write(`NOT WATCHED: that no plaintext reaches a disk was not tested: ${whyNot}\n`)

describe('with a gateway whose settings are encrypted', () => {
  let directory: string
  let home: GatewayHome
  let gateway: WatchedProcess
  let log = ''
  let url: string

  beforeAll(async () => {
    directory = mkdtempSync(join(tmpdir(), 'gatehouse-no-plaintext-'))
    home = await startGatewayHome()
    if (whyNot !== null) return
    const [keys, settings] = [join(directory, 'keys.txt'), join(directory, 'security.toml')]
    writeFileSync(keys, await newAgeKeyFile(), { mode: 0o600 })
    writeFileSync(settings, await encryptedSettings(readFileSync(keys, 'utf8')))
    const port = String(await freePort())
    url = `http://localhost:${port}`
    const { database, temporal } = home.dev()
    gateway = await startWatched(
      {
        command: process.execPath,
        args: [...nodeFlags, (await builtPrograms()).gateway],
        cwd: process.cwd(),
        env: {
          ...home.env,
          TMPDIR: directory,
          GATEHOUSE_PORT: port,
          GATEHOUSE_CONFIG: settings,
          SOPS_AGE_KEY_FILE: keys,
          GATEHOUSE_DEV: '1',
          GATEHOUSE_SUPERVISED: '1',
          DATABASE_URL: database.url,
          TEMPORAL_ADDRESS: temporal.address,
          TEMPORAL_NAMESPACE: temporal.namespace,
        },
      },
      ['pipe', 'pipe', 'pipe', 'ipc'],
    )
    for (const stream of [gateway.child.stdout, gateway.child.stderr])
      stream?.on('data', (chunk: Buffer) => (log += chunk.toString()))
    await Promise.race([once(gateway.child, 'message'), once(gateway.child, 'exit')])
    expect(gateway.child.exitCode, log).toBeNull()
    const admin = principalOf(home.dev(), 'Admin')
    await logIn(admin)
    await logIn(principalOf(home.dev(), 'Operator'))
    expect(await gatehouse(admin.username, ['kms-key', 'create', 'shop-config'])).toMatchObject({ code: 0 })
  })
  afterAll(async () => {
    gateway?.child.stdin?.end()
    await home?.remove()
    rmSync(directory, { recursive: true, force: true })
  })

  const encryptedSettings = async (keys: string): Promise<Uint8Array> => {
    const [identity] = ageIdentities(keys)
    if (identity === undefined) throw new TypeError('no identity')
    return encryptNew(Buffer.from(`# ${setting}\n[mfa]\nstep_up_max_age = "1h"\n`), {
      format: 'binary',
      services: [ageKeys([])],
      groups: [ageRecipients(await recipientOf(identity))],
      threshold: 1,
      now: new Date(),
    })
  }

  const envOf = (who: string): NodeJS.ProcessEnv => ({
    ...home.env,
    ...homeOf(directory, who),
    GATEHOUSE_URL: url,
    TMPDIR: directory,
  })
  const gatehouse = (who: string, words: readonly string[], stdin = ''): Promise<Ran> =>
    runCommandLine({ words, stdin, env: envOf(who) })
  const logIn = async ({ username, password, totpSecret }: SeedPrincipal): Promise<void> => {
    const words = ['auth', 'login', '--username', username, '--password-stdin', '--totp', await freshTotp(totpSecret)]
    expect(await gatehouse(username, words, `${password}\n`)).toMatchObject({ code: 0 })
  }
  const operator = (): string => principalOf(home.dev(), 'Operator').username
  const watched = async (words: readonly string[]): Promise<WatchedRun> =>
    watchWrites({
      command: process.execPath,
      args: [(await builtPrograms()).cli, ...words],
      cwd: directory,
      env: envOf(operator()),
    })

  test('a file is encrypted and decrypted, and its plaintext is written where that was asked for alone', async ({
    skip,
  }) => {
    if (whyNot !== null) skip(whyNot)
    const content = Buffer.concat([randomBytes(300_000), Buffer.from(plaintext), randomBytes(300_000)])
    writeFileSync(join(directory, 'dump.sql'), content)
    const bound = ['--bind', `for=${context}`]
    const encrypted = await watched(['kms', 'encrypt-file', 'shop-config', 'dump.sql', ...bound])
    expect([encrypted.code, leaksIn(encrypted, canaries), encrypted.unseen], encrypted.err).toEqual([0, [], []])
    const decrypted = await watched(['kms', 'decrypt-file', 'dump.sql.enc', '--output', 'again.sql', ...bound])
    expect([decrypted.code, decrypted.unseen], decrypted.err).toEqual([0, []])
    expect(leaksIn(decrypted, canaries)).toEqual([expect.stringMatching(/\/again\.sql\.[0-9a-f-]+\.part$/)])
    expect(readFileSync(join(directory, 'again.sql')).equals(content)).toBe(true)
    expect(readdirSync(directory).filter((name) => name.endsWith('.part'))).toEqual([])
  })

  test('neither its files nor its log, nor any table of its database, hold what is encrypted (threats E4, E5)', async ({
    skip,
  }) => {
    if (whyNot !== null) skip(whyNot)
    const bound = ['--bind', `for=${context}`]
    writeFileSync(join(directory, 'small'), plaintext)
    const encrypted = await gatehouse(operator(), ['kms', 'encrypt', 'shop-config', join(directory, 'small'), ...bound])
    expect(encrypted).toMatchObject({ code: 0 })
    expect((await gatehouse(operator(), ['kms', 'decrypt', ...bound], encrypted.out)).out).toBe(plaintext)
    expect((await gatehouse(operator(), ['kms', 'decrypt', '--bind', 'for=another'], encrypted.out)).code).not.toBe(0)
    gateway.child.stdin?.end()
    if (gateway.child.exitCode === null) await once(gateway.child, 'exit')
    const writes = await gateway.writes()
    expect([leaksIn(writes, canaries), writes.unseen]).toEqual([[], []])
    const told = `${log}\n${await wholeDatabase(home.dev().database.adminUrl)}`
    expect(told.length).toBeGreaterThan(10_000)
    expect(canaries.flatMap(formsOf).filter((form) => told.includes(form))).toEqual([])
  })
})
