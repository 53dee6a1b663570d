import { execFile, execFileSync, spawn } from 'node:child_process'
import { randomBytes, randomInt } from 'node:crypto'
import { once } from 'node:events'
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import {
  builtPrograms,
  startGatewayHome,
  startSshd,
  volume,
  withConnection,
  type GatewayFacts,
  type GatewayHome,
  type TestSshd,
} from '@gatehouse/testkit'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { homeOf, runCommandLine, runProgram, type Ran } from './support/command-line.ts'
import { baseOf, freshTotp, principalOf, type SeedPrincipal } from './support/outside.ts'

let home: GatewayHome
let dev: GatewayFacts
let base: string
let directory: string
let sshd: TestSshd
let krlPath: string

beforeAll(async () => {
  directory = mkdtempSync(join(tmpdir(), 'gatehouse-cli-e2e-'))
  home = await startGatewayHome()
  dev = home.dev()
  base = baseOf(dev)
  krlPath = join(directory, 'krl')
  await takeKrl()
  sshd = await startSshd({
    trustedUserCaKeys: await (await fetch(`${base}/ssh/ca.pub`)).text(),
    revokedKeys: krlPath,
    authorizedKeysFile: join(directory, 'authorized_keys'),
  })
})
afterAll(async () => {
  await sshd?.stop()
  await home?.remove()
  rmSync(directory, { recursive: true, force: true })
})

/** As the host's timer does it: beside, then in place. */
const takeKrl = async (): Promise<void> => {
  writeFileSync(`${krlPath}.new`, Buffer.from(await (await fetch(`${base}/ssh/krl`)).arrayBuffer()))
  renameSync(`${krlPath}.new`, krlPath)
}

const envOf = (who: string): NodeJS.ProcessEnv => ({ ...home.env, ...homeOf(directory, who) })

/** A command line of somebody at a machine of their own. */
const gatehouse = (
  who: string,
  words: readonly string[],
  options: { readonly stdin?: string; readonly env?: NodeJS.ProcessEnv } = {},
): Promise<Ran> => runCommandLine({ words, ...options, env: { ...envOf(who), ...options.env } })

const json = (ran: Ran): Record<string, unknown> => {
  expect(ran.code, ran.err).toBe(0)
  return JSON.parse(ran.out) as Record<string, unknown> // the tests assert its fields
}
// a list, by interfaces.md
const items = (ran: Ran): Record<string, unknown>[] => json(ran)['items'] as Record<string, unknown>[]
const refusal = (ran: Ran): Record<string, unknown> => (JSON.parse(ran.err) as { error: Record<string, unknown> }).error

const logIn = async (principal: SeedPrincipal): Promise<string> => {
  const ran = await gatehouse(
    principal.username,
    [
      'auth',
      'login',
      '--username',
      principal.username,
      '--password-stdin',
      '--totp',
      await freshTotp(principal.totpSecret),
    ],
    { stdin: `${principal.password}\n` },
  )
  expect(ran, ran.err).toMatchObject({ code: 0, out: '' })
  return principal.username
}
const stepUp = async (principal: SeedPrincipal): Promise<void> => {
  json(
    await gatehouse(principal.username, ['auth', 'step-up', '--totp', await freshTotp(principal.totpSecret), '--json']),
  )
}

/** How long a question of the follower waits here, which it has asked just before: the longest that there is. */
const followerWaits = 50

/** Above what a busy machine takes, and far below the wait: what comes within this was pushed. */
const pushedWithin = 20_000

/** From a revocation to the host's refusal, on a machine that has the time for it. */
const refusedWithinSeconds = 5
/** So often a busy machine may try. */
const refusalTries = 5

const until = async (isSo: () => Promise<boolean>): Promise<void> => {
  const deadline = performance.now() + pushedWithin
  while (!(await isSo())) {
    if (performance.now() > deadline) throw new Error('it did not come to be so')
    await sleep(100)
  }
}

describe('a first day with the command line', () => {
  test('log-in by password and code, found by the state directory alone, keeps its tokens private', async () => {
    const operator = principalOf(dev, 'Operator')
    const who = await logIn(operator)
    const tokens = join(directory, who, 'tokens')
    expect([
      statSync(tokens).mode & 0o777,
      ...readdirSync(tokens).map((file) => statSync(join(tokens, file)).mode & 0o777),
    ]).toEqual([0o700, 0o600])
    expect(json(await gatehouse(who, ['auth', 'whoami', '--json']))).toMatchObject({
      username: operator.username,
      roles: ['Operator'],
      teams: ['sre'],
      assurance: 'su',
      missing: [],
    })
    expect(json(await gatehouse(who, ['auth', 'verify', '--json']))).toMatchObject({
      active: true,
      username: operator.username,
    })
    const greeting = await gatehouse(who, [])
    expect(greeting.out).toContain(`${operator.username} · Operator · teams sre`)
    expect(greeting.out).toContain('gatehouse ssh connect HOST')
  })

  test('an admin registers a host, an operator runs a command on it, then the certificate is dead', async () => {
    const admin = principalOf(dev, 'Admin')
    const who = await logIn(admin)
    const registered = json(
      await gatehouse(who, [
        'ssh-host',
        'register',
        '--name',
        'db-1',
        '--address',
        sshd.address,
        '--port',
        String(sshd.port),
        '--user',
        sshd.user,
        '--access',
        'ca',
        '--json',
      ]),
    )
    expect(registered).toMatchObject({
      name: 'db-1',
      user: sshd.user,
      principals: [sshd.user],
      reachable: true,
      hostKeyFingerprint: expect.stringMatching(/^SHA256:/) as string,
    })

    const operator = principalOf(dev, 'Operator').username
    const ran = await gatehouse(operator, ['ssh', 'connect', 'db-1', '--', 'id', '-un'])
    expect(ran).toMatchObject({ code: 0, out: `${sshd.user}\n` })
    expect(ran.err).toMatch(/^certificate for 15 min · lease [0-9a-f]{8}-[0-9a-f]{4} · audited\nrevoked\n$/)
    expect((await gatehouse(operator, ['ssh', 'connect', 'db-1', '--', 'exit', '42'])).code).toBe(42)

    const [newest] = items(await gatehouse(operator, ['lease', 'list', '--json']))
    expect(newest).toMatchObject({
      backend: 'ssh-certificate',
      state: 'revoked',
      purpose: 'ssh connect',
      reason: 'connection ended',
    })
    const table = await gatehouse(operator, ['ssh-host', 'list'])
    expect(table.out).toMatch(/^NAME +REACHABLE +LIST +ADDRESS/)
    expect(table.out).toMatch(/db-1 +yes/)
  })

  test('an admin makes a key, and an operator encrypts from a file and decrypts by pipe', async () => {
    const [admin, operator] = [principalOf(dev, 'Admin').username, principalOf(dev, 'Operator').username]
    const key = json(await gatehouse(admin, ['kms-key', 'create', 'shop-config', '--json']))
    expect(key).toMatchObject({ name: 'shop-config', state: 'enabled', currentVersion: 1 })
    expect((await gatehouse(operator, ['kms', 'list-keys'])).out).toMatch(/^NAME +STATE[\s\S]*shop-config +enabled +1/)
    expect((await gatehouse(operator, ['kms-key', 'get', 'shop-config'])).out).toContain(String(key['id']))

    const file = join(directory, 'password')
    writeFileSync(file, 'correct horse\n')
    const bound = ['--bind', 'app=shop,use=log-in']
    const sealed = await gatehouse(operator, ['kms', 'encrypt', 'shop-config', file, ...bound])
    expect(sealed.out).toMatch(/^R0hFAQE[A-Za-z0-9+/]+={0,2}\n$/)
    const opened = await gatehouse(operator, ['kms', 'decrypt', ...bound], { stdin: sealed.out })
    expect(opened).toMatchObject({ code: 0, out: 'correct horse\n' })
    const inJson = json(await gatehouse(operator, ['kms', 'decrypt', ...bound, '--json'], { stdin: sealed.out }))
    expect(inJson).toMatchObject({ keyId: key['id'], plaintext: Buffer.from('correct horse\n').toString('base64') })

    expect(json(await gatehouse(admin, ['kms', 'rotate-key', 'shop-config', '--json']))).toMatchObject({
      currentVersion: 2,
    })
    const moved = await gatehouse(operator, ['kms', 'rewrap', ...bound], { stdin: sealed.out })
    expect(moved.out).not.toBe(sealed.out)
    expect((await gatehouse(operator, ['kms', 'decrypt', ...bound], { stdin: moved.out })).out).toBe('correct horse\n')
    const usage = json(await gatehouse(operator, ['kms-key', 'usage', 'shop-config', '--json']))
    expect(usage['versions']).toMatchObject([
      { version: 2, ciphertexts: 1 },
      { version: 1, ciphertexts: 0 },
    ])
    expect((await gatehouse(operator, ['kms-key', 'usage', 'shop-config'])).out).toMatch(/ciphertexts +1/)
    const dataKey = json(await gatehouse(operator, ['kms', 'generate-key', 'shop-config', ...bound, '--json']))
    const again = await gatehouse(operator, ['kms', 'decrypt', ...bound, '--json'], {
      stdin: String(dataKey['ciphertext']),
    })
    expect(json(again)['plaintext']).toBe(dataKey['plaintext'])
    const list = await gatehouse(operator, ['kms-key', 'ciphertexts', 'shop-config'])
    expect(list.out).toMatch(/^LOCATION +VERSION/)

    const other = await gatehouse(operator, ['kms', 'decrypt', '--bind', 'app=other'], { stdin: sealed.out })
    expect([other.code, other.out, other.err]).toEqual([6, '', expect.stringContaining('--bind')])
    const foreign = await gatehouse(operator, ['kms', 'decrypt'], { stdin: 'no envelope\n' })
    expect([foreign.code, foreign.out]).toEqual([2, ''])
    const tooLong = await gatehouse(operator, ['kms', 'encrypt', 'shop-config'], { stdin: 'x'.repeat(3073) })
    expect([tooLong.code, tooLong.err]).toEqual([2, expect.stringContaining('at most 3072 bytes')])
  })

  test('many items are encrypted and decrypted line by line, each with a result of its own', async () => {
    const operator = principalOf(dev, 'Operator').username
    const base64 = (text: string): string => Buffer.from(text).toString('base64')
    const linesIn = (out: string) =>
      out
        .trim()
        .split('\n')
        .map((line) => JSON.parse(line) as Record<string, unknown>)
    const items = Array.from({ length: 120 }, (_, at) => ({
      plaintext: base64(`secret ${at}`),
      context: { at: `${at}` },
    }))
    const stdin = items.map((item) => `${JSON.stringify(item)}\n`).join('\n')
    const sealed = await gatehouse(operator, ['kms', 'encrypt', 'shop-config', '--batch'], { stdin })
    expect([sealed.code, sealed.err]).toEqual([0, ''])
    const sealedItems = linesIn(sealed.out)
    expect(sealedItems).toHaveLength(120)

    const file = join(directory, 'items.jsonl')
    const changed = [{ ...sealedItems[0], context: {} }, { ciphertext: 'none' }, ...sealedItems.slice(2)]
    writeFileSync(file, changed.map((item) => JSON.stringify(item)).join('\n'))
    const opened = await gatehouse(operator, ['kms', 'decrypt', file, '--batch'])
    expect([opened.code, opened.err]).toEqual([6, expect.stringContaining('2 of 120 came to nothing')])
    expect(linesIn(opened.out).map(({ problem, plaintext }) => problem ?? plaintext)).toEqual([
      'not-ours',
      'malformed',
      ...items.slice(2).map(({ plaintext }) => plaintext),
    ])
    const moved = await gatehouse(operator, ['kms', 'rewrap', '--batch'], { stdin: JSON.stringify(sealedItems[7]) })
    expect([moved.code, linesIn(moved.out)[0]]).toMatchObject([
      0,
      { problem: null, keyVersion: expect.any(Number) as number },
    ])

    const wrong = await gatehouse(operator, ['kms', 'encrypt', 'shop-config', '--batch'], {
      stdin: `${JSON.stringify(items[0])}\n{"plaintext":7}\nnot JSON\n`,
    })
    expect([wrong.code, wrong.out, wrong.err]).toEqual([2, '', expect.stringContaining('line 2')])
    for (const line of ['{"plaintext":"no base64"}', '{"plaintext":"eA==","contxt":{"app":"shop"}}']) {
      const stdin = `${JSON.stringify(items[0])}\n${line}\n`
      const refused = await gatehouse(operator, ['kms', 'encrypt', 'shop-config', '--batch'], { stdin })
      expect([refused.code, refused.out, refused.err]).toEqual([2, '', expect.stringContaining('line 2')])
    }
    const lost = await gatehouse(operator, ['kms', 'encrypt', 'shop-config', '--bind', '__proto__=x'], { stdin: 's' })
    expect([lost.code, lost.out, lost.err]).toEqual([2, '', expect.stringContaining('__proto__')])
    const both = await gatehouse(operator, ['kms', 'decrypt', file, '--batch', '--bind', 'app=shop'])
    expect([both.code, both.err]).toEqual([2, expect.stringContaining('each line says its own')])
  })

  test('a file of any length is encrypted and decrypted where it lies, whole or not at all', async () => {
    const operator = principalOf(dev, 'Operator').username
    const place = join(directory, 'files')
    mkdirSync(place)
    const [path, encrypted] = [join(place, 'dump.sql'), join(place, 'dump.sql.enc')]
    const content = randomBytes(3 * 256 * 1024 + 77)
    writeFileSync(path, content)
    const inClear = (words: string[]) => gatehouse(operator, ['kms', 'decrypt-file', ...words])
    const made = await gatehouse(operator, ['kms', 'encrypt-file', 'shop-config', path, '--bind', 'host=db-1'])
    expect([made.code, made.out, made.err]).toEqual([0, '', expect.stringContaining('encrypted to')])
    const bytes = readFileSync(encrypted)
    expect([bytes.subarray(0, 3).toString(), bytes.includes(content.subarray(0, 64))]).toEqual(['GHF', false])
    expect(statSync(encrypted).mode & 0o777).toBe(0o600)

    const inTheWay = await inClear([encrypted, '--bind', 'host=db-1'])
    expect([inTheWay.code, inTheWay.err]).toEqual([2, expect.stringContaining('--force')])
    rmSync(path)
    const opened = json(await inClear([encrypted, '--bind', 'host=db-1', '--json']))
    expect(opened).toMatchObject({ file: path, bytes: content.length })
    expect(readFileSync(path).equals(content)).toBe(true)

    const elsewhere = join(place, 'elsewhere')
    expect((await inClear([encrypted, '--output', elsewhere])).code).toBe(6)
    writeFileSync(join(place, 'cut.enc'), bytes.subarray(0, -20))
    const cut = await inClear([join(place, 'cut.enc'), '--bind', 'host=db-1'])
    expect([cut.code, cut.err]).toEqual([1, expect.stringMatching(/cut\.enc: .*cut short.*nothing was written/)])
    const foreign = await inClear([path, '--output', elsewhere])
    expect([foreign.code, foreign.err]).toEqual([1, expect.stringContaining('no encrypted file')])
    expect(readdirSync(place).toSorted()).toEqual(['cut.enc', 'dump.sql', 'dump.sql.enc'])
  })

  test('a file whose encryption is killed is there whole or not at all, and a second run makes it', async () => {
    const operator = principalOf(dev, 'Operator').username
    const place = join(directory, 'killed')
    mkdirSync(place)
    const [path, target, again] = ['dump.sql', 'dump.sql.enc', 'again'].map((name) => join(place, name)) as [
      string,
      string,
      string,
    ]
    const content = randomBytes(12_000_000)
    writeFileSync(path, content)
    const words = ['kms', 'encrypt-file', 'shop-config', path]
    const parts = (): string[] => readdirSync(place).filter((name) => name.endsWith('.part'))
    for (let kill = 0; kill < volume({ full: 25, sample: 2 }); kill += 1) {
      const child = spawn((await builtPrograms()).cli, words, { env: envOf(operator), stdio: 'ignore' })
      const ended = once(child, 'exit')
      while (child.exitCode === null && parts().length === 0) await sleep(1)
      await sleep(randomInt(50))
      child.kill('SIGKILL')
      await ended
      for (const name of parts()) rmSync(join(place, name))
      if (!existsSync(target)) expect((await gatehouse(operator, words)).code).toBe(0)
      expect((await gatehouse(operator, ['kms', 'decrypt-file', target, '--output', again])).code).toBe(0)
      expect(readFileSync(again).equals(content)).toBe(true)
      for (const made of [target, again]) rmSync(made)
    }
  })

  test('a certificate that was revoked is refused in 5 s by a host that follows, which says what it has', async () => {
    const operator = principalOf(dev, 'Operator').username
    const hostOf = async () => json(await gatehouse(operator, ['ssh-host', 'get', 'db-1', '--json']))
    const agent = await writeAgent(operator)
    execFileSync('sh', [agent, 'once'])
    expect(await hostOf()).toMatchObject({ trustsCa: true, listVersion: expect.any(Number) as number })
    const follower = spawn('sh', [agent, 'follow'], { detached: true, stdio: 'ignore' })
    const times: number[] = []
    try {
      do {
        const before = Number((await hostOf())['listVersion'])
        times.push(await secondsToRefusal(operator))
        await until(async () => Number((await hostOf())['listVersion']) > before)
      } while (Math.min(...times) > refusedWithinSeconds && times.length < refusalTries)
    } finally {
      process.kill(-Number(follower.pid))
    }
    console.log(`from revoked to refused: ${times.map((seconds) => `${seconds.toFixed(1)} s`).join(', ')}`)
    expect(Math.min(...times)).toBeLessThanOrEqual(refusedWithinSeconds)
    expect((await gatehouse(operator, ['ssh-host', 'list'])).out).toMatch(/db-1 +yes +\d+ \w+ behind/)
  })

  test('a host with the management key gets a key for the connection, and loses it at the end', async () => {
    const authorized = join(directory, 'authorized_keys')
    writeFileSync(authorized, '# ours\n')
    const admin = principalOf(dev, 'Admin', 1)
    const who = await logIn(admin)
    // an address with its port is registered once
    json(await gatehouse(who, ['ssh-host', 'remove', 'db-1', '--reason', 'becomes web-1', '--yes', '--json']))
    const place = ['--address', sshd.address, '--port', String(sshd.port), '--user', sshd.user]
    const access = ['--access', 'managementKey', '--authorized-keys', authorized]
    json(await gatehouse(who, ['ssh-host', 'register', '--name', 'web-1', ...place, ...access, '--json']))
    const from = ['--gateway-addresses', '127.0.0.1']
    const setup = json(await gatehouse(who, ['ssh-host', 'setup', '--host', 'web-1', ...from, '--json']))
    writeFileSync(authorized, `# ours\n${String(setup['managementKey'])}\n`)
    expect(json(await gatehouse(who, ['ssh-host', 'check', 'web-1', '--json']))).toMatchObject({ reachable: true })
    const ran = await gatehouse(who, ['ssh', 'connect', 'web-1', '--purpose', 'look', '--', 'cat', authorized])
    expect(ran, ran.err).toMatchObject({ code: 0 })
    expect(ran.err).toMatch(/^key for 15 min · lease [0-9a-f]{8}-[0-9a-f]{4} · audited\nrevoked\n$/)
    expect(ran.out.match(/ssh-ed25519/g)?.length).toBe(2)
    expect(readFileSync(authorized, 'utf8').match(/ssh-ed25519/g)?.length).toBe(1)
  })
})

/** From the answer that a certificate is revoked, by which it was just logged in, to where the host refuses it. */
const secondsToRefusal = async (operator: string): Promise<number> => {
  const key = join(directory, 'own')
  rmSync(key, { force: true })
  execFileSync('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-f', key])
  const terms = ['--public-key', readFileSync(`${key}.pub`, 'utf8').trim(), '--ttl', '10m', '--purpose', 'by hand']
  const signed = json(await gatehouse(operator, ['ssh-certificate', 'sign', 'db-1', ...terms, '--json']))
  writeFileSync(`${key}-cert.pub`, `${String(signed['certificate'])}\n`)
  expect(await plainSsh(key)).toBe(0)
  const revoke = ['ssh-certificate', 'revoke', String(signed['id'])]
  expect(json(await gatehouse(operator, [...revoke, '--reason', 'test', '--json']))).toMatchObject({ state: 'revoked' })
  const begun = performance.now()
  await until(async () => (await plainSsh(key)) === 255)
  const seconds = (performance.now() - begun) / 1000
  expect((await gatehouse(operator, [...revoke, '--reason', 'again', '--json'])).code).toBe(6)
  return seconds
}

/** What the host is set up with, at the places of this test. */
const writeAgent = async (who: string): Promise<string> => {
  const setup = json(await gatehouse(who, ['ssh-host', 'setup', '--host', 'db-1', '--json']))
  const at = (name: string): string => join(directory, name)
  writeFileSync(at('signers'), `${String(setup['allowedSigners'])}\n`)
  writeFileSync(at('ca.pub'), `${String(setup['caPublicKey'])}\n`)
  const script = String(setup['agent'])
    .replaceAll('/etc/ssh/gatehouse.krl', krlPath)
    .replaceAll('/etc/ssh/gatehouse_signers', at('signers'))
    .replaceAll('/etc/ssh/gatehouse_ca.pub', at('ca.pub'))
    .replaceAll('/etc/ssh/ssh_host_ed25519_key', join(sshd.directory, 'host_key'))
    .replace('fetch 25', `fetch ${followerWaits}`)
  expect(script).toContain(`fetch ${followerWaits};`)
  writeFileSync(at('agent.sh'), script)
  return at('agent.sh')
}

const plainSsh = (key: string): Promise<number> =>
  new Promise((resolve) => {
    const options = [
      '-F',
      'none',
      '-o',
      'IdentitiesOnly=yes',
      '-o',
      'IdentityAgent=none',
      '-o',
      'BatchMode=yes',
      '-o',
      'StrictHostKeyChecking=no',
      '-o',
      'UserKnownHostsFile=/dev/null',
      '-o',
      'LogLevel=ERROR',
    ]
    execFile('ssh', [...options, '-i', key, '-p', String(sshd.port), '-l', sshd.user, sshd.address, 'true'], (error) =>
      resolve(error === null ? 0 : Number(error.code)),
    )
  })

describe('exit codes and refusals', () => {
  test("a viewer is denied with exit 3 and the policy's id, in words and JSON, not told to step up", async () => {
    const viewer = await logIn(principalOf(dev, 'Viewer'))
    const inWords = await gatehouse(viewer, ['team', 'create', 'mine'])
    expect(inWords).toMatchObject({ code: 3, out: '' })
    expect(inWords.err).toContain('denied by viewer-read-only')
    const inJson = await gatehouse(viewer, ['policy', 'reload', '--json'])
    expect(inJson).toMatchObject({ code: 3, out: '' })
    expect(refusal(inJson)).toMatchObject({
      code: 'forbidden',
      policies: expect.arrayContaining(['viewer-read-only']) as string[],
    })
    expect((await gatehouse(viewer, ['ssh', 'connect', 'web-1', '--', 'id'])).code).toBe(3)
  })

  test('an admin whose proof has grown old gets exit 4 and the way to step up, and --totp does it in one', async () => {
    const [admin, other] = [principalOf(dev, 'Admin'), principalOf(dev, 'Admin', 1)]
    await growOld()
    const create = (as: SeedPrincipal, name: string, ...more: string[]): Promise<Ran> =>
      gatehouse(as.username, ['user', 'create', name, '--role', 'Viewer', '--json', ...more])
    const ran = await create(admin, 'una')
    expect(ran).toMatchObject({ code: 4, out: '' })
    expect(refusal(ran)).toMatchObject({
      code: 'step-up-required',
      assurance: 'su',
      maxAgeSeconds: 300,
      hint: 'gatehouse auth step-up --totp CODE',
    })
    expect(json(await create(admin, 'una', '--totp', await freshTotp(admin.totpSecret)))).toMatchObject({
      username: 'una',
      oneTimePassword: expect.any(String) as string,
    })
    expect((await create(other, 'ursula')).code).toBe(4)
    await stepUp(other)
    json(await create(other, 'ursula'))
  })

  test('wrong input is exit 2 by its flag, what is not there 5, nobody 4, no server 8', async () => {
    const operator = principalOf(dev, 'Operator').username
    const wrong = await gatehouse(operator, [
      'ssh-key',
      'generate',
      'db-1',
      '--ttl',
      'soon',
      '--purpose',
      'x',
      '--json',
    ])
    expect([wrong.code, refusal(wrong)['fields']]).toEqual([
      2,
      [{ path: 'ttl', message: expect.any(String) as string }],
    ])
    expect((await gatehouse(operator, ['ssh-host', 'get', 'nowhere'])).code).toBe(5)
    expect((await gatehouse('nobody', ['lease', 'list'])).code).toBe(4)
    expect(
      (await gatehouse('nobody', ['system', 'version'], { env: { GATEHOUSE_URL: 'http://127.0.0.1:1' } })).code,
    ).toBe(8)
    expect((await gatehouse(operator, ['lease', 'lits'])).err).toContain('did you mean gatehouse lease list?')
  })
})

/** Makes every proof of a second factor older than `step_up_max_age` allows. */
const growOld = (): Promise<unknown> =>
  withConnection(dev.database.adminUrl, (client) =>
    client.query("update session set proved_at = proved_at - interval '1 hour'"),
  )

describe('the record', () => {
  test('holds what was denied, with the policy, and verifies, also against what was seen before', async () => {
    const auditor = await logIn(principalOf(dev, 'Auditor'))
    const [denied] = items(
      await gatehouse(auditor, ['audit', 'search', '--action', 'team.create', '--outcome', 'refused', '--json']),
    )
    expect(denied).toMatchObject({
      principal: { type: 'User', name: principalOf(dev, 'Viewer').username },
      decision: { effect: 'deny', policies: expect.arrayContaining(['viewer-read-only']) as string[] },
      refusal: 'forbidden',
    })
    const first = json(await gatehouse(auditor, ['audit', 'verify', '--json']))
    expect(first).toMatchObject({ ok: true, problems: [] })
    const again = await gatehouse(auditor, ['audit', 'verify'])
    expect(again).toMatchObject({ code: 0 })
    expect(again.err).toMatch(/the audit log is whole: \d+ entries.* · holds all \d+ that this machine had seen/)
  })
})

describe('the session', () => {
  test('survives commands that run at the same time when its token has to be refreshed', async () => {
    const developer = await logIn(principalOf(dev, 'Developer'))
    const tokens = join(directory, developer, 'tokens')
    const [file = ''] = readdirSync(tokens).map((name) => join(tokens, name))
    writeFileSync(
      file,
      JSON.stringify({ ...JSON.parse(readFileSync(file, 'utf8')), accessExpiresAt: new Date().toISOString() }),
    )
    const commands = Array.from({ length: volume({ full: 6, sample: 3 }) }, () => ['auth', 'whoami', '--json'])
    // processes of their own: what keeps them apart is a lock between processes
    const ran = await Promise.all(commands.map((words) => runProgram({ words, env: envOf(developer) })))
    expect(ran.map(({ code }) => code)).toEqual(commands.map(() => 0))
    expect((await gatehouse(developer, ['auth', 'whoami', '--quiet'])).code).toBe(0)
  })

  test('is listed, and ended by log-out on the server and here', async () => {
    const developer = principalOf(dev, 'Developer').username
    const sessions = items(await gatehouse(developer, ['session', 'list', '--json']))
    expect(sessions.filter(({ current }) => current === true)).toHaveLength(1)
    const token = await tokenOf(developer)
    expect(json(await gatehouse(developer, ['auth', 'logout', '--json']))).toMatchObject({ ended: 1 })
    expect((await gatehouse(developer, ['auth', 'whoami'])).code).toBe(4)
    expect((await gatehouse('nobody', ['auth', 'whoami'], { env: { GATEHOUSE_TOKEN: token } })).code).toBe(4)
  })
})

const tokenOf = (who: string): Promise<string> => {
  const tokens = join(directory, who, 'tokens')
  const [file = ''] = readdirSync(tokens)
  return Promise.resolve((JSON.parse(readFileSync(join(tokens, file), 'utf8')) as { accessToken: string }).accessToken)
}

describe('first steps', () => {
  test('an administrator with a one-time password is led to a password and a second factor, step by step', async () => {
    const { username, oneTimePassword } = dev.admin
    const login = await gatehouse('first', ['auth', 'login', '--username', username, '--password-stdin'], {
      stdin: `${String(oneTimePassword)}\n`,
    })
    expect([login.code, login.err.includes('gatehouse password change')]).toEqual([0, true])
    expect(refusal(await gatehouse('first', ['user', 'list', '--json']))).toMatchObject({
      code: 'password-change-required',
      hint: 'gatehouse password change',
    })
    const changed = await gatehouse('first', ['password', 'change', '--password-stdin'], {
      stdin: `${String(oneTimePassword)}\nfour brown otters play\n`,
    })
    expect([changed.code, changed.err.includes('gatehouse totp enroll')]).toEqual([0, true])
    expect((await gatehouse('first', ['user', 'list'])).code).toBe(4)
    const enrolment = json(await gatehouse('first', ['totp', 'enroll', 'phone', '--json']))
    json(
      await gatehouse('first', [
        'totp',
        'confirm',
        String(enrolment['id']),
        '--totp',
        await freshTotp(String(enrolment['secret'])),
        '--json',
      ]),
    )
    expect(items(await gatehouse('first', ['user', 'list', '--json'])).map(({ username }) => username)).toContain(
      username,
    )
    const drawn = await gatehouse('first', ['totp', 'enroll', 'tablet'])
    expect([drawn.code, drawn.out.includes('key  '), /[█▀▄]/.test(drawn.err)]).toEqual([0, true, true])
  })
})

describe("on the server's own machine", () => {
  test('server-config show prints what is in force, redacted', async () => {
    const { out } = await gatehouse('nobody', ['server-config', 'show'])
    expect(JSON.parse(out)).toMatchObject({ mfa: { rate_limit: 5 } })
    expect(out).not.toContain(new URL(dev.database.adminUrl).password)
  })

  test('a shell completes hosts that are there', async () => {
    const operator = principalOf(dev, 'Operator').username
    expect((await gatehouse(operator, ['__complete', 'ssh', 'connect', 'w'])).out).toBe('web-1\n')
  })

  test('doctor finds everything in order here, and says that nobody works at the server', async () => {
    const { code, out } = await gatehouse(principalOf(dev, 'Operator').username, ['doctor', '--json'])
    const { items: findings } = JSON.parse(out) as { items: { name: string; health: string; message: string }[] }
    const here = ['ssh', 'server', 'clock', 'tokens', 'log-in', 'proxies']
    const healthOf = (name: string) => findings.find((one) => one.name === name)?.health
    expect(here.map((name) => [name, healthOf(name)])).toEqual(here.map((name) => [name, 'ok']))
    const worker = findings.find(({ name }) => name === 'worker')
    expect([code, worker]).toMatchObject([
      1,
      { health: 'down', message: expect.stringContaining('gatehouse system status') as string },
    ])
  })
})
