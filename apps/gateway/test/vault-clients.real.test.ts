// Vault's Transit engine as its clients know it, over a gateway that listens: stock sops, the command line of OpenBao
// and node-vault, and whatever else somebody might send.
import { execFile } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { chmod, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { openBaoPath, sopsPath, testSeed, timeoutOf, volume } from '@gatehouse/testkit'
import fc from 'fast-check'
import nodeVault from 'node-vault'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { codeOf } from './chain-gateway.ts'
import { startTransit, type TransitSystem, type VaultAnswer, type VaultAsked } from './transit-system.ts'

const run = promisify(execFile)

let system: TransitSystem
let home: string
beforeAll(async () => {
  ;[system, home] = await Promise.all([startTransit(), mkdtemp(join(tmpdir(), 'gatehouse-vault-'))])
})
afterAll(async () => {
  await system.close()
  await rm(home, { recursive: true, force: true })
})

const ask = (path: string, asked?: VaultAsked): Promise<VaultAnswer> => system.ask(path, asked)
const base64 = (text: string): string => Buffer.from(text).toString('base64')
const encrypted = async (text: string, more: object = {}, key = 'shop-config'): Promise<string> =>
  String((await ask(`transit/encrypt/${key}`, { body: { plaintext: base64(text), ...more } })).data['ciphertext'])
const decrypt = (ciphertext: string, more: object = {}, key = 'shop-config') =>
  ask(`transit/decrypt/${key}`, { body: { ciphertext, ...more } })

setFlagsFromString('--expose-gc')
const collectGarbage = runInNewContext('gc') as () => void // the flag makes it
/** What this process, the gateway in it, keeps. */
function keptBytes(): number {
  collectGarbage()
  const { heapUsed, external } = process.memoryUsage()
  return heapUsed + external
}

/** Runs a program of Vault's world in a directory of its own. */
async function client(program: string, words: readonly string[], more: Readonly<Record<string, string>> = {}) {
  const env = {
    PATH: process.env['PATH'],
    HOME: home,
    VAULT_TOKEN: system.tokens.deployer,
    VAULT_ADDR: system.address,
    BAO_TOKEN: system.tokens.deployer,
    BAO_ADDR: system.address,
    ...more,
  }
  try {
    const { stdout } = await run(program, words, { cwd: home, env })
    return { code: 0, out: stdout, error: '' }
  } catch (error) {
    const { code, stdout, stderr } = error as { code: number; stdout: string; stderr: string } // execFile's own
    return { code, out: stdout, error: stderr }
  }
}

describe('stock sops with hc_vault', () => {
  const plain = 'db:\n    user: shop\n    password: correct horse\n'
  let sops: (words: readonly string[], more?: Readonly<Record<string, string>>) => ReturnType<typeof client>
  beforeAll(async () => {
    const program = await sopsPath()
    sops = (words, more) => client(program, ['--disable-version-check', ...words], more)
    await writeRules('shop-config')
  })
  const writeRules = (...keys: readonly string[]): Promise<void> => {
    const uris = keys.map((key) => `${system.address}/v1/transit/keys/${key}`).join(',')
    return writeFile(join(home, '.sops.yaml'), `creation_rules:\n  - hc_vault_transit_uri: ${uris}\n`)
  }
  const kept = async (): Promise<string> => readFile(join(home, 'secrets.yaml'), 'utf8')

  test('encrypts, decrypts, edits, rotates and updates the keys of a file', async () => {
    await writeFile(join(home, 'secrets.yaml'), plain)
    expect(await sops(['encrypt', '--in-place', 'secrets.yaml'])).toMatchObject({ code: 0, error: '' })
    expect(await kept()).toMatch(/key_name: shop-config[\s\S]*enc: vault:v1:R0hFAQ/)
    expect(await kept()).not.toContain('correct horse')
    expect((await sops(['decrypt', 'secrets.yaml'])).out).toBe(plain)

    await writeFile(join(home, 'editor.sh'), '#!/bin/sh\nsed -i s/horse/battery/ "$1"\n')
    await chmod(join(home, 'editor.sh'), 0o755)
    expect(await sops(['edit', 'secrets.yaml'], { EDITOR: join(home, 'editor.sh') })).toMatchObject({ code: 0 })
    const edited = plain.replace('horse', 'battery')
    expect((await sops(['decrypt', 'secrets.yaml'])).out).toBe(edited)

    const before = await kept()
    expect(await sops(['rotate', '--in-place', 'secrets.yaml'])).toMatchObject({ code: 0 })
    expect(await kept()).not.toBe(before)
    expect((await sops(['decrypt', 'secrets.yaml'])).out).toBe(edited)

    await writeRules('shop-config', 'other')
    expect(await sops(['updatekeys', '--yes', 'secrets.yaml'])).toMatchObject({ code: 0 })
    expect(await kept()).toContain('key_name: other')
    expect((await sops(['decrypt', 'secrets.yaml'])).out).toBe(edited)
  })

  test('says that policy denies it, where the token may only encrypt', async () => {
    await writeRules('shop-config')
    await writeFile(join(home, 'secrets.yaml'), plain)
    expect(await sops(['encrypt', '--in-place', 'secrets.yaml'], { VAULT_TOKEN: system.tokens.writer })).toMatchObject({
      code: 0,
    })
    const refused = await sops(['decrypt', 'secrets.yaml'], { VAULT_TOKEN: system.tokens.writer })
    expect(refused.code).not.toBe(0)
    expect(refused.error).toMatch(/Code: 403[\s\S]*permission denied/)
  })
})

describe('the command line of OpenBao', () => {
  let bao: (words: readonly string[], more?: Readonly<Record<string, string>>) => ReturnType<typeof client>
  beforeAll(async () => {
    const program = await openBaoPath((line) => console.error(line))
    bao = (words, more) => client(program, words, more)
  })

  test('writes and reads the paths of Transit', async () => {
    const plaintext = `plaintext=${base64('correct horse')}`
    const sealed = await bao(['write', '-field=ciphertext', 'transit/encrypt/shop-config', plaintext])
    expect(sealed).toMatchObject({ code: 0, error: '' })
    const opened = await bao(['write', '-field=plaintext', 'transit/decrypt/shop-config', `ciphertext=${sealed.out}`])
    expect(opened.out).toBe(base64('correct horse'))
    const moved = await bao(['write', '-field=ciphertext', 'transit/rewrap/shop-config', `ciphertext=${sealed.out}`])
    expect(moved.out).toMatch(/^vault:v1:R0hFAQ/)
    const dataKey = await bao(['write', '-format=json', '-f', 'transit/datakey/plaintext/shop-config'])
    expect(JSON.parse(dataKey.out)).toMatchObject({ data: { key_version: 1 }, lease_id: '', renewable: false })
    const key = await bao(['read', '-format=json', 'transit/keys/shop-config'])
    expect(JSON.parse(key.out)).toMatchObject({
      data: { name: 'shop-config', type: 'aes256-gcm96', latest_version: 1, keys: { 1: expect.any(Number) as number } },
    })
  })

  test('shows what was refused, and makes no key', async () => {
    const words = ['write', 'transit/encrypt/no-such-key', `plaintext=${base64('x')}`]
    const refused = await bao(words)
    expect(refused).toMatchObject({ code: 2 })
    expect(refused.error).toMatch(/Code: 403[\s\S]*\* permission denied: there is no such thing, or it is not yours/)
    expect((await bao(['read', 'transit/keys/no-such-key'])).code).toBe(2)
    const { rows } = await system.chain.admin.query("select from kms_key where name = 'no-such-key'")
    expect(rows).toEqual([])
    expect((await bao(['write', '-f', 'transit/keys/new-key'])).error).toMatch(/Code: 405[\s\S]*unsupported operation/)
    expect((await bao(['token', 'renew'])).error).toMatch(/Code: 404[\s\S]*no handler for route/)
  })

  test('says whether it is well, and what a token is worth', async () => {
    const status = await bao(['status', '-format=json'])
    expect(status).toMatchObject({ code: 0, error: '' })
    expect(JSON.parse(status.out)).toMatchObject({ initialized: true, sealed: false })
    const looked = await bao(['token', 'lookup', '-format=json'])
    expect(JSON.parse(looked.out)).toMatchObject({
      data: { display_name: 'deployer', policies: ['kms.*', 'kmsKey.get'] },
    })
    expect((await bao(['token', 'lookup'], { BAO_TOKEN: 'hvs.none' })).error).toMatch(
      /Code: 403[\s\S]*permission denied/,
    )
  })
})

describe('node-vault', () => {
  const vault = (token: string) => nodeVault({ endpoint: system.address, token, debug: () => undefined })

  test('writes, reads and asks whether it is well', async () => {
    const deployer = vault(system.tokens.deployer)
    const sealed = (await deployer.write('transit/encrypt/shop-config', { plaintext: base64('s') })) as {
      data: { ciphertext: string }
    }
    const { ciphertext } = sealed.data
    expect(await deployer.write('transit/decrypt/shop-config', { ciphertext })).toMatchObject({
      data: { plaintext: base64('s') },
    })
    expect(await deployer.read('transit/keys/shop-config')).toMatchObject({ data: { latest_version: 1 } })
    expect(await deployer.health()).toMatchObject({ initialized: true, sealed: false })
    expect(await deployer.status()).toMatchObject({ sealed: false, t: 1, n: 1, progress: 0 })
    expect(await deployer.tokenLookupSelf()).toMatchObject({ data: { renewable: false, type: 'service' } })
  })

  test('reads errors in the form of Vault', async () => {
    const denied = vault(system.tokens.writer).read('transit/keys/shop-config')
    await expect(denied).rejects.toMatchObject({ response: { statusCode: 403 } })
    await expect(denied).rejects.toThrow(/^permission denied: the scopes of this token/)
  })
})

describe('ciphertexts', () => {
  test('are our envelopes: what either side encrypts the other decrypts, bound to the same', async () => {
    const bound = { associated_data: base64('file 7'), context: base64('shop') }
    const ciphertext = await encrypted('correct horse', bound)
    const envelope = ciphertext.replace('vault:v1:', '')
    const opened = await system.call('kms.decrypt', { items: [{ ciphertext: envelope, context: bound }] })
    expect(opened['items']).toEqual([{ problem: null, plaintext: base64('correct horse') }])
    const { items } = (await system.call('kms.encrypt', {
      key: 'shop-config',
      items: [{ plaintext: base64('battery'), context: { associated_data: bound.associated_data } }],
    })) as { items: readonly { ciphertext: string }[] }
    const { data } = await decrypt(`vault:v1:${items[0]?.ciphertext}`, { associated_data: bound.associated_data })
    expect(data).toEqual({ plaintext: base64('battery') })
  })

  // Threat E7
  test('open with the same associated data and context only, and under their own key', async () => {
    const ciphertext = await encrypted('s', { associated_data: base64('ab'), context: base64('c') })
    const others = [
      {},
      { associated_data: base64('ab') },
      { associated_data: base64('a'), context: base64('bc') },
      { associated_data: base64('c'), context: base64('ab') },
    ]
    for (const other of others) {
      const { status, errors } = await decrypt(ciphertext, other)
      expect([status, errors?.[0]]).toEqual([400, expect.stringContaining('message authentication failed')])
    }
    const wrong = await decrypt(await encrypted('s'), {}, 'other')
    expect([wrong.status, wrong.errors]).toEqual([400, ['invalid ciphertext: of another key']])
  })

  test('say their version before and in the envelope, and not two', async () => {
    const ciphertext = await encrypted('s')
    for (const other of ['vault:v2:', 'vault:v01:', 'vault:v4294967297:', '', 'vault:v1:vault:v1:']) {
      const { status, errors } = await decrypt(ciphertext.replace('vault:v1:', other))
      expect([other, status, errors?.[0]]).toEqual([other, 400, expect.stringContaining('invalid ciphertext')])
    }
  })

  test('move to the newest version of their key, which reading tells, and stay in the census', async () => {
    await system.call('kmsKey.create', { name: 'rotated' })
    const ciphertext = await encrypted('s', {}, 'rotated')
    await system.call('kmsKey.rotate', { id: 'rotated' })
    const { data } = await ask('transit/rewrap/rotated', { body: { ciphertext } })
    expect(data).toEqual({ ciphertext: expect.stringMatching(/^vault:v2:R0hFAQ/) as string, key_version: 2 })
    const { versions } = (await system.call('kmsKey.usage', { key: 'rotated' })) as {
      versions: { createdAt: string }[]
    }
    expect(versions).toMatchObject([
      { version: 2, ciphertexts: 1 },
      { version: 1, ciphertexts: 0 },
    ])
    const [second, first] = versions.map(({ createdAt }) => Math.floor(Date.parse(createdAt) / 1000))
    const read = async () => (await ask('transit/keys/rotated', { method: 'GET' })).data
    expect(await read()).toMatchObject({ latest_version: 2, keys: { 1: first, 2: second } })
    await system.call('kmsKey.update', { id: 'rotated', minimumVersion: 2 })
    expect(await read()).toMatchObject({ min_decryption_version: 2, keys: { 2: second } })
    expect(Object.keys((await read())['keys'] as object)).toEqual(['2'])
    expect((await decrypt(String(data['ciphertext']), {}, 'rotated')).data).toEqual({ plaintext: base64('s') })
  })

  // HashiCorp's Vault #29532 and #31791: what was encrypted with associated data could not be rewrapped
  test('that are bound to something are rewrapped with it, alone and in a batch, and stay bound', async () => {
    const bound = { associated_data: base64('file 7'), context: base64('shop') }
    const item = { ciphertext: await encrypted('correct horse', bound), ...bound }
    const one = await ask('transit/rewrap/shop-config', { body: item })
    const many = await ask('transit/rewrap/shop-config', { body: { batch_input: [item, { ...item, context: '' }] } })
    expect([one.status, many.status]).toEqual([200, 400])
    const [first, second] = many.data['batch_results'] as readonly Record<string, string>[]
    expect(second?.['error']).toMatch(/^cipher: message authentication failed/)
    for (const ciphertext of [String(one.data['ciphertext']), first?.['ciphertext'] ?? '']) {
      expect((await decrypt(ciphertext, bound)).data).toEqual({ plaintext: base64('correct horse') })
      expect((await decrypt(ciphertext)).status).toBe(400)
    }
  })

  test('of data keys hold what came with them, and a wrapped one shows nothing', async () => {
    const bound = { associated_data: base64('backup') }
    const { data } = await ask('transit/datakey/plaintext/shop-config', { body: { ...bound, bits: 256 } })
    expect(Buffer.from(String(data['plaintext']), 'base64')).toHaveLength(32)
    expect((await decrypt(String(data['ciphertext']), bound)).data).toEqual({ plaintext: data['plaintext'] })
    const wrapped = await ask('transit/datakey/wrapped/shop-config', { method: 'PUT' })
    expect(Object.keys(wrapped.data).toSorted()).toEqual(['ciphertext', 'key_version'])
    for (const body of [{ bits: 512 }, { nonce: 'AAAAAAAAAAAAAAAA' }, { location: 'two\nlines' }])
      expect((await ask('transit/datakey/plaintext/shop-config', { body })).status).toBe(400)
  })

  test('are listed where their caller says that they lie, also those of data keys', async () => {
    await system.call('kmsKey.create', { name: 'placed' })
    await ask('transit/encrypt/placed', { body: { plaintext: base64('s'), location: 'shop.yaml' } })
    await ask('transit/datakey/wrapped/placed', { body: { location: 's3://backups/shop' } })
    const { items } = (await system.call('kmsKey.ciphertexts', { id: 'placed' })) as { items: readonly object[] }
    expect(items).toMatchObject([{ location: 's3://backups/shop' }, { location: 'shop.yaml' }])
  })
})

describe('batches', () => {
  const input = (...texts: readonly string[]) => ({
    batch_input: texts.map((text) => ({ plaintext: text, reference: `about ${text}` })),
  })

  test('have a result for each item; one that fails makes it 400, unless the caller says otherwise', async () => {
    const good = await ask('transit/encrypt/shop-config', { body: input(base64('a'), base64('b')) })
    expect(good.status).toBe(200)
    expect(good.data['batch_results']).toMatchObject([{ key_version: 1 }, { reference: `about ${base64('b')}` }])
    const body = input(base64('a'), 'no base64')
    const partial = await ask('transit/encrypt/shop-config', { body })
    expect(partial.status).toBe(400)
    expect(partial.data['batch_results']).toMatchObject([
      { ciphertext: expect.stringMatching(/^vault:v1:/) as string },
      { error: 'plaintext: bytes in base64, with padding', reference: 'about no base64' },
    ])
    const chosen = (code: unknown) =>
      ask('transit/encrypt/shop-config', { body: { ...body, partial_failure_response_code: code } })
    expect([(await chosen(207)).status, (await chosen('200')).status]).toEqual([207, 200])
    for (const code of [100, 199, 204, 304, 600, 'many', 2.5]) expect((await chosen(code)).status).toBe(400)
    expect((await chosen(0)).data['batch_results']).toHaveLength(2) // Go's clients, where nobody chose
  })

  // HashiCorp's Vault #13111 and #6140: one item kept all others from an answer; of an empty text there was none
  test('have a result for each item, whatever is wrong with one, and for an empty one', async () => {
    const right = { plaintext: base64('a') }
    const wrong = [
      { ...right, location: 'two\nlines' },
      { ...right, location: 'l'.repeat(501) },
      { ...right, location: {} },
      { ...right, associated_data: 'no base64' },
      { ...right, nonce: 'AAAA' },
      { plaintext: null },
      {},
    ]
    const body = { batch_input: [right, ...wrong, { plaintext: '' }], partial_failure_response_code: 207 }
    const { status, data } = await ask('transit/encrypt/shop-config', { body })
    const results = data['batch_results'] as readonly Record<string, string>[]
    expect([status, results.map((one) => 'ciphertext' in one)]).toEqual([207, [true, ...wrong.map(() => false), true]])
    expect(results[1]?.['error']).toMatch(/^location: one line/)
    const ciphertext = results.at(-1)?.['ciphertext'] ?? ''
    expect((await ask('transit/decrypt/shop-config', { body: { batch_input: [{ ciphertext }] } })).data).toEqual({
      batch_results: [{ plaintext: '' }],
    })
    expect((await decrypt(ciphertext)).data).toEqual({ plaintext: '' })
  })

  test('of which nothing came to anything are 400, whatever the caller says', async () => {
    const items = [{ ciphertext: 'vault:v1:AAAA' }, { ciphertext: await encrypted('s', {}, 'other') }]
    const failed = await ask('transit/decrypt/shop-config', {
      body: { batch_input: items, partial_failure_response_code: 200 },
    })
    expect([failed.status, failed.errors]).toEqual([400, null])
    expect(failed.data['batch_results']).toEqual([
      { error: 'invalid ciphertext: not one that encrypt gave out here' },
      { error: 'invalid ciphertext: of another key' },
    ])
  })

  test('of a hundred items are one line of the audit log; more, none and other things are refused', async () => {
    const many = (count: number) => ({ body: input(...Array.from({ length: count }, (_, at) => base64(`${at}`))) })
    const count = async () =>
      (
        await system.chain.admin.query<{ detail: unknown }>(
          `select entry::jsonb -> 'detail' as detail from audit_entry
            where entry::jsonb ->> 'action' = 'kms.encrypt' and entry::jsonb ->> 'transport' = 'vault'
              and entry::jsonb ->> 'outcome' = 'allowed' order by id`,
        )
      ).rows
    const before = await count()
    expect((await ask('transit/encrypt/shop-config', many(100))).status).toBe(200)
    const after = await count()
    expect(after).toHaveLength(before.length + 1)
    expect(after.at(-1)?.detail).toMatchObject({ asked: 100, ciphertexts: 100 })
    for (const body of [many(101).body, { batch_input: [] }, { batch_input: 'a' }, { batch_input: [[]] }])
      expect((await ask('transit/encrypt/shop-config', { body })).status).toBe(400)
  })
})

describe('who may not', () => {
  const plaintext = base64('x')
  const denied = async (path: string, asked: VaultAsked = {}, status = 403): Promise<void> => {
    const answer = await ask(path, { body: { plaintext }, ...asked })
    expect([path, answer.status]).toEqual([path, status])
    expect(answer.errors?.[0] ?? '', path).toMatch(status === 403 ? /^permission denied/ : /./)
    expect(JSON.parse(answer.text)).toEqual({ errors: [expect.any(String)] })
    expect(answer.headers.get('cache-control')).toBe('no-store')
  }

  test('is told so in the form of Vault', async () => {
    await denied('transit/encrypt/shop-config', { as: null })
    for (const token of ['gatehouse_svc_x', 'hvs.CAESI'])
      await denied('transit/encrypt/shop-config', { as: null, headers: { 'x-vault-token': token } })
    await denied('transit/encrypt/shop-config', { as: 'elsewhere' })
    await denied('transit/encrypt/shop-config', { as: 'loose' })
    await denied('transit/decrypt/shop-config', { as: 'writer', body: { ciphertext: await encrypted('s') } })
    // a log-in of a person is for people, not for files of programs
    await denied('transit/encrypt/shop-config', {
      as: null,
      headers: { 'x-vault-token': system.chain.tokens.get('ada-admin') ?? '' },
    })
  })

  test('learns nothing of keys of others, by name or by id, and less of those that are not there', async () => {
    const theirs = String((await system.call('kmsKey.get', { id: 'theirs' }))['id'])
    const { items } = (await system.call('kms.encrypt', { key: 'theirs', items: [{ plaintext }] })) as {
      items: readonly { ciphertext: string }[]
    }
    const ciphertext = `vault:v1:${items[0]?.ciphertext}`
    const told = new Set<string>()
    for (const key of ['theirs', theirs, 'no-such-key', 'THEIRS', 'th%65irs'])
      for (const [path, asked] of [
        [`transit/encrypt/${key}`, { body: { plaintext } }],
        [`transit/decrypt/${key}`, { body: { ciphertext } }],
        [`transit/rewrap/${key}`, { body: { ciphertext } }],
        [`transit/datakey/plaintext/${key}`, { body: {} }],
      ] as const) {
        const { status, text } = await ask(path, asked)
        told.add(`${status} ${text}`)
      }
    expect([...told]).toEqual([expect.stringMatching(/^403 /)])
    const read = await Promise.all(
      ['theirs', theirs, 'no-such-key'].map((key) => ask(`transit/keys/${key}`, { method: 'GET' })),
    )
    expect(read.map(({ status, text }) => [status, text])).toEqual(read.map(() => [404, '{"errors":[]}']))
    // an envelope of theirs under a key of ours
    const foreign = await ask('transit/decrypt/shop-config', { body: { ciphertext } })
    expect([foreign.status, foreign.errors]).toEqual([400, ['invalid ciphertext: of another key']])
  })

  test('shows one token, in one way; bearers may show theirs as Vault lets them', async () => {
    const path = 'transit/encrypt/shop-config'
    const bearer = { authorization: `Bearer ${system.tokens.deployer}` }
    expect((await ask(path, { body: { plaintext }, as: null, headers: bearer })).status).toBe(200)
    await denied(path, { headers: bearer }, 400)
    await denied(path, { as: null, headers: { 'x-vault-token': `${system.tokens.deployer}, x` } })
    await denied(path, { as: null, headers: { cookie: `__Host-access=${system.chain.tokens.get('ada-admin')}` } })
  })

  test('is not given less than they ask for: a namespace, a wrapped answer, a nonce or version of theirs', async () => {
    const path = 'transit/encrypt/shop-config'
    await denied(path, { headers: { 'x-vault-namespace': 'team-a' } }, 400)
    await denied(path, { headers: { 'x-vault-wrap-ttl': '60s' } }, 400)
    await denied(path, { body: { plaintext, nonce: 'AAAAAAAAAAAAAAAA' } }, 400)
    await denied(path, { body: { plaintext, key_version: 7 } }, 400)
    for (const unset of [{ nonce: '', key_version: 0 }, { context: null }, { key_version: '0' }])
      expect((await ask(path, { body: { plaintext, ...unset } })).status).toBe(200)
    for (const headers of [{ 'x-vault-namespace': '' }, { 'x-vault-namespace': 'root' }] as const)
      expect((await ask(path, { body: { plaintext }, headers })).status).toBe(200)
  })

  test('is out at once when their account is disabled, or their token is revoked', async () => {
    await system.call('serviceAccount.create', { name: 'leaver', teams: ['developers'] })
    const { token } = (await system.call('apiToken.create', {
      name: 'leaver',
      purpose: 'tests',
      serviceAccount: 'leaver',
      scopes: ['kms.*'],
      sourceAddresses: ['127.0.0.1/32'],
    })) as { token: string }
    const headers = { 'x-vault-token': token }
    const path = 'transit/encrypt/shop-config'
    expect((await ask(path, { body: { plaintext }, as: null, headers })).status).toBe(200)
    await system.call('serviceAccount.disable', { id: 'leaver', reason: 'left' })
    await denied(path, { as: null, headers })
  })
})

describe('a token that a person makes for it', () => {
  const plaintext = base64('x')
  const path = '/v1/transit/encrypt/shop-config'
  const tokenOf = async (as: string, keys: readonly string[] = ['shop-config']): Promise<string> =>
    String((await system.call('kms.facadeToken', { keys }, as))['token'])
  const shown = (token: string) => ({ as: null, headers: { 'x-vault-token': token } })
  /** The same from any address, with any headers. */
  const askFrom = async (from: string, headers: Readonly<Record<string, string>>): Promise<number> =>
    (await system.chain.post(path, { plaintext }, { from, headers })).status

  test('uses the keys that it names as policy lets its person, and stock sops takes it', async () => {
    const made = await system.call(
      'kms.facadeToken',
      { keys: ['SHOP-config', 'theirs'], ttlSeconds: 60 },
      'dora-developer',
    )
    expect(made).toMatchObject({ keys: ['shop-config', 'theirs'], address: '127.0.0.1' })
    const seconds = (Date.parse(String(made['expiresAt'])) - system.chain.gateway.now().getTime()) / 1000
    expect(seconds).toBeLessThanOrEqual(60)
    const token = shown(String(made['token']))
    const { data } = await ask('transit/encrypt/shop-config', { ...token, body: { plaintext } })
    const { ciphertext } = data
    expect((await ask('transit/decrypt/shop-config', { ...token, body: { ciphertext } })).data).toEqual({ plaintext })
    // what policy does not let its person: to rewrap, and what is of another team
    for (const other of ['transit/rewrap/shop-config', 'transit/decrypt/theirs'])
      expect([other, (await ask(other, { ...token, body: { ciphertext } })).status]).toEqual([other, 403])
    await writeFile(join(home, 'secrets.json'), '{"password":"correct horse"}')
    await writeFile(
      join(home, '.sops.yaml'),
      `creation_rules:\n  - hc_vault_transit_uri: ${system.address}/v1/transit/keys/shop-config\n`,
    )
    const sops = await sopsPath()
    const env = { VAULT_TOKEN: String(made['token']) }
    expect(await client(sops, ['encrypt', '--in-place', 'secrets.json'], env)).toMatchObject({ code: 0, error: '' })
    const opened = await client(sops, ['decrypt', '--extract', '["password"]', 'secrets.json'], env)
    expect(opened.out).toBe('correct horse')
  })

  test('uses no other key, and tells nothing of it', async () => {
    const token = shown(await tokenOf('ada-admin'))
    const told = await Promise.all(
      ['other', 'theirs', 'no-such-key', String((await system.call('kmsKey.get', { id: 'shop-config' }))['id'])].map(
        async (key) => {
          const { status, errors } = await ask(`transit/encrypt/${key}`, { ...token, body: { plaintext } })
          const read = await ask(`transit/keys/${key}`, { ...token, method: 'GET' })
          return [status, read.status, errors]
        },
      ),
    )
    const denied = [expect.stringMatching(/^permission denied: this token is for shop-config;/)]
    expect(told).toEqual(told.map(() => [403, 403, denied]))
    expect((await ask('transit/keys/shop-config', { ...token, method: 'GET' })).status).toBe(200)
  })

  test('is nobody anywhere else', async () => {
    const token = await tokenOf('ada-admin')
    const headers = { authorization: `Bearer ${token}` }
    const { chain } = system
    for (const [name, input] of [
      ['auth.whoami', {}],
      ['kmsKey.get', { id: 'shop-config' }],
      ['kms.encrypt', { key: 'shop-config', items: [{ plaintext }] }],
      ['kms.facadeToken', { keys: ['other'] }],
      ['session.revokeOthers', {}],
    ] as const)
      for (const over of [chain.trpc, chain.graphql])
        expect([name, codeOf(await over(name, input, { headers }))]).toEqual([name, 'unauthenticated'])
    const asked = await chain.post('/access/v1/evaluation', {}, { headers })
    const form = await chain.ask('/oauth/revoke', {
      method: 'POST',
      headers: { 'content-type': 'application/x-www-form-urlencoded' },
      body: `token=${token}`,
    })
    expect([asked.status, form.status]).toEqual([401, 200])
    // it still works where it belongs
    expect((await ask('transit/encrypt/shop-config', { ...shown(token), body: { plaintext } })).status).toBe(200)
  })

  test('is taken from its own address alone, whatever somebody says of theirs', async () => {
    const token = { 'x-vault-token': await tokenOf('ada-admin') }
    expect(await askFrom('127.0.0.1', token)).toBe(200)
    for (const from of ['127.0.0.2', '192.0.2.9', '::1', '2001:db8::1']) expect(await askFrom(from, token)).toBe(403)
    for (const headers of [{ 'x-forwarded-for': '127.0.0.1' }, { 'x-forwarded-for': '192.0.2.9, 127.0.0.1' }])
      expect(await askFrom('127.0.0.1', { ...token, ...headers })).toBe(403)
    expect(await askFrom('192.0.2.9', { ...token, 'x-forwarded-for': '127.0.0.1' })).toBe(403)
    const behind = await system.chain.trpc(
      'kms.facadeToken',
      { keys: ['shop-config'] },
      { as: 'ada-admin', headers: { 'x-forwarded-for': '192.0.2.9' } },
    )
    expect(codeOf(behind)).toBe('conflict')
  })

  test('ends with the session that it was made in, and with its person', async () => {
    const [left, disabled] = [await tokenOf('oscar-operator'), await tokenOf('olga-operator')]
    for (const token of [left, disabled]) expect(await askFrom('127.0.0.1', { 'x-vault-token': token })).toBe(200)
    await system.call('auth.logout', {}, 'oscar-operator')
    await system.call('user.disable', { id: 'olga-operator', reason: 'left' })
    for (const token of [left, disabled]) expect(await askFrom('127.0.0.1', { 'x-vault-token': token })).toBe(403)
  })

  test('is no log-in that was changed, and no log-in is one', async () => {
    const token = await tokenOf('ada-admin')
    const [header = '', payload = '', signature = ''] = token.split('.')
    const claims = JSON.parse(Buffer.from(payload, 'base64url').toString()) as Record<string, unknown>
    const rewritten = (changed: object): string =>
      [header, Buffer.from(JSON.stringify({ ...claims, ...changed })).toString('base64url'), signature].join('.')
    const login = system.chain.tokens.get('ada-admin') ?? ''
    const [, loginPayload, loginSignature] = login.split('.')
    for (const other of [
      rewritten({ keys: ['other', 'shop-config'] }),
      rewritten({ address: '192.0.2.9' }),
      [header, loginPayload, loginSignature].join('.'),
      login,
      `${token}=`,
    ])
      expect(await askFrom('127.0.0.1', { 'x-vault-token': other })).toBe(403)
  })
})

describe('what a token is worth', () => {
  const look = (as: VaultAsked) => ask('auth/token/lookup-self', { method: 'GET', ...as })
  const seconds = () => system.chain.gateway.now().getTime() / 1000

  test('is told to whoever shows it, and the token is not repeated', async () => {
    const { status, data, text } = await look({ as: 'deployer' })
    const { ttl, creation_ttl: whole, expire_time: end, ...facts } = data
    expect([status, facts]).toMatchObject([200, { display_name: 'deployer', id: '', orphan: true, renewable: false }])
    expect(ttl).toBeGreaterThan(0)
    expect(ttl).toBeLessThanOrEqual(Number(whole))
    expect(Date.parse(String(end)) / 1000).toBeGreaterThan(seconds())
    expect(text).not.toContain(system.tokens.deployer)
  })

  test('is told of a person’s as well, and of nobody else’s', async () => {
    const token = String((await system.call('kms.facadeToken', { keys: ['shop-config'] }))['token'])
    const headers = { 'x-vault-token': token }
    const { status, data, text } = await look({ as: null, headers })
    expect([status, data]).toMatchObject([200, { display_name: 'ada-admin', policies: ['shop-config'] }])
    expect(data['ttl']).toBeLessThanOrEqual(900)
    expect(text).not.toContain(token)
    const query = await ask(`auth/token/lookup-self?token=${system.tokens.deployer}`, {
      method: 'GET',
      as: null,
      headers,
    })
    expect(query.data).toMatchObject({ display_name: 'ada-admin' })
    for (const as of ['elsewhere', 'loose'] as const) expect((await look({ as })).status).toBe(403)
    expect((await look({ as: null })).status).toBe(403)
  })
})

/** Whatever stands in a request line and its headers, as bytes; answers the head of the answer. */
async function headOf(line: string, headers: readonly string[]): Promise<string> {
  const socket = connect(Number(new URL(system.address).port), '127.0.0.1')
  socket.write(Buffer.from([line, 'Host: 127.0.0.1', 'Connection: close', ...headers, '', ''].join('\r\n'), 'latin1'))
  const parts: Buffer[] = []
  socket.on('data', (part: Buffer) => void parts.push(part))
  await once(socket, 'close')
  return Buffer.concat(parts).toString('latin1').split('\r\n\r\n')[0] ?? ''
}

// Threat: what a caller says of themselves becomes a header, or two, of the answer
test('nothing of a request becomes a header of its answer', async () => {
  const token = `X-Vault-Token: ${system.tokens.deployer}`
  const breaks = ['\r\n ', '\n', '\r', '%0d%0a', '\u0085', '\u2028', '\\r\\n', '\0', ' ']
  const names = ['X-Vault-Namespace', 'X-Vault-Wrap-TTL', 'X-Vault-Token', 'X-Request-Id', 'Traceparent', 'User-Agent']
  const asked = breaks.flatMap((gap): readonly (readonly [string, readonly string[]])[] => [
    ...names.map(
      (name) => ['GET /v1/transit/keys/shop-config HTTP/1.1', [token, `${name}: a${gap}X-Planted: 1`]] as const,
    ),
    [`GET /v1/transit/keys/a${gap}X-Planted:1 HTTP/1.1`, [token]],
    [`GET /v1/sys/health?a=${gap}X-Planted:1 HTTP/1.1`, []],
  ])
  for (const [line, headers] of asked) {
    const head = await headOf(line, headers)
    expect(head, JSON.stringify([line, headers.slice(1)])).toMatch(/^HTTP\/1\.1 (200|400|403|404) /)
    expect(head).not.toMatch(/planted/i)
  }
})

// Threat E7: an object's own name, or one of two spellings, would be left out, and nobody would know
test('a context that would not be kept whole is refused on both transports, and an unknown field, too', async () => {
  const { trpc, graphql } = system.chain
  const item = { plaintext: base64('x') }
  const contexts = ['{"__proto__":"x"}', '{"caf\\u00e9":"a","cafe\\u0301":"b"}'].map(
    (text) => JSON.parse(text) as object,
  )
  for (const over of [trpc, graphql])
    for (const context of contexts) {
      const many = { key: 'shop-config', items: [item, { ...item, context }] }
      expect(codeOf(await over('kms.encrypt', many, { as: 'ada-admin' }))).toBe('invalid-input')
      const one = { key: 'shop-config', ...item, context }
      expect(codeOf(await over('kms.encrypt', one, { as: 'ada-admin' }))).toBe('invalid-input')
    }
  const mistyped = { key: 'shop-config', items: [{ ...item, contxt: {} }] }
  for (const over of [trpc, graphql])
    expect(codeOf(await over('kms.encrypt', mistyped, { as: 'ada-admin' }))).toBe('invalid-input')
})

describe('keys that are stopped', () => {
  test('refuse what they do not do, and say so', async () => {
    await system.call('kmsKey.create', { name: 'stopped' })
    const ciphertext = await encrypted('s', {}, 'stopped')
    await system.call('kmsKey.disable', { id: 'stopped', reason: 'test', decryptOnly: true })
    const refused = await ask('transit/encrypt/stopped', { body: { plaintext: base64('x') } })
    expect([refused.status, refused.errors]).toEqual([400, ['the key is decrypt-only; it does not encrypt']])
    expect((await decrypt(ciphertext, {}, 'stopped')).status).toBe(200)
    expect((await ask('transit/keys/stopped', { method: 'GET' })).data).toMatchObject({
      supports_encryption: false,
      supports_decryption: true,
    })
  })
})

describe('other paths and bodies', () => {
  test('lead nowhere, or to what they say', async () => {
    const plaintext = base64('x')
    for (const [path, status] of [
      ['transit/encrypt/shop%2Dconfig', 200],
      ['transit/encrypt/SHOP-CONFIG', 200],
      ['transit/encrypt/shop-config/', 404],
      ['transit/encrypt/shop-config%2f..%2fother', 404],
      ['transit/encrypt/%2e%2e', 404],
      ['transit/encrypt/..%5cother', 400],
      ['transit/encrypt/shop-config%00', 400],
      ['transit/encrypt/%FF', 404],
      ['transit/encrypt/', 404],
      ['transit/encrypt', 404],
      ['Transit/encrypt/shop-config', 404],
      ['transit/sign/shop-config', 404],
      ['transit/datakey/other/shop-config', 404],
      ['secret/data/x', 404],
      ['auth/token/lookup-self', 405],
      ['auth/token/lookup', 404],
      ['auth/token/lookup-self/', 404],
      ['sys/seal-status', 405],
      ['sys/internal/ui/mounts/transit', 404],
    ] as const) {
      const answer = await ask(path, { body: { plaintext } })
      expect([path, answer.status]).toEqual([path, status])
      if (status !== 200) expect(answer.errors?.length, path).toBe(1)
    }
    for (const method of ['DELETE', 'PATCH', 'OPTIONS', 'GET'])
      expect((await ask('transit/encrypt/shop-config', { method })).status).toBe(405)
    expect((await ask('transit/keys/shop-config', { method: 'POST' })).status).toBe(405)
  })

  test('that are too long, too deep or nothing are refused in the form of Vault', async () => {
    const path = 'transit/encrypt/shop-config'
    const long = await ask(path, { text: `{"plaintext":"${'A'.repeat(256 * 1024)}"}` })
    expect([long.status, long.errors]).toEqual([413, ['a body of at most 262144 bytes']])
    const deep = (open: string, close: string, middle = '') => open.repeat(20_000) + middle + close.repeat(20_000)
    for (const text of [
      deep('[', ']'),
      deep('{"a":', '}', '1'),
      `{"batch_input":${deep('[', ']')}}`,
      '',
      'null',
      '{',
      '"x"',
      '{"plaintext":7}',
      '{"plaintext":"__proto__"}',
      '{"__proto__":{"plaintext":"eA=="}}',
      `{"plaintext":"${base64('x'.repeat(3073))}"}`,
      `{"plaintext":"eA==","associated_data":"${base64('x'.repeat(751))}"}`,
      '{"plaintext":"eA==","associated_data":{}}',
      '{"plaintext":"eA"}',
    ]) {
      const { status, errors } = await ask(path, { text })
      expect([text.slice(0, 40), status, errors?.length]).toEqual([text.slice(0, 40), 400, 1])
    }
    // what stands twice counts as Vault counts it: the last
    const twice = await ask(path, { text: `{"plaintext":"${base64('a')}","plaintext":"${base64('b')}"}` })
    expect((await decrypt(String(twice.data['ciphertext']))).data).toEqual({ plaintext: base64('b') })
    const lines = await ask(path, { body: { plaintext: `${base64('abc')}\n` } })
    expect(lines.status).toBe(200)
    const mistyped = await ask(path, { body: { plaintext: base64('a'), asociated_data: base64('b'), '<b>': 1 } })
    expect(JSON.parse(mistyped.text)).toMatchObject({
      warnings: ['Endpoint ignored these unrecognized parameters: [asociated_data]'],
    })
  })

  // a stranger wrote faults into the log, with their stacks, by going away
  test('whose sender is gone before their end are no fault of ours', async () => {
    const { port } = new URL(system.address)
    const heads = ['content-length: 9\r\n\r\n{', 'transfer-encoding: chunked\r\n\r\n1\r\n{\r\n']
    for (const path of ['/graphql', '/trpc/auth.login', '/oauth/token', '/v1/transit/encrypt/shop-config'])
      for (const head of heads) {
        const socket = connect(Number(port), '127.0.0.1')
        socket.write(`POST ${path} HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/json\r\n${head}`)
        // once another request is answered, this one has been begun; and once the next is, it has been given up
        await ask('sys/health', { method: 'GET' })
        socket.destroy()
        await ask('sys/health', { method: 'GET' })
      }
    expect(system.chain.faults).toEqual([])
  })

  // Threat C: mutated bodies, whoever sends them
  test(
    'that were changed anywhere come to something or are refused, and cost nothing that stays',
    async () => {
      const canary = randomBytes(12).toString('hex')
      const ciphertext = await encrypted(canary)
      const one = (fields: object) => ({ associated_data: '', context: null, reference: 'r', ...fields })
      const right: readonly (readonly [string, object])[] = [
        ['encrypt', { ...one({ plaintext: base64(canary) }), partial_failure_response_code: 207 }],
        ['encrypt', { batch_input: [one({ plaintext: base64(canary) }), one({ plaintext: '' })] }],
        ['decrypt', one({ ciphertext, nonce: '', key_version: 0 })],
        ['decrypt', { batch_input: [one({ ciphertext }), one({ ciphertext })] }],
        ['rewrap', { batch_input: [one({ ciphertext })] }],
        ['datakey/plaintext', { bits: 256, context: 'AAAA' }],
      ]
      const parts = fc.oneof(
        fc.constantFrom('null', '""', '[]', '{}', '-1', '1e999', '"\\ud800"', '"\\u0000"', 'vault:v1:', '=', '"', ','),
        fc.string({ maxLength: 8, unit: 'binary' }),
      )
      const changes = fc.array(fc.tuple(fc.nat(), fc.nat({ max: 24 }), parts), { minLength: 1, maxLength: 4 })
      const changed = fc.tuple(fc.constantFrom(...right), changes).map(([[action, body], edits]) => ({
        path: `transit/${action}/shop-config`,
        text: edits.reduce((text, [at, length, part]) => {
          const from = at % (text.length + 1)
          return text.slice(0, from) + part + text.slice(from + length)
        }, JSON.stringify(body)),
      }))
      const before = keptBytes()
      const numRuns = volume({ full: 5000, sample: 20 })
      await fc.assert(
        // as many at once as one token may ask
        fc.asyncProperty(fc.array(changed, { minLength: 20, maxLength: 20 }), async (requests) => {
          await Promise.all(
            requests.map(async ({ path, text }) => {
              const { status, errors, data } = await ask(path, { text })
              expect([200, 207, 400], `${path} ${text}`).toContain(status)
              if (status === 400 && !('batch_results' in data)) expect(errors).toEqual([expect.any(String)])
            }),
          )
        }),
        { numRuns, seed: testSeed(), endOnFailure: true },
      )
      expect(keptBytes() - before).toBeLessThan(100 * 1024 * 1024)
    },
    timeoutOf(120_000),
  )
})

test('what was encrypted is in no entry and no line of the log', async () => {
  const canary = randomBytes(18).toString('hex')
  const ciphertext = await encrypted(canary, { associated_data: base64(canary) })
  expect((await decrypt(ciphertext, { associated_data: base64(canary) })).status).toBe(200)
  const { rows } = await system.chain.admin.query('select entry from audit_entry')
  const written = JSON.stringify([rows, system.chain.faults])
  for (const form of [canary, base64(canary), ciphertext, system.tokens.deployer]) expect(written).not.toContain(form)
})

test('leaves no fault behind', () => expect(system.chain.faults).toEqual([]))
