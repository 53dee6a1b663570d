import { mkdirSync, mkdtempSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseVerifier } from '@gatehouse/audit/verify'
import { checkBundle } from '@gatehouse/policy/bundle'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { run } from '../test/run.ts'
import { startWireServer, type WireServer } from '../test/wire-server.ts'
import { runPolicySimulation } from './run-policy-simulation.ts'

let directory: string
let keyFile: string
let server: WireServer
let asked: { readonly name: string; readonly input: unknown }[]
beforeEach(async () => {
  directory = mkdtempSync(join(tmpdir(), 'gatehouse-bundle-'))
  keyFile = join(directory, 'ops.pem')
  mkdirSync(join(directory, 'policies/admin'), { recursive: true })
  writeFileSync(join(directory, 'policies/admin/roles.cedar'), 'permit (principal, action, resource);')
  writeFileSync(join(directory, 'policies/.hidden.cedar'), 'forbid (principal, action, resource);')
  asked = []
  server = await startWireServer(({ name, input }) => {
    asked.push({ name, input })
    return { output: {} }
  })
})
afterEach(() => server.close())

const filesSent = () => (asked.at(-1)?.input as { files: { path: string; text: string }[] } | undefined)?.files ?? []

describe('signing a policy directory', () => {
  test('a new key is for its owner alone and is never written over', async () => {
    const made = await run(['policy', 'bundle-key', keyFile, '--name', 'ops', '--json'])
    expect(made.code).toBe(0)
    expect(parseVerifier((JSON.parse(made.out) as { key: string }).key)?.name).toBe('ops')
    expect(statSync(keyFile).mode & 0o077).toBe(0)
    const before = readFileSync(keyFile, 'utf8')
    expect((await run(['policy', 'bundle-key', keyFile])).code).toBe(2)
    expect(readFileSync(keyFile, 'utf8')).toBe(before)
    expect(made.out + made.talk).not.toContain('PRIVATE')
  })

  test('what is signed is sent with its signature, as a server checks it; a shadow set goes without', async () => {
    const key = (JSON.parse((await run(['policy', 'bundle-key', keyFile, '--json'])).out) as { key: string }).key
    const policies = join(directory, 'policies')
    const signed = await run(['policy', 'bundle', policies, '--key', keyFile, '--json'])
    expect([signed.code, JSON.parse(signed.out)]).toMatchObject([0, { files: 1, key }])
    const env = { GATEHOUSE_URL: server.url, GATEHOUSE_TOKEN: 'x' }
    await run(['policy', 'publish', policies, '--reason', 'a test'], { env })
    expect(filesSent().map(({ path }) => path)).toEqual(['admin/roles.cedar', 'policies.manifest'])
    const sent = filesSent().map(({ path, text }) => ({ file: path, text }))
    const verifier = parseVerifier(key)
    expect(checkBundle(sent, verifier === null ? [] : [verifier])).toMatchObject({ signedBy: 'policies' })
    await run(['policy', 'shadow-publish', policies, '--reason', 'a test'], { env })
    expect(filesSent().map(({ path }) => path)).toEqual(['admin/roles.cedar'])
  })

  test('a key that is none is refused, naming the flag', async () => {
    writeFileSync(keyFile, 'not a key')
    const { code, talk } = await run(['policy', 'bundle', join(directory, 'policies'), '--key', keyFile])
    expect([code, talk]).toEqual([2, expect.stringContaining('--key')])
  })
})

test('a simulation takes a directory or files, never both, and its answer is one document', async () => {
  const env = { GATEHOUSE_URL: server.url, GATEHOUSE_TOKEN: 'x' }
  const policies = join(directory, 'policies')
  const { code, out, talk } = await run(['policy', 'simulate', policies, '--from', '7d', '--json'], { env })
  expect([code, JSON.parse(out), talk]).toEqual([0, {}, ''])
  expect(asked.map(({ name }) => name)).toEqual(['policy.simulate'])
  expect(filesSent().map(({ path }) => path)).toEqual(['admin/roles.cedar'])
  writeFileSync(join(policies, 'admin/night shift.cedar'), 'permit (principal, action, resource);')
  const odd = await run(['policy', 'simulate', policies, '--from', '7d'], { env })
  expect([odd.code, odd.talk]).toEqual([
    2,
    expect.stringMatching(/^gatehouse: --directory: admin\/night shift\.cedar: /),
  ])
  const both = ['policy', 'simulate', policies, '--files', '[]', '--from', '7d']
  for (const words of [both, ['policy', 'simulate', '--from', '7d']]) expect((await run(words, { env })).code).toBe(2)
})

test('on a terminal it says how far it has come, on one line that it takes away', async () => {
  let answer: ((output: unknown) => void) | undefined
  const line: string[] = []
  const cli = {
    config: { cwd: directory },
    now: () => new Date(),
    options: { quiet: false, form: 'text' },
    terminal: { interactive: true, colour: true, out: () => undefined, talk: (text: string) => void line.push(text) },
    client: () =>
      Promise.resolve({
        call: () => new Promise((resolve) => (answer = resolve)),
        subscribe: async function* (_name: string, _input: unknown, signal: AbortSignal) {
          yield { decisions: 40, percent: 12 }
          answer?.({ policyVersion: 'v', decisions: 40, notReplayable: 0, flipped: 0, principals: [], flips: [] })
          await new Promise((resolve) => signal.addEventListener('abort', resolve))
        },
      }),
  }
  const args = { values: { directory: 'policies', from: '7d' }, positionals: [], rest: [] }
  expect(await runPolicySimulation(cli as never, args as never)).toBe(0)
  expect(line).toEqual(['\r\u001b[K12 % · 40 decisions', '\r\u001b[K'])
})
