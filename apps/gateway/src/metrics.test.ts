import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { loadConfig, type Config } from '@gatehouse/config'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { metricsFor } from './metrics.ts'
import type { RequestContext } from './transports/run.ts'

const token = 'a'.repeat(64)
let directory: string
beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'gh-metrics-'))
  await writeFile(join(directory, 'token'), `${token}\n`)
  await writeFile(join(directory, 'short'), 'secret\n')
})
afterAll(() => rm(directory, { recursive: true }))

const configOf = (env: NodeJS.ProcessEnv): Config => loadConfig(env, join(import.meta.dirname, '../../..'))
const from = (address: string, credential: string | null = null, forwards = false): RequestContext =>
  ({ caller: { address, credential, forwards } }) as RequestContext // all that it looks at

const statusFor = async (env: NodeJS.ProcessEnv, context: RequestContext): Promise<number | null> => {
  const answer = await metricsFor(configOf(env), () => Promise.resolve('up 1\n'))
  return (await answer(context))?.status ?? null
}

test('without a token metrics are nobody’s, and in the development stack this machine’s', async () => {
  expect(await statusFor({}, from('127.0.0.1'))).toBeNull()
  expect(await statusFor({ GATEHOUSE_DEV: '1' }, from('127.0.0.1'))).toBe(200)
  expect(await statusFor({ GATEHOUSE_DEV: '1' }, from('::1'))).toBe(200)
  expect(await statusFor({ GATEHOUSE_DEV: '1' }, from('192.0.2.1'))).toBeNull()
  expect(await statusFor({ GATEHOUSE_DEV: '1' }, from('127.0.0.1', null, true))).toBeNull()
})

test('the token in the file opens them from anywhere, and nothing else does', async () => {
  const env = { GATEHOUSE_METRICS_TOKEN_FILE: join(directory, 'token') }
  expect(await statusFor(env, from('192.0.2.1', token))).toBe(200)
  for (const other of [null, '', `${token}a`, token.slice(1), `${token}\n`])
    expect(await statusFor(env, from('127.0.0.1', other))).toBeNull()
})

test.each([
  ['short', 'at least 32 characters'],
  ['none', 'no file to read'],
])('a file that holds no good token stops the start: %s', async (name, why) => {
  const config = configOf({ GATEHOUSE_METRICS_TOKEN_FILE: join(directory, name) })
  await expect(metricsFor(config, () => Promise.resolve(''))).rejects.toThrow(why)
})

test.each(['9464', '127.0.0.1', 'localhost:9464', '127.0.0.1:70000', '::1:'])(
  'GATEHOUSE_METRICS_LISTEN is an address with a port, not %j',
  (value) => {
    expect(() => configOf({ GATEHOUSE_METRICS_LISTEN: value })).toThrow('GATEHOUSE_METRICS_LISTEN')
  },
)

test('an address of its own may be of either family', () => {
  expect(configOf({ GATEHOUSE_METRICS_LISTEN: '127.0.0.1:9464' }).runtime.metrics.listen).toEqual({
    host: '127.0.0.1',
    port: 9464,
  })
  expect(configOf({ GATEHOUSE_METRICS_LISTEN: '[::1]:9465' }).runtime.metrics.listen).toEqual({
    host: '::1',
    port: 9465,
  })
})
