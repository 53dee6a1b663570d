// The token of an authority is typed or read, and is never an argument: every program of a machine sees those.
import { afterEach, expect, test } from 'vitest'
import { run, type RunOptions } from '../test/run.ts'
import { startWireServer, type WireServer } from '../test/wire-server.ts'

let server: WireServer | null = null
afterEach(() => server?.close())

const configure = async (words: readonly string[], options: RunOptions = {}) => {
  server = await startWireServer(() => ({ output: { id: 'a1', name: 'vault-1' } }))
  const env = { GATEHOUSE_URL: server.url, GATEHOUSE_TOKEN: 'x' }
  const ran = await run(['ssh-authority', 'configure', ...words], { ...options, env })
  return { ...ran, inputs: server.calls.map(({ input }) => input) }
}
const terms = ['--name', 'vault-1', '--address', 'https://vault.example.org:8200', '--role', 'gatehouse']
const known = { name: 'vault-1', address: 'https://vault.example.org:8200', role: 'gatehouse' }

test('a token is typed where somebody sits, and read where nobody does', async () => {
  const typed = await configure(terms, { typed: ['s.typed'] })
  expect([typed.code, typed.inputs]).toEqual([0, [{ ...known, token: 's.typed' }]])
  await server?.close()
  const read = await configure([...terms, '--mount', 'ssh-signer', '--token-stdin'], { stdin: 's.read\n' })
  expect([read.code, read.inputs]).toEqual([0, [{ ...known, mount: 'ssh-signer', token: 's.read' }]])
})

test.each([
  ['no token, and nobody to ask', terms, '--token-stdin'],
  ['no name', terms.slice(2), '--name'],
  ['our own name', ['--name', 'gatehouse', ...terms.slice(2)], 'gatehouse'],
  ['a role that is a path', [...terms.slice(0, 4), '--role', '../sys'], '--role'],
])('with %s nothing is sent', async (_, words, said) => {
  const { code, talk, inputs } = await configure(words)
  expect([code, inputs]).toEqual([2, []])
  expect(talk).toContain(said)
})
