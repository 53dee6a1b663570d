import { formatPublicKey, generateEd25519 } from '@gatehouse/ssh/wire'
import { expect, test } from 'vitest'
import { knownHostsOf, leadingOn, sshArguments, type SshTarget } from './ssh-arguments.ts'

const hostKey = formatPublicKey((await generateEd25519('root@db-1')).publicKey)
const target: SshTarget = { address: '192.0.2.7', port: 2222, login: 'deploy', hostKey, voucher: null }
const files = { socketPath: '/tmp/a b/%h', knownHostsPath: '/tmp/k' }
const session = { command: ['id', '-u'], tty: 'as-ssh-does', forwards: [], through: null } as const

test("ssh gets our agent, the pinned key and nothing of the machine's configuration", () => {
  const words = sshArguments(target, files, session)
  expect(words.slice(0, 2)).toEqual(['-F', 'none'])
  for (const option of [
    'IdentityFile=none',
    'StrictHostKeyChecking=yes',
    'HostKeyAlgorithms=ssh-ed25519',
    'PasswordAuthentication=no',
    'IdentityAgent="/tmp/a b/%%h"',
  ])
    expect(words).toContain(option)
  expect(words.slice(words.indexOf('-p'))).toEqual(['-p', '2222', '-l', 'deploy', '--', '192.0.2.7', 'id', '-u'])
})

test('through another host, ssh runs ssh with that one’s own agent and key, in one word for a shell', () => {
  const through = leadingOn(target, files, { to: { address: '2001:db8::7', port: 22 }, through: null })
  expect(through[0]).toBe('ssh')
  expect(through.slice(through.indexOf('-W'))).toEqual([
    '-W',
    '[2001:db8::7]:22',
    '-p',
    '2222',
    '-l',
    'deploy',
    '--',
    '192.0.2.7',
  ])
  const words = sshArguments(target, files, { ...session, through: ['ssh', "it's", '50%', 'a b'] })
  expect(words).toContain(`ProxyCommand='ssh' 'it'\\''s' '50%%' 'a b'`)
})

test('without an agent ssh asks for one password, and offers no key', () => {
  const words = sshArguments(target, { ...files, socketPath: null }, session)
  for (const option of ['IdentityAgent=none', 'PubkeyAuthentication=no', 'NumberOfPasswordPrompts=1'])
    expect(words).toContain(option)
  expect(words).toContain('PreferredAuthentications=keyboard-interactive')
})

test('the known_hosts holds the pinned key without its comment', () => {
  expect(knownHostsOf(target)).toBe(`pinned ${hostKey.split(' ').slice(0, 2).join(' ')}\n`)
})

test('a host that the host CA vouches for is known by that name, by its certificate or its pinned key', () => {
  const vouched = {
    ...target,
    voucher: { name: 'db-1.example.org', caKey: 'ssh-ed25519 AAAA', formerKeys: ['ssh-ed25519 BBBB'] },
  }
  const words = sshArguments(vouched, files, session)
  expect(words).toContain('HostKeyAlias=db-1.example.org')
  expect(words.find((word) => word.startsWith('HostKeyAlgorithms='))).toMatch(
    /^HostKeyAlgorithms=ssh-ed25519-cert-v01@openssh\.com,.*,ssh-ed25519$/,
  )
  expect(knownHostsOf(vouched).split('\n')).toEqual([
    '@revoked db-1.example.org ssh-ed25519 BBBB',
    '@cert-authority db-1.example.org ssh-ed25519 AAAA',
    `db-1.example.org ${hostKey.split(' ').slice(0, 2).join(' ')}`,
    '',
  ])
})

test.each(['-oProxyCommand=id', 'ssh://x', 'a b', 'a%h', '', 'x;id', 'user@host'])(
  'the address `%s` never reaches ssh',
  (address) => {
    expect(() => sshArguments({ ...target, address }, files, session)).toThrow('no host name')
  },
)

test.each(['-l', 'a b', 'root%', ''])('the account `%s` never reaches ssh', (login) => {
  expect(() => sshArguments({ ...target, login }, files, session)).toThrow('no user name')
})
