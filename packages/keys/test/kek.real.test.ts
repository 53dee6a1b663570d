import { randomBytes, randomUUID } from 'node:crypto'
import { mkdtemp, rm } from 'node:fs/promises'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { CreateKeyCommand, DisableKeyCommand, KMSClient } from '@aws-sdk/client-kms'
import { secret } from '@gatehouse/contract'
import { ageKek, createPrivateFile, type KeyEncryptionKey } from '@gatehouse/keys'
import { awsKek } from '@gatehouse/keys/aws'
import { vaultKek } from '@gatehouse/keys/vault'
import { askOpenBao, motoFacts, openBaoFacts } from '@gatehouse/testkit'
import { kekConformance } from '@gatehouse/testkit/kek-conformance'
import { generateHybridIdentity, generateX25519Identity } from 'age-encryption'
import { afterAll, expect, test } from 'vitest'

/** Nothing listens there: it is a port that only root may take, and nobody has. */
const nobody = 'http://127.0.0.1:1'

const directories: string[] = []
afterAll(() => Promise.all(directories.map((directory) => rm(directory, { recursive: true, force: true }))))

async function ageFile(identity: string): Promise<KeyEncryptionKey> {
  const directory = await mkdtemp(join(tmpdir(), 'gatehouse-age-'))
  directories.push(directory)
  const path = join(directory, 'kek.age')
  await createPrivateFile(path, `${identity}\n`)
  return ageKek(path)
}

const local = { missing: null, denied: null, unusable: null, away: null, secrets: [] }
kekConformance('age', async () => ({
  ...local,
  right: await ageFile(await generateX25519Identity()),
  other: await ageFile(await generateX25519Identity()),
}))
kekConformance('age, in its hybrid with ML-KEM-768', async () => ({
  ...local,
  right: await ageFile(await generateHybridIdentity()),
  other: await ageFile(await generateHybridIdentity()),
}))

test('the hybrid of age says that a quantum computer does not open it, and X25519 that one does', async () => {
  expect((await ageFile(await generateHybridIdentity())).traits.quantum).toBe('safe')
  expect((await ageFile(await generateX25519Identity())).traits.quantum).toBe('unsafe')
})

const vaultKey = async (type: string): Promise<string> => {
  const name = `test-${randomBytes(6).toString('hex')}`
  await askOpenBao(await openBaoFacts(), {
    path: `transit/keys/${name}`,
    body: { type, ...(type === 'hmac' ? { key_size: 32 } : {}) },
  })
  return name
}

kekConformance("OpenBao's Transit engine", async () => {
  const { address, rootToken } = await openBaoFacts()
  const [right, other, signing] = await Promise.all(['aes256-gcm96', 'aes256-gcm96', 'ed25519'].map(vaultKey))
  const stranger = randomBytes(18).toString('base64url')
  const at = { address, mount: 'transit', token: secret(rootToken) }
  return {
    right: vaultKek({ ...at, key: right ?? '' }),
    other: vaultKek({ ...at, key: other ?? '' }),
    missing: vaultKek({ ...at, key: `none-${randomBytes(6).toString('hex')}` }),
    denied: vaultKek({ ...at, key: right ?? '', token: secret(stranger) }),
    unusable: vaultKek({ ...at, key: signing ?? '' }),
    away: vaultKek({ ...at, key: right ?? '', address: nobody }),
    secrets: [rootToken, stranger],
  }
})

// Threat E9: a key of another type than the code has in mind
test.for(['chacha20-poly1305', 'ed25519', 'ecdsa-p256', 'hmac'])(
  'a key of type %s is refused by type, whatever is asked of it',
  async (type) => {
    const { address, rootToken } = await openBaoFacts()
    const kek = vaultKek({ address, mount: 'transit', key: await vaultKey(type), token: secret(rootToken) })
    for (const call of [() => kek.probe(), () => kek.wrap(Buffer.from('s'), 'p'), () => kek.generate('p')])
      await expect(call()).rejects.toMatchObject({ code: 'key-unusable' })
    const wrapped = `vault:v1:${randomBytes(60).toString('base64')}`
    await expect(kek.unwrap(wrapped, 'p')).rejects.toMatchObject({ name: 'KekError' })
  },
)

test('a key of OpenBao that was rotated there unwraps what its older versions wrapped', async () => {
  const facts = await openBaoFacts()
  const key = await vaultKey('aes256-gcm96')
  const kek = vaultKek({ address: facts.address, mount: 'transit', key, token: secret(facts.rootToken) })
  const wrapped = await kek.wrap(Buffer.from('older'), 'p')
  await askOpenBao(facts, { path: `transit/keys/${key}/rotate`, body: {} })
  expect(await kek.wrap(Buffer.from('newer'), 'p')).toMatch(/^vault:v2:/)
  expect(Buffer.from(await kek.unwrap(wrapped, 'p')).toString()).toBe('older')
})

// Threat C17: a server that was taken over sends us, and our token, to another
test('a redirect is not followed, and the token goes nowhere', async () => {
  const asked: (string | undefined)[] = []
  const elsewhere = createServer((request, response) => {
    asked.push(request.headers['x-vault-token']?.toString())
    response.end('{}')
  })
  const here = createServer((_request, response) => {
    response.writeHead(307, { location: `http://127.0.0.1:${portOf(elsewhere)}/` }).end()
  })
  await Promise.all([elsewhere, here].map((server) => new Promise<void>((done) => server.listen(0, '127.0.0.1', done))))
  try {
    const address = `http://127.0.0.1:${portOf(here)}`
    const kek = vaultKek({ address, mount: 'transit', key: 'k', token: secret('hvs.token') })
    await expect(kek.probe()).rejects.toMatchObject({ code: 'unreachable' })
    expect(asked).toEqual([])
  } finally {
    for (const server of [elsewhere, here]) server.close()
  }
})
const portOf = (server: ReturnType<typeof createServer>): number => (server.address() as AddressInfo).port // it listens

test.for(['../sys/raw', 'a/b', '', 'k?x=1', 'k#', '..'])('`%s` is no name of a key of Vault', (key) => {
  const place = { address: nobody, mount: 'transit', token: secret('t') }
  expect(() => vaultKek({ ...place, key })).toThrow(TypeError)
})

const credentials = { accessKeyId: 'AKIDTEST', secretAccessKey: secret('canary-secret-access-key') }

const motoKey = async (): Promise<{ readonly arn: string; readonly client: KMSClient; readonly endpoint: string }> => {
  const { endpoint } = await motoFacts()
  const secretAccessKey = credentials.secretAccessKey.expose()
  const client = new KMSClient({
    region: 'eu-north-1',
    endpoint,
    credentials: { accessKeyId: credentials.accessKeyId, secretAccessKey },
  })
  return { arn: (await client.send(new CreateKeyCommand({}))).KeyMetadata?.Arn ?? '', client, endpoint }
}

/** moto takes any credentials, and encrypts under disabled keys: what AWS says then is not tried here. */
kekConformance('AWS KMS, as moto speaks it', async () => {
  const [{ arn: right, endpoint }, { arn: other }] = await Promise.all([motoKey(), motoKey()])
  const at = { ...credentials, endpoint }
  return {
    right: awsKek({ ...at, keyArn: right }),
    other: awsKek({ ...at, keyArn: other }),
    missing: awsKek({ ...at, keyArn: right.replace(/[^/]+$/, randomUUID()) }),
    denied: null,
    unusable: null,
    away: awsKek({ ...at, keyArn: right, endpoint: nobody }),
    secrets: [credentials.secretAccessKey.expose()],
  }
})

test('a disabled key of AWS is found out by a probe', async () => {
  const { arn, client, endpoint } = await motoKey()
  const kek = awsKek({ ...credentials, endpoint, keyArn: arn })
  await kek.probe()
  await client.send(new DisableKeyCommand({ KeyId: arn.slice(arn.lastIndexOf('/') + 1) }))
  await expect(kek.probe()).rejects.toMatchObject({ code: 'key-unusable' })
})

test('a multi-Region key of AWS is one key in all of its regions', () => {
  const arnIn = (region: string): string => `arn:aws:kms:${region}:123456789012:key/mrk-${'0'.repeat(32)}`
  const [north, west] = ['eu-north-1', 'eu-west-1'].map((region) => awsKek({ ...credentials, keyArn: arnIn(region) }))
  expect(north?.fingerprint).toBe(west?.fingerprint)
  expect(north?.uri).not.toBe(west?.uri)
})

test.for(['alias/k', 'arn:aws:kms:eu-north-1:123456789012:alias/k', randomUUID(), ''])(
  '`%s` names no key of AWS that stays what it is',
  (keyArn) => {
    expect(() => awsKek({ ...credentials, keyArn })).toThrow(TypeError)
  },
)
