import { afterEach, describe, expect, test } from 'vitest'
import { freshConfigHome, run, type RunOptions } from '../test/run.ts'
import { startWireServer, type WireServer } from '../test/wire-server.ts'

let server: WireServer | null = null
afterEach(async () => {
  await server?.close()
  server = null
})

const now = new Date('2026-11-29T18:00:00.000Z')
const token = `gatehouse_wrap_${'0a'.repeat(48)}`
const lease = { id: '01939fd4-7a3e-7c52-9c0b-2f6d1a4e8b70', role: 'shop-read', expiresAt: '2026-11-29T19:00:00.000Z' }
const empty = { kind: 'postgres', username: null, password: null, url: null, fields: [] }
const material = { ...empty, username: 'gatehouse_1', password: 'canary', url: 'postgres://u:canary@db/shop' }
const outputs: Readonly<Record<string, unknown>> = {
  'lease.issue': { lease, material: empty, wrap: { token, expiresAt: '2026-11-29T18:05:00.000Z' } },
  'lease.unwrap': { lease, material },
}

const asking = async (words: readonly string[], options: RunOptions = {}) => {
  const started = await startWireServer(({ name }) => ({ output: outputs[name] }))
  server = started
  const env = { GATEHOUSE_URL: started.url, GATEHOUSE_CONFIG_HOME: freshConfigHome(), ...options.env }
  return { ...(await run(words, { now, ...options, env })), calls: started.calls }
}
const issuing = (...words: readonly string[]) =>
  asking(['lease', 'issue', 'shop-read', '--purpose', 'a test', ...words], { env: { GATEHOUSE_TOKEN: 't' } })

describe('lease issue --wrap', () => {
  test('shows what opens the credential and until when, and what becomes of it otherwise', async () => {
    const { out, talk, calls } = await issuing('--wrap', '5m')
    expect(calls[0]?.input).toEqual({ role: 'shop-read', purpose: 'a test', wrapSeconds: 300 })
    expect(out).toBe(
      `token        ${token}\nopens until  in 5 min (2026-11-29 18:05:00 UTC)\nlease        ${lease.id}\n`,
    )
    expect(talk).toContain('gatehouse lease unwrap')
  })

  test('gives a program the token alone, or the whole answer', async () => {
    expect((await issuing('--wrap', '5m', '--quiet')).out).toBe(`${token}\n`)
    expect(JSON.parse((await issuing('--wrap', '5m', '--json')).out)).toEqual(outputs['lease.issue'])
  })

  test('does not go with a form that shows the credential', async () => {
    const { code, calls } = await issuing('--wrap', '5m', '--format', 'aws-credential-process')
    expect([code, calls]).toEqual([2, []])
  })
})

describe('lease unwrap', () => {
  test.each([
    ['from a pipe', [], { stdin: `${token}\n` }],
    ['from a pipe that it is told of', ['--token-stdin'], { stdin: `${token}\n` }],
    ['from who sits there', [], { typed: [` ${token} `] }],
  ] as const)('reads the token %s, and needs no log-in', async (_, words, options) => {
    const { code, out, calls, questions } = await asking(['lease', 'unwrap', ...words], options)
    expect([code, calls]).toEqual([
      0,
      [expect.objectContaining({ name: 'lease.unwrap', input: { token }, token: null })],
    ])
    expect(questions).toEqual('typed' in options ? ['wrap token: '] : [])
    expect(out).toContain('password  canary\n')
  })

  test('says what is expected, and gives a program what it needs', async () => {
    const stdin = `${token}\n`
    const { out, calls } = await asking(['lease', 'unwrap', '--role', 'shop-read', '--quiet'], { stdin })
    expect(calls[0]?.input).toEqual({ token, role: 'shop-read' })
    expect(out).toBe('postgres://u:canary@db/shop\n')
    expect(JSON.parse((await asking(['lease', 'unwrap', '--json'], { stdin })).out)).toEqual(outputs['lease.unwrap'])
  })

  test.each([
    ['as an argument', ['lease', 'unwrap', token]],
    ['as a flag', ['lease', 'unwrap', '--token', token]],
  ])('takes no token %s, and does not repeat it', async (_, words) => {
    const { code, out, talk, calls } = await asking(words, { stdin: '' })
    expect([code, out, calls]).toEqual([2, '', []])
    expect(talk).not.toContain(token)
  })

  test('without a token says where it is read from', async () => {
    const { code, talk } = await asking(['lease', 'unwrap'], { stdin: '' })
    expect(code).toBe(2)
    expect(talk).toContain('--token-stdin')
  })
})
