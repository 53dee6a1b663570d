// What a server says of a host ends up in a script that root runs on it, and in one that lets people in.
import { formatPublicKey, generateEd25519 } from '@gatehouse/ssh/wire'
import { afterEach, expect, test } from 'vitest'
import { run } from '../test/run.ts'
import { startWireServer, type WireServer } from '../test/wire-server.ts'

let server: WireServer | null = null
afterEach(() => server?.close())

const setup = async (changes: Readonly<Record<string, unknown>> = {}, flags: readonly string[] = []) => {
  const host = {
    id: 'h1',
    name: 'db-1',
    principals: ['deploy', 'first.last'],
    hostKey: formatPublicKey((await generateEd25519()).publicKey),
    otpAddresses: ['192.0.2.7/32'],
    ...changes,
  }
  server = await startWireServer(() => ({ output: host }))
  const env = { GATEHOUSE_URL: server.url, GATEHOUSE_TOKEN: 'x' }
  return run(['ssh-host', 'setup', '--host', 'db-1', '--otp', ...flags], { env })
}

test('a host that takes one-time passwords gets a script for its accounts, and no CA', async () => {
  const { code, out } = await setup()
  expect(code).toBe(0)
  expect(out).toContain('pam_succeed_if.so quiet user in deploy:first.last\n')
  expect(out).toContain('Match User deploy,first.last\n')
  expect(out).not.toContain('TrustedUserCAKeys')
})

test('a host that takes none gets the command by which it does', async () => {
  const { code, out, talk } = await setup({ otpAddresses: [] })
  expect([code, out]).toEqual([1, ''])
  expect(talk).toContain('gatehouse ssh-host update db-1 --otp-addresses ADDRESS')
})

test('a host asks by TLS, or the same machine', async () => {
  const elsewhere = await setup({}, ['--gateway-url', 'http://gatehouse.example.org'])
  expect([elsewhere.code, elsewhere.out]).toEqual([2, ''])
  expect(elsewhere.talk).toContain('https://')
  const safe = await setup({}, ['--gateway-url', 'https://gatehouse.example.org'])
  expect(safe.out).toContain("--proto '=https'")
})

test.each([
  ['name', { name: 'db-1$(id)' }],
  ['account', { principals: ['deploy', "x' ; id"] }],
  ['account', { principals: ['deploy:root'] }],
  ['public key', { hostKey: "ssh-ed25519 '; id" }],
])('a host whose %s would run in its script gets none', async (_, changes) => {
  const { code, out } = await setup(changes)
  expect([code, out]).toEqual([1, ''])
})
