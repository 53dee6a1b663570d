// What a server says of a host ends up in a script that root runs on it: whoever holds the server shall not hold its
// hosts.
import { formatPublicKey, generateEd25519 } from '@gatehouse/ssh/wire'
import { afterEach, expect, test } from 'vitest'
import { run } from '../test/run.ts'
import { startWireServer, type WireServer } from '../test/wire-server.ts'

let server: WireServer | null = null
afterEach(() => server?.close())

const setup = async (changes: Readonly<Record<string, unknown>>, flags: readonly string[] = []) => {
  const key = formatPublicKey((await generateEd25519()).publicKey)
  const host = {
    id: 'h1',
    name: 'db-1',
    address: '192.0.2.7',
    port: 22,
    user: 'deploy',
    access: 'managementKey',
    principals: ['deploy'],
    hostKey: key,
    unbound: false,
    authorizedKeysPath: '/etc/ssh/keys/%u',
    certifiedUntil: null,
    ...changes,
  }
  server = await startWireServer(({ name }) => ({
    output:
      name === 'sshHost.get'
        ? host
        : {
            caPublicKey: key,
            caFingerprint: '',
            listSignerPublicKey: key,
            hostCaPublicKey: key,
            managementPublicKey: key,
          },
  }))
  const env = { GATEHOUSE_URL: server.url, GATEHOUSE_TOKEN: 'x' }
  return run(['ssh-host', 'setup', '--host', 'db-1', ...flags], { env })
}

test('a host as it can be registered gets its script', async () => {
  const { code, out } = await setup({})
  expect(code).toBe(0)
  expect(out).toContain('registered as db-1')
})

test.each([
  ['name', { name: 'db-1\nid > /tmp/owned' }],
  ['name', { name: 'db-1$(id)' }],
  ['name', { name: 'db-1"; id; "' }],
  ['authorizedKeysPath', { authorizedKeysPath: "/x'; id; '" }],
  ['authorizedKeysPath', { authorizedKeysPath: '/x\nid' }],
  ['account', { user: 'deploy; id' }],
  ['account', { principals: ['deploy', "x' ; id"] }],
  ['public key', { hostKey: "ssh-ed25519 '; id" }],
])('a host whose %s would run in its script gets none', async (_, changes) => {
  const { code, out } = await setup(changes)
  expect([code, out]).toEqual([1, ''])
})

test.each(["http://x';id;'", 'http://x$HOME.example', 'http://x"y.example'])(
  'a server at `%s` stands in no script',
  async (url) => {
    const { code, out } = await setup({}, ['--gateway-url', url, '--gateway-addresses', '192.0.2.1'])
    expect([code, out]).toEqual([2, ''])
  },
)
