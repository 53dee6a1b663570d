import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { createServer, request, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { CreateKeyCommand, KMSClient } from '@aws-sdk/client-kms'
import { motoFacts } from '@gatehouse/testkit'
import { afterAll, beforeAll, beforeEach, expect, test, vi } from 'vitest'
import {
  awsKeyNames,
  awsKeys,
  encryptNew,
  keyNameOf,
  metadataOf,
  openDocument,
  plainBytes,
  type KeyName,
} from '../src/index.ts'

/** What was asked of AWS: the action, and with whose key it was signed. */
const asked: { readonly action: string; readonly by: string }[] = []
let relay: Server
let surroundings: Readonly<Record<string, string | undefined>>
let directory: string
let arns: readonly string[]

/** The SDK reads the variables of the process. */
const surround = (): void => {
  for (const [name, value] of Object.entries(surroundings)) vi.stubEnv(name, value)
}

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'gatehouse-aws-'))
  const { endpoint } = await motoFacts()
  relay = createServer((incoming, outgoing) => {
    const parts: Buffer[] = []
    incoming.on('data', (part: Buffer) => parts.push(part))
    incoming.on('end', () => {
      const body = Buffer.concat(parts)
      const [, action = ''] = /Action=(\w+)/.exec(body.toString()) ?? []
      asked.push({
        action: String(incoming.headers['x-amz-target'] ?? action).replace('TrentService.', ''),
        by: /Credential=(\w+)\//.exec(incoming.headers.authorization ?? '')?.[1] ?? '',
      })
      const { method, headers, url = '/' } = incoming
      request(new URL(url, endpoint), { method, headers }, (answer) => {
        outgoing.writeHead(answer.statusCode ?? 500, answer.headers)
        answer.pipe(outgoing)
      }).end(body)
    })
  })
  await new Promise<void>((ready) => relay.listen(0, '127.0.0.1', ready))
  const { port } = relay.address() as AddressInfo // it listens on a port
  await writeFile(
    join(directory, 'credentials'),
    ['team', 'other']
      .map((name) => `[${name}]\naws_access_key_id = AKID${name.toUpperCase()}\naws_secret_access_key = s\n`)
      .join(''),
  )
  await writeFile(join(directory, 'config'), '')
  surroundings = {
    AWS_ENDPOINT_URL: `http://127.0.0.1:${port}`,
    AWS_ACCESS_KEY_ID: 'AKIDOWN',
    AWS_SECRET_ACCESS_KEY: 'canary-secret-access-key',
    AWS_SHARED_CREDENTIALS_FILE: join(directory, 'credentials'),
    AWS_CONFIG_FILE: join(directory, 'config'),
    AWS_EC2_METADATA_DISABLED: 'true',
    AWS_PROFILE: undefined,
    AWS_SESSION_TOKEN: undefined,
  }
  surround()
  const client = new KMSClient({ region: 'eu-north-1', endpoint })
  const made = await Promise.all([1, 2].map(() => client.send(new CreateKeyCommand({}))))
  arns = made.map(({ KeyMetadata: key }) => key?.Arn ?? '')
})
beforeEach(() => {
  surround()
  asked.splice(0)
})
afterAll(async () => {
  vi.unstubAllEnvs()
  relay.closeAllConnections()
  relay.close()
  await rm(directory, { recursive: true, force: true })
})

const now = new Date('2026-01-02T03:04:05Z')
const source = 'db: hunter2\n'
const encrypt = async (groups: readonly (readonly KeyName[])[], threshold = groups.length): Promise<string> => {
  const services = [awsKeys(() => now)]
  const bytes = await encryptNew(Buffer.from(source), { format: 'yaml', services, groups, threshold, now })
  return Buffer.from(bytes).toString()
}
const open = async (text: string): Promise<string> => {
  const document = await openDocument(Buffer.from(text), { format: 'yaml', services: [awsKeys(() => now)] })
  return Buffer.from(plainBytes(document)).toString()
}
const keyOf = (index: number, details = {}): readonly KeyName[] => awsKeyNames(arns[index] ?? '', details)
const gone = (): string => (arns[0] ?? '').replace(/[^/]+$/, '00000000-0000-4000-8000-000000000000')

test('a stanza has what stock sops writes, in its order, and names its key again', async () => {
  const text = await encrypt([keyOf(0, { context: { b: '2', a: '1' }, profile: 'nobodys' })])
  const { groups } = metadataOf(Buffer.from(text), 'yaml')
  const [stanza] = groups.flat()
  const names = stanza?.node.entries.map((one) => (one.kind === 'entry' ? one.key : ''))
  expect(names).toEqual(['arn', 'context', 'created_at', 'enc', 'aws_profile'])
  expect(stanza).toMatchObject({ fields: { created_at: '2026-01-02T03:04:05Z' }, context: { a: '1', b: '2' } })
  expect(stanza === undefined ? null : keyNameOf(stanza)).toEqual(
    keyOf(0, { context: { a: '1', b: '2' }, profile: 'nobodys' })[0],
  )
  expect(await open(text)).toBe(source)
})

test('a context that was changed, left out or added to opens nothing, and says where', async () => {
  const text = await encrypt([keyOf(0, { context: { app: 'web', tier: 'prod' } })])
  for (const [from, to] of [
    ['app: web', 'app: wed'],
    [/ +app: web\n/, ''],
    [/( +)app: web\n/, '$1app: web\n$1more: x\n'],
  ] as const) {
    const changed = text.replace(from, to)
    expect(changed).not.toBe(text)
    await expect(open(changed)).rejects.toMatchObject({
      code: 'no-key',
      message: expect.stringContaining(arns[0] ?? ''),
    })
  }
})

test('a role is assumed for the keys that name one, and its credentials are used for them alone', async () => {
  const role = 'arn:aws:iam::123456789012:role/deploy'
  const text = await encrypt([[...awsKeyNames(`${arns[0]}+${role}`), ...keyOf(1)]])
  expect(await open(text)).toBe(source)
  const encrypts = asked.filter(({ action }) => action === 'Encrypt').map(({ by }) => by)
  expect(asked.filter(({ action }) => action === 'AssumeRole')).toHaveLength(2)
  expect(encrypts).toContain('AKIDOWN')
  expect(encrypts.filter((by) => by !== 'AKIDOWN')).toEqual([expect.stringMatching(/^ASIA/)])
})

test('a profile that a file names counts where this machine has one of that name, and else its own', async () => {
  for (const [profile, by] of [
    ['team', 'AKIDTEAM'],
    ['nobodys', 'AKIDOWN'],
  ]) {
    asked.splice(0)
    expect(await open(await encrypt([keyOf(0, { profile })]))).toBe(source)
    expect(asked).toEqual([
      { action: 'Encrypt', by },
      { action: 'Decrypt', by },
    ])
  }
})

test('two keys of one group are used with the profile of each', async () => {
  await encrypt([[...keyOf(0, { profile: 'team' }), ...keyOf(1, { profile: 'other' })]])
  expect(asked.map(({ by }) => by).toSorted()).toEqual(['AKIDOTHER', 'AKIDTEAM'])
})

test('a key that is gone is passed over for another of its group; groups without one are missed by name', async () => {
  const both = (await encrypt([[...keyOf(0), ...keyOf(1)]])).replace(arns[0] ?? '', gone())
  expect(await open(both)).toBe(source)
  const groups = (await encrypt([keyOf(0), keyOf(1)])).replace(arns[0] ?? '', gone())
  await expect(open(groups)).rejects.toMatchObject({
    code: 'no-key',
    message: expect.stringMatching(/1 of the 2 key groups .* has no such key: check the name/),
  })
})

test('no credentials, or nobody who answers: it says which key and what to do, and no secret', async () => {
  const text = await encrypt([keyOf(0)])
  const whyNot = (): Promise<unknown> => open(text).catch((error: unknown) => error)
  vi.stubEnv('AWS_ENDPOINT_URL', 'http://127.0.0.1:1') // a port that only root may take, and nobody has
  expect(String(await whyNot())).toMatch(/aws:arn:\S+` does not answer: check its address/)
  expect(String(await whyNot())).not.toContain('canary')
  vi.stubEnv('AWS_ACCESS_KEY_ID', undefined)
  expect(String(await whyNot())).toMatch(/needs credentials, and this machine has none .* AWS_PROFILE/)
})
