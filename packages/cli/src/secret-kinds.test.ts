import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Wire } from '@gatehouse/contract'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { run, type RunOptions } from '../test/run.ts'
import { startWireServer, type WireServer } from '../test/wire-server.ts'

const servers: WireServer[] = []
let directory = ''
beforeAll(async () => void (directory = await mkdtemp(join(tmpdir(), 'gatehouse-kinds-'))))
afterEach(async () => {
  for (const server of servers.splice(0)) await server.close()
})
afterAll(() => rm(directory, { recursive: true }))

const called = async (words: readonly string[], answer: unknown, options: RunOptions = {}) => {
  const server = await startWireServer(() => ({ output: answer }))
  servers.push(server)
  const env = { ...options.env, GATEHOUSE_URL: server.url, GATEHOUSE_TOKEN: 'token' }
  return { ...(await run(words, { ...options, env })), calls: server.calls }
}

const id = '01980000-0000-7000-8000-000000000001'
const at = new Date().toISOString()
const backend = { id, name: 'b', shown: 's', revocability: 'deletes', checkedAt: at, lastError: null, createdAt: at }

describe('a backend is configured as its own kind, with its secret from standard input', () => {
  const canary = 'canary-secret'
  test.each([
    [
      ['--kind', 'vault', '--address', 'https://v.example:8200', '--mount', 'database'],
      { vault: { address: 'https://v.example:8200', mount: 'database', token: canary } },
    ],
    [
      ['--kind', 'aws', '--region', 'eu-north-1', '--access-key-id', 'AKIA1'],
      { aws: { region: 'eu-north-1', accessKeyId: 'AKIA1', secretAccessKey: canary } },
    ],
    [['--kind', 'aws', '--region', 'eu-north-1'], { aws: { region: 'eu-north-1' } }],
    [['--kind', 'upcloud', '--username', 'shop'], { upcloud: { username: 'shop', password: canary } }],
    [['--kind', 'postgres'], { postgres: { url: canary } }],
  ])('%j', async (words, sent) => {
    const kind = words[1]
    const command = ['secret-backend', 'configure', 'b', ...words, '--secret-stdin']
    const { code, out, talk, calls } = await called(command, { ...backend, kind }, { stdin: `${canary}\n` })
    expect([code, calls.map(({ input }) => input)]).toEqual([0, [{ name: 'b', ...sent }]])
    expect(out + talk).not.toContain(canary)
  })
})

describe('a role says what its kind takes', () => {
  const role = { id, name: 'r', workspace: 'w', backendId: id, backend: 'b', kind: 'aws', revocability: 'denies' }
  const output = {
    ...role,
    revokedWithinSeconds: 300,
    ttlSecondsMin: 900,
    ttlSecondsMax: 3600,
    renewable: false,
    leasesMax: null,
    leasesEachMax: null,
    createdAt: at,
  }
  const forms = { postgres: null, vault: null, aws: null, upcloud: null }
  const create = (words: readonly string[]) =>
    called(['secret-role', 'create', 'r', '--backend', 'b', ...words], { ...output, ...forms })

  test('with a session policy out of a file, and pairs', async () => {
    const policy = join(directory, 'policy.json')
    await writeFile(policy, '{ "Version": "2012-10-17" }')
    const arn = 'arn:aws:iam::123456789012:role/deploy'
    const words = ['--role-arn', arn, '--session-policy', policy, '--tags', 'team=shop,stage=a=b']
    const tags = [
      { key: 'team', value: 'shop' },
      { key: 'stage', value: 'a=b' },
    ]
    expect((await create(words)).calls[0]?.input).toEqual({
      name: 'r',
      backend: 'b',
      aws: { roleArn: arn, policy: '{ "Version": "2012-10-17" }', tags },
    })
    const cloud = await create(['--permissions', 'server:one,storage:two', '--addresses', '192.0.2.0/24'])
    expect(cloud.calls[0]?.input).toMatchObject({
      upcloud: {
        permissions: [
          { targetType: 'server', target: 'one' },
          { targetType: 'storage', target: 'two' },
        ],
        addresses: ['192.0.2.0/24'],
      },
    })
    expect((await create(['--path', 'creds/x'])).calls[0]?.input).toMatchObject({ vault: { path: 'creds/x' } })
  })

  test('and what was said of it before is taken away by nothing', async () => {
    const words = ['--session-policy', '', '--external-id', '', '--tags', '', '--leases-max', '0']
    const { calls } = await called(['secret-role', 'update', 'r', ...words], { ...output, ...forms })
    expect(calls[0]?.input).toEqual({ id: 'r', leasesMax: 0, aws: { policy: '', externalId: '', tags: [] } })
  })

  test.each([
    [['--tags', 'team'], '--tags'],
    [['--permissions', 'server'], '--permissions'],
    [['--role-arn', 'x', '--session-policy', '/nowhere/at-all'], '--session-policy'],
  ])('and %j is refused before anything is sent', async (words, named) => {
    const { code, talk, calls } = await create(words)
    expect([code, calls]).toEqual([2, []])
    expect(talk).toContain(named)
  })
})

const noMaterial: Omit<Wire<'lease.issue'>['material'], 'kind'> = {
  username: null,
  password: null,
  url: null,
  host: null,
  port: null,
  database: null,
  authority: null,
  accessKeyId: null,
  secretAccessKey: null,
  sessionToken: null,
  region: null,
  token: null,
  fields: [],
}
const session = {
  ...noMaterial,
  kind: 'aws',
  accessKeyId: 'ASIA1',
  secretAccessKey: 'secret',
  sessionToken: 'token',
  region: 'eu-north-1',
} as const
const issued = (material: Wire<'lease.issue'>['material']) => ({
  lease: { id, role: 'r', expiresAt: new Date(Date.now() + 3_600_000).toISOString(), state: 'active' },
  material,
  wrap: null,
})

describe('a command runs with', () => {
  const seen = async (material: Wire<'lease.issue'>['material'], env: Record<string, string> = {}) => {
    const file = join(directory, `${material.kind}.json`)
    const code = `require('node:fs').writeFileSync(${JSON.stringify(file)}, JSON.stringify(process.env))`
    const ran = await called(['lease', 'run', 'r', '--', process.execPath, '-e', code], issued(material), { env })
    expect([ran.code, ran.calls.map(({ name }) => name)]).toEqual([0, ['lease.issue', 'lease.revoke']])
    return JSON.parse(await readFile(file, 'utf8')) as NodeJS.ProcessEnv // written by the command
  }

  test('a session of AWS, and no profile that would count before it', async () => {
    const env = await seen(session, { AWS_PROFILE: 'mine', AWS_DEFAULT_PROFILE: 'mine' })
    expect(env).toMatchObject({
      AWS_ACCESS_KEY_ID: 'ASIA1',
      AWS_SECRET_ACCESS_KEY: 'secret',
      AWS_SESSION_TOKEN: 'token',
      AWS_REGION: 'eu-north-1',
      AWS_DEFAULT_REGION: 'eu-north-1',
    })
    expect([env['AWS_PROFILE'], env['AWS_DEFAULT_PROFILE']]).toEqual([undefined, undefined])
  })

  test('what an engine of a Vault gave, under its names', async () => {
    const fields = [
      { name: 'username', value: 'v-1' },
      { name: 'access-key', value: 'k' },
    ]
    expect(await seen({ ...noMaterial, kind: 'vault', fields })).toMatchObject({
      LEASE_USERNAME: 'v-1',
      LEASE_ACCESS_KEY: 'k',
    })
  })

  test('a token of UpCloud, and no password beside it', async () => {
    const material = { ...noMaterial, kind: 'upcloud', username: 'gh-1', token: 'ucat_1' } as const
    const env = await seen(material, { UPCLOUD_USERNAME: 'me', UPCLOUD_PASSWORD: 'mine' })
    expect([env['UPCLOUD_TOKEN'], env['UPCLOUD_USERNAME'], env['UPCLOUD_PASSWORD']]).toEqual([
      'ucat_1',
      undefined,
      undefined,
    ])
  })
})

describe('a credential for `credential_process`', () => {
  const words = ['lease', 'issue', 'r', '--purpose', 'deploy', '--format', 'aws-credential-process']

  test('is the document that AWS reads, and nothing else', async () => {
    const answer = issued(session)
    const { code, out } = await called(words, answer)
    expect([code, JSON.parse(out)]).toEqual([
      0,
      {
        Version: 1,
        AccessKeyId: 'ASIA1',
        SecretAccessKey: 'secret',
        SessionToken: 'token',
        Expiration: answer.lease.expiresAt,
      },
    ])
  })

  test('is none of another kind, and what was made is revoked', async () => {
    const { code, out, talk, calls } = await called(words, issued({ ...noMaterial, kind: 'upcloud', token: 'ucat_1' }))
    expect([code, out, calls.map(({ name }) => name)]).toEqual([2, '', ['lease.issue', 'lease.revoke']])
    expect(talk).toContain('kind upcloud')
    expect(talk).not.toContain('ucat_1')
  })
})
