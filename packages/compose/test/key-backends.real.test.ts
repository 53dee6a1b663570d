import { randomBytes, randomInt } from 'node:crypto'
import { access, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { loadConfig, type Config } from '@gatehouse/config'
import { createAgeKek } from '@gatehouse/keys'
import {
  createKey,
  createKeyRing,
  createSealBudget,
  rotateKey,
  type PassedOver,
  type Write,
} from '@gatehouse/keys/service'
import {
  askOpenBao,
  createDatabase,
  createSoftHsm,
  motoFacts,
  openBaoFacts,
  runGatewayCommand,
  startGatewayCommand,
  startRelay,
  stopGateway,
  timeoutOf,
  volume,
  type Relay,
  type TestDatabase,
} from '@gatehouse/testkit'
import { sql } from 'kysely'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { openFoundation, type Foundation } from '../src/foundation.ts'
import { withSeeding } from '../src/seeding.ts'

const root = resolve(import.meta.dirname, '../../..')
const place = { table: 'authenticator', column: 'secret', id: '1' }

let database: TestDatabase
let home: string
let relays: Relay[]
beforeEach(async () => {
  ;[database, home] = await Promise.all([createDatabase(), mkdtemp(join(tmpdir(), 'gatehouse-backends-'))])
  relays = []
})
afterEach(async () => {
  await Promise.all(relays.map((relay) => relay.cut()))
  await database.drop()
  await rm(home, { recursive: true, force: true })
})

/** What a process is started with, and the way to its backend. */
interface Backed {
  readonly env: Readonly<Record<string, string>>
  readonly relay: Relay
  /** The key, as errors name it. */
  readonly uri: string
}

async function backed(toml: string, env: Readonly<Record<string, string>>): Promise<Backed['env']> {
  const file = join(home, `${randomBytes(6).toString('hex')}.toml`)
  await writeFile(file, toml)
  return { DATABASE_URL: database.url, GATEHOUSE_HOME: home, GATEHOUSE_DEV: '1', GATEHOUSE_CONFIG: file, ...env }
}

async function relayTo(address: string): Promise<Relay> {
  const relay = await startRelay(address)
  relays.push(relay)
  return relay
}

async function openBao(key = `own-${randomBytes(6).toString('hex')}`): Promise<Backed> {
  const facts = await openBaoFacts()
  await askOpenBao(facts, { path: `transit/keys/${key}`, body: { type: 'aes256-gcm96' } })
  const relay = await relayTo(facts.address)
  const toml = `[kms]\nbackend = "vault"\nvault_key = "${key}"\n`
  const env = await backed(toml, { VAULT_ADDR: relay.address, VAULT_TOKEN: facts.rootToken })
  return { env, relay, uri: `vault:${relay.address}/transit/keys/${key}` }
}

async function aws(): Promise<Backed> {
  const { endpoint } = await motoFacts()
  const relay = await relayTo(endpoint)
  const answer = await fetch(endpoint, {
    method: 'POST',
    headers: {
      'x-amz-target': 'TrentService.CreateKey',
      'content-type': 'application/x-amz-json-1.1',
      authorization: 'AWS4-HMAC-SHA256 Credential=AKIDTEST/20260101/eu-north-1/kms/aws4_request',
    },
    body: '{}',
  })
  // as AWS documents the answer
  const { KeyMetadata: key } = (await answer.json()) as { readonly KeyMetadata: { readonly Arn: string } }
  const toml = `[kms]\nbackend = "aws"\naws_key_arn = "${key.Arn}"\naws_endpoint = "${relay.address}"\n`
  const env = await backed(toml, { AWS_ACCESS_KEY_ID: 'AKIDTEST', AWS_SECRET_ACCESS_KEY: 'canary-of-aws' })
  return { env, relay, uri: `aws:${key.Arn}` }
}

const configOf = ({ env }: Pick<Backed, 'env'>): Config => loadConfig(env, root)

/** As a process of this name starts. */
async function started<T>(
  { env }: Pick<Backed, 'env'>,
  work: (foundation: Foundation) => T | Promise<T>,
  name = 'gatehouse-gateway',
): Promise<T> {
  const foundation = await openFoundation(configOf({ env }), { name })
  try {
    return await work(foundation)
  } finally {
    await foundation.close()
  }
}

const seal = ({ sealer }: Foundation): Uint8Array => sealer.seal(place, Buffer.from('totp'))
const opens =
  (sealed: Uint8Array) =>
  ({ sealer }: Foundation): string =>
    Buffer.from(sealer.unseal(place, sealed)).toString()

describe.each([
  ['OpenBao', () => openBao()],
  ['AWS KMS, as moto speaks it', aws],
])('sealed under a key of %s', (_name, open) => {
  test('nothing starts without the backend, and all does once it is back', async () => {
    const one = await open()
    const sealed = await started(one, seal)
    await expect(access(join(home, 'keys', 'kek.age'))).rejects.toMatchObject({ code: 'ENOENT' })

    await one.relay.cut()
    const starts = [
      () => started(one, seal),
      () => started(one, seal, 'gatehouse-worker'),
      () => withSeeding(configOf(one), () => Promise.resolve()),
    ]
    for (const start of starts) {
      const refusal: unknown = await start().catch((error: unknown) => error)
      expect(refusal).toMatchObject({ name: 'KekError', code: 'unreachable' })
      expect(String(refusal)).toContain(`\`${one.uri}\` does not answer: check its address and that it is up`)
    }

    await one.relay.open()
    expect(await started(one, opens(sealed), 'gatehouse-worker')).toBe('totp')
    expect(await withSeeding(configOf(one), (_deps, foundation) => Promise.resolve(opens(sealed)(foundation)))).toBe(
      'totp',
    )
  })
})

describe('a start with the wrong key', () => {
  test('is refused by its backend: another key, none, or a file where there was a backend', async () => {
    const right = await openBao()
    await started(right, seal)
    await expect(started(await openBao(), seal)).rejects.toMatchObject({ code: 'kek-mismatch' })
    const age = { env: await backed('', {}) }
    await expect(started(age, seal)).rejects.toThrow(
      /^there is no key encryption key at .* is sealed under `vault:.*; name that key in `\[kms\]`/,
    )
    await expect(access(join(home, 'keys', 'kek.age'))).rejects.toMatchObject({ code: 'ENOENT' })
  })

  test('makes none: a name that no key has stops the first start', async () => {
    const { env } = await openBao()
    const misspelt = { env: { ...env, GATEHOUSE_CONFIG: join(home, 'misspelt.toml') } }
    await writeFile(misspelt.env.GATEHOUSE_CONFIG, '[kms]\nbackend = "vault"\nvault_key = "nobody-made-this"\n')
    await expect(started(misspelt, seal)).rejects.toMatchObject({ code: 'no-such-key' })
    await writeFile(misspelt.env.GATEHOUSE_CONFIG, '[kms]\nbackend = "vault"\nvault_key = "../../sys/raw"\n')
    await expect(started(misspelt, seal)).rejects.toThrow(/^\[kms\]: the name of a key or mount of Vault/)
  })

  test('is refused where the token may not use it, and says so without the token', async () => {
    const one = await openBao()
    await started(one, seal)
    const refusal: unknown = await started({ env: { ...one.env, VAULT_TOKEN: 'hvs.canary' } }, seal).catch(
      (error: unknown) => error,
    )
    expect(refusal).toMatchObject({ code: 'denied' })
    expect(String(refusal)).toContain(one.uri)
    expect(String(refusal)).not.toContain('canary')
  })
})

/** A key with so many versions, under the key of the settings. */
const makeVersions = (one: Pick<Backed, 'env'>, count: number): Promise<string> =>
  started(one, async ({ db, clock, random, keks: [kek] }) => {
    if (kek === undefined) throw new TypeError('no key')
    await sql`insert into workspace (id, name) values ('shop', 'shop')`.execute(db)
    const ring = createKeyRing({ db, backends: new Map([['own', kek]]) })
    const service = { db, clock, random, ring, seals: createSealBudget(db) }
    const write: Write = (work) => db.transaction().execute(work)
    const input = { id: random.id(), name: 'orders', workspace: 'shop', backend: 'own', rotationDays: null }
    const { id } = await createKey(service, input, write)
    for (let version = 2; version <= count; version += 1) await rotateKey(service, id, write)
    return id
  })

/** A process starts with these settings, opens what was sealed, and each version. */
const allOpens = (one: Pick<Backed, 'env'>, of: { sealed: Uint8Array; key: string; count: number }): Promise<void> =>
  started(one, async (foundation) => {
    expect(opens(of.sealed)(foundation)).toBe('totp')
    const { db, keks } = foundation
    const ring = createKeyRing({ db, backends: new Map(keks.map((kek) => [kek.uri, kek])) })
    for (let version = 1; version <= of.count; version += 1) await ring.open(of.key, version)
  })

test(
  'the backend is changed by a command that may be killed at any moment: all opens, and the change goes on',
  async () => {
    const [vault, count, kills] = [await openBao(), 20, volume({ full: 12, sample: 2 })]
    const sealed = await started(vault, seal)
    const of = { sealed, count, key: await makeVersions(vault, count) }
    const place = '[kms]\nage_key_file = "keys/next.age"\n'
    const after = { env: await backed(place, {}) }
    const second = (await readFile(vault.env['GATEHOUSE_CONFIG'] ?? '', 'utf8')).replace('[kms]', '[kms.second]')
    const at = `vault_address = "${vault.relay.address}"\n`
    const both = { env: await backed(place + second + at, { VAULT_TOKEN: vault.env['VAULT_TOKEN'] ?? '' }) }
    const program = { PATH: process.env['PATH'], ...both.env, DATABASE_ADMIN_URL: database.adminUrl }
    for (const step of [
      ['kms', 'change-backend'],
      ['kms', 'change-backend', '--finish'],
    ]) {
      for (let kill = 0; kill < kills; kill += 1) {
        const command = await startGatewayCommand(step, program)
        await sleep(randomInt(1500))
        await stopGateway(command, 'SIGKILL')
        await allOpens(both, of)
      }
      expect(await runGatewayCommand(step, program)).toMatch(/^opened by +age:/)
      await allOpens(both, of)
    }
    await allOpens(after, of)
    await expect(started(vault, seal)).rejects.toThrow(/is sealed under .*next\.age.*but the settings name .*vault:/)
    const recorded = await started(after, ({ db }) =>
      db.selectFrom('audit_entry').select('action').where('action', 'like', 'keyBackend.%').execute(),
    )
    const actions = new Set(recorded.map(({ action }) => action))
    expect([...actions].toSorted()).toEqual(['keyBackend.added', 'keyBackend.left'])
  },
  timeoutOf(120_000),
)

describe('regions of the settings', () => {
  /** `[kms]` is a file, and these sections stand below it. */
  const settings = async (toml: string): Promise<Pick<Backed, 'env'>> => ({ env: await backed(`[kms]\n${toml}`, {}) })
  const tokenFile = async (): Promise<string> => {
    const file = join(home, 'token')
    await writeFile(file, (await openBaoFacts()).rootToken)
    return file
  }
  /** A region in OpenBao, with a key and a way of its own. */
  const bao = async (name: string): Promise<{ readonly toml: string; readonly relay: Relay }> => {
    const facts = await openBaoFacts()
    const key = `region-${randomBytes(6).toString('hex')}`
    await askOpenBao(facts, { path: `transit/keys/${key}`, body: { type: 'aes256-gcm96' } })
    const relay = await relayTo(facts.address)
    const lines = [
      `vault_address = "${relay.address}"`,
      `vault_key = "${key}"`,
      `vault_token_file = "${await tokenFile()}"`,
    ]
    return { relay, toml: `[kms.regions.${name}]\nbackend = "vault"\n${lines.join('\n')}\n` }
  }
  const ageIdentity = (file: string): Promise<boolean> => createAgeKek(join(home, file))
  const service = ({ db, clock, random, keks: [own], regions }: Foundation) => {
    if (own === undefined) throw new TypeError('no key')
    const passed: PassedOver[] = []
    const ring = createKeyRing({
      db,
      backends: new Map([...regions.keks, ['installation', own]]),
      onPassed: (some) => Promise.resolve(void passed.push(...some)),
    })
    return { passed, ring, deps: { db, clock, random, ring, seals: createSealBudget(db) } }
  }
  const make = (foundation: Foundation, regions: readonly string[], quorum: number | null) => {
    const input = { id: foundation.random.id(), name: 'orders', workspace: 'shop', backend: 'installation' }
    const write: Write = (work) => foundation.db.transaction().execute(work)
    return createKey(service(foundation).deps, { ...input, regions, quorum, rotationDays: null }, write)
  }
  const shop = ({ db }: Foundation) => sql`insert into workspace (id, name) values ('shop', 'shop')`.execute(db)

  test('a key opens while one of its regions hangs, or is away at the start', async () => {
    const region = await bao('near')
    const one = await settings(region.toml)
    const key = await started(one, async (foundation) => {
      await shop(foundation)
      const { id } = await make(foundation, ['near'], null)
      region.relay.hang()
      const { passed, ring } = service(foundation)
      await ring.open(id, 1)
      expect(passed).toEqual([{ keyId: id, version: 1, backend: 'near', failure: null, answered: ['installation'] }])
      return id
    })
    await region.relay.cut()
    await started(one, async (foundation) => void (await service(foundation).ring.open(key, 1)))
  })

  test('a key of two jurisdictions opens with both, and says which one is away', async () => {
    const region = await bao('abroad')
    await started(await settings(region.toml), async (foundation) => {
      await shop(foundation)
      const { id } = await make(foundation, ['abroad'], 2)
      await service(foundation).ring.open(id, 1)
      await region.relay.cut()
      const refusal: unknown = await service(foundation)
        .ring.open(id, 1)
        .catch((error: unknown) => error)
      expect(refusal).toMatchObject({
        code: 'unavailable',
        details: { hint: expect.stringMatching(/2 of its 2 .*`abroad`/) },
      })
    })
  })

  test('that name a key twice stop the start, and one whose file is lost does not: none is made for it', async () => {
    await started(await settings(''), seal)
    const [own, one] = ['age_key_file = "keys/kek.age"\n', 'age_key_file = "keys/one.age"\n']
    const age = (name: string, file: string): string => `[kms.regions.${name}]\n${file}`
    const lost = await started(await settings(age('one', one)), ({ keyWarnings, regions }) => [
      keyWarnings,
      [...regions.keks],
    ])
    expect(lost).toEqual([expect.arrayContaining([expect.stringMatching(/no key encryption key at .*one\.age/)]), []])
    await expect(access(join(home, 'keys', 'one.age'))).rejects.toMatchObject({ code: 'ENOENT' })
    await ageIdentity('keys/one.age')
    const same = await settings(age('one', own))
    await expect(started(same, seal)).rejects.toThrow('kms.regions.one: another key than the one of [kms]')
    const twice = await settings(age('one', one) + age('two', one))
    await expect(started(twice, seal)).rejects.toThrow(/^kms\.regions\.two: another key than .* \[kms\.regions\.one\]/)
  })
})

test('the program itself starts with a key in a token, and not with a wrong PIN', async () => {
  const hsm = await createSoftHsm()
  try {
    const { module, token, pin, makeKey } = await hsm.createToken()
    await makeKey('gatehouse', 'AES:32')
    const pinFile = join(home, 'pin')
    await writeFile(pinFile, `${pin}\n`)
    const toml = `[kms]\nbackend = "pkcs11"\npkcs11_module = "${module}"\npkcs11_token = "${token}"\n`
    const env = await backed(`${toml}pkcs11_pin_file = "${pinFile}"\n`, { SOFTHSM2_CONF: hsm.configuration })
    const program = { PATH: process.env['PATH'], HOME: process.env['HOME'], ...env }
    for (const _ of ['first', 'second'])
      expect(await runGatewayCommand(['seed', '--empty'], program)).toContain('oneTimePassword')
    await writeFile(pinFile, 'canary-of-a-wrong-pin\n')
    const refusal: unknown = await runGatewayCommand(['seed', '--empty'], program).catch((error: unknown) => error)
    expect(String(refusal)).toContain(`\`pkcs11:token=${token};object=gatehouse\` refuses our credentials`)
    expect(String(refusal)).not.toContain('canary')
  } finally {
    await hsm.remove()
  }
})

test('the program itself starts with OpenBao, and says what is missing without it', async () => {
  const { env, relay, uri } = await openBao()
  const program = { PATH: process.env['PATH'], HOME: process.env['HOME'], ...env }
  expect(await runGatewayCommand(['seed', '--empty'], program)).toContain('oneTimePassword')
  await relay.cut()
  await expect(runGatewayCommand(['seed', '--empty'], program)).rejects.toThrow(
    `gateway: the key encryption key \`${uri}\` does not answer`,
  )
})
