import { execFile } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { CreateKeyCommand, KMSClient } from '@aws-sdk/client-kms'
import { ageIdentities, recipientOf } from '@gatehouse/sops'
import { askOpenBao, motoFacts, openBaoFacts, sampleOf, sopsPath } from '@gatehouse/testkit'
import { generateX25519Identity } from 'age-encryption'
import { afterAll, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest'
import { run } from './run.ts'

const home = mkdtempSync(join(tmpdir(), 'gatehouse-remote-'))
let aws: Readonly<Record<string, string>>
let vault: Readonly<Record<string, string>>
let identity: string
let recipient: string
let vaultKey: string
let [arn, other]: readonly string[] = []

beforeAll(async () => {
  identity = await generateX25519Identity()
  recipient = (await Promise.all(ageIdentities(identity).map(recipientOf))).join('')
  const bao = await openBaoFacts()
  const name = `test-${randomBytes(6).toString('hex')}`
  await askOpenBao(bao, { path: `transit/keys/${name}`, body: {} })
  vaultKey = `${bao.address}/v1/transit/keys/${name}`
  vault = { VAULT_ADDR: bao.address, VAULT_TOKEN: bao.rootToken }
  const { endpoint } = await motoFacts()
  aws = {
    AWS_ENDPOINT_URL: endpoint,
    AWS_ACCESS_KEY_ID: 'AKIDTEST',
    AWS_SECRET_ACCESS_KEY: 'secret',
    AWS_EC2_METADATA_DISABLED: 'true',
    AWS_CONFIG_FILE: '/nonexistent',
    AWS_SHARED_CREDENTIALS_FILE: '/nonexistent',
  }
  // the SDK reads the variables of the process, and no others
  for (const [name, value] of Object.entries({ ...aws, AWS_PROFILE: undefined })) vi.stubEnv(name, value)
  const client = new KMSClient({ region: 'eu-north-1' })
  const made = await Promise.all([1, 2].map(() => client.send(new CreateKeyCommand({}))))
  ;[arn, other] = made.map(({ KeyMetadata: key }) => key?.Arn ?? '')
})
afterAll(() => {
  vi.unstubAllEnvs()
  rmSync(home, { recursive: true, force: true })
})

const put = (name: string, content: string): string => {
  writeFileSync(join(home, name), content)
  return name
}
const get = (name: string): string => readFileSync(join(home, name), 'utf8')
const plain = 'db:\n    password: hunter2\n    port: 5432\n'

type Keys = 'age' | 'vault' | 'aws'
const allKeys: readonly Keys[] = ['age', 'vault', 'aws']

const environmentWith = (keys: readonly Keys[]): Record<string, string> => ({
  PATH: process.env['PATH'] ?? '',
  HOME: home,
  ...(keys.includes('age') ? { SOPS_AGE_KEY: identity } : {}),
  ...(keys.includes('vault') ? vault : {}),
})

const gatehouse = (words: readonly string[], keys = allKeys) =>
  run(['config', ...words], { cwd: home, env: environmentWith(keys) })

/** What stock sops says, or null where it refuses. */
const stock = async (words: readonly string[], keys = allKeys): Promise<string | null> => {
  const env = { ...environmentWith(keys), ...(keys.includes('aws') ? aws : {}) }
  const options = { cwd: home, env }
  return promisify(execFile)(await sopsPath(), ['--disable-version-check', ...words], options).then(
    ({ stdout }) => stdout,
    () => null,
  )
}

/** Two of the three groups open it: an age key, a key of a transit engine, and one of AWS KMS that is told where. */
const rule = ({ groups, threshold = 2 }: { groups?: readonly string[]; threshold?: number } = {}): void => {
  const usual = [
    `age: [${recipient}]`,
    `hc_vault: ["${vaultKey}"]`,
    `kms: [{arn: "${arn}", context: {app: web, tier: prod}}]`,
  ]
  const lines = (groups ?? usual).map((group) => `      - ${group}\n`).join('')
  put(
    '.sops.yaml',
    `creation_rules:\n  - path_regex: .*\n    shamir_threshold: ${threshold}\n    key_groups:\n${lines}`,
  )
}
beforeEach(() => rule())

describe.each(['yaml', ...sampleOf(['json', 'env', 'ini'], 3)])('a %s under keys of three kinds', (ending) => {
  const file = `secrets.${ending}`
  const source =
    ending === 'yaml'
      ? plain
      : { json: '{\n\t"password": "hunter2"\n}\n', env: 'PASSWORD=hunter2\n', ini: '[db]\npassword = hunter2\n' }[
          ending
        ]

  test('is opened by any two, by stock sops and by us, whoever encrypted it', async () => {
    put(file, source ?? '')
    expect(await gatehouse(['encrypt', file, '--in-place'])).toMatchObject({ code: 0 })
    for (const keys of [
      ['age', 'vault'],
      ['vault', 'aws'],
      ['age', 'aws'],
    ] as const)
      expect(await stock(['decrypt', file], keys)).toBe(source)
    expect(await stock(['decrypt', file], ['aws'])).toBeNull()
    put(file, source ?? '')
    await stock(['encrypt', '--in-place', file])
    expect(get(file)).toContain('ENC[')
    for (const keys of [['vault'], ['age'], ['age', 'vault']] as const)
      expect(await gatehouse(['decrypt', file], keys)).toMatchObject({ code: 0, out: source })
  })
})

const encrypted = async (): Promise<string> => {
  put('secrets.yaml', plain)
  expect(await gatehouse(['encrypt', 'secrets.yaml', '--in-place'])).toMatchObject({ code: 0 })
  return 'secrets.yaml'
}
const groupsOf = async (name: string): Promise<unknown> =>
  (JSON.parse((await gatehouse(['info', name, '--json'])).out) as { groups: unknown }).groups

test('a rotation keeps groups and contexts, and changes what opens them', async () => {
  const name = await encrypted()
  const [groups, before] = [await groupsOf(name), get(name)]
  expect(await gatehouse(['rotate', name])).toMatchObject({ code: 0 })
  expect(await groupsOf(name)).toEqual(groups)
  const wrapped = before.split('\n').filter((line) => line.includes('enc:') && !line.endsWith('|'))
  expect(wrapped.length).toBeGreaterThan(1)
  for (const line of wrapped) expect(get(name)).not.toContain(line)
  expect(await stock(['decrypt', name], ['vault', 'aws'])).toBe(plain)
})

test('keys are brought to what the rules say, also their contexts; who left opens nothing', async () => {
  const name = await encrypted()
  rule({ groups: [`age: [${recipient}]`, `kms: [{arn: "${arn}", context: {app: web}}, {arn: "${other}"}]`] })
  const found = JSON.parse((await gatehouse(['validate', name, '--json'])).out)
  expect(found.findings).toMatchObject([
    { kind: 'extra-recipient', message: expect.stringContaining(vaultKey) },
    { kind: 'extra-recipient', message: expect.stringContaining(`${arn}|app:web,tier:prod`) },
    { kind: 'missing-recipient', message: expect.stringMatching(/\|app:web$/) },
    { kind: 'missing-recipient' },
  ])
  const before = get(name)
  expect(await gatehouse(['update-keys', name, '--dry-run'])).toMatchObject({ code: 0 })
  expect(get(name)).toBe(before)
  expect(await gatehouse(['update-keys', name])).toMatchObject({
    code: 0,
    out: expect.stringContaining('new data key'),
  })
  expect(await gatehouse(['validate', name])).toMatchObject({ code: 0 })
  expect(await stock(['decrypt', name], ['age', 'aws'])).toBe(plain)
  expect(await gatehouse(['decrypt', name], ['vault'])).toMatchObject({
    code: 1,
    talk: expect.stringMatching(/1 of the 2 key groups.*log in to AWS/s),
  })
})

test('one group becomes three of which two are needed, and then all three are', async () => {
  rule({ groups: [`age: [${recipient}]`], threshold: 1 })
  const name = await encrypted()
  for (const threshold of [2, 3]) {
    rule({ threshold })
    expect(await gatehouse(['update-keys', name])).toMatchObject({ code: 0 })
    expect(JSON.parse((await gatehouse(['info', name, '--json'])).out)).toMatchObject({ threshold })
    expect(await stock(['decrypt', name], ['vault', 'aws'])).toBe(threshold === 2 ? plain : null)
    expect(await stock(['decrypt', name])).toBe(plain)
  }
})

test('keys and what they are told are named by flags, by a variable, and in the first rule file', async () => {
  put('plain.yaml', plain)
  rmSync(join(home, '.sops.yaml'))
  const role = 'arn:aws:iam::123456789012:role/deploy'
  const flags = ['--aws', `${arn}+${role}`, '--encryption-context', 'app:web']
  put('told.yaml', (await gatehouse(['encrypt', 'plain.yaml', ...flags])).out)
  expect(await groupsOf('told.yaml')).toEqual([[{ type: 'kms', key: `${arn}+${role}|app:web` }]])
  expect(await stock(['decrypt', 'told.yaml'])).toBe(plain)
  const env = { ...environmentWith([]), SOPS_KMS_ARN: `${arn},${other}` }
  const { out } = await run(['config', 'encrypt', 'plain.yaml'], { cwd: home, env })
  expect(await stock(['decrypt', put('by-variable.yaml', out)])).toBe(plain)
  expect(await gatehouse(['init-encryption', '--kms', 'aws', '--aws', `${arn},${other}`])).toMatchObject({ code: 0 })
  expect(await stock(['encrypt', 'plain.yaml'])).toContain(other)
})

test.each([
  [['encrypt', 'plain.yaml', '--aws', 'arn:aws:kms:x.evil.example:123456789012:key/a'], 2, 'no key of AWS KMS'],
  [['encrypt', 'plain.yaml', '--age', 'RECIPIENT', '--encryption-context', 'a:b'], 2, '--aws'],
  [['init-encryption', '--kms', 'aws'], 2, 'arn:aws:kms:REGION'],
])('%j is refused, and says what to write', async (words, code, said) => {
  put('plain.yaml', plain)
  rmSync(join(home, '.sops.yaml'), { force: true })
  const line = words.map((word) => (word === 'RECIPIENT' ? recipient : word))
  expect(await gatehouse(line)).toMatchObject({ code, out: '', talk: expect.stringContaining(said) })
})

// Threat E8: the token of this machine would go to any path of its own Vault
test.each([
  ['key_name', '../../../sys/seal'],
  ['key_name', 'k?x='],
  ['key_name', '..'],
  ['engine_path', '../sys/seal#'],
  ['engine_path', 'transit/../../sys'],
])('a file whose %s is %o leads to no other path of a Vault', async (field, value) => {
  const name = await encrypted()
  const asked: string[] = []
  const server = createServer((request, response) => {
    asked.push(request.url ?? '')
    response.end('{}')
  })
  await new Promise<void>((ready) => server.listen(0, '127.0.0.1', ready))
  try {
    const address = `http://127.0.0.1:${(server.address() as AddressInfo).port}` // it listens on a port
    const changed = get(name)
      .replace(/vault_address: .*/, `vault_address: ${address}`)
      .replace(new RegExp(`${field}: .*`), `${field}: "${value}"`)
    const env = { ...environmentWith(['age']), VAULT_ADDR: address, VAULT_TOKEN: 't' }
    const { code } = await run(['config', 'decrypt', put('foreign.yaml', changed)], { cwd: home, env })
    expect([code, asked]).toEqual([0, []])
  } finally {
    server.close()
  }
})
