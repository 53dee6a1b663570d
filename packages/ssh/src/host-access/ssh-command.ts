import { canonicalHostAddress, isSshAccount } from '@gatehouse/kit'
import { parseHostKeyLine, type HostKeyLine } from '../wire/host-key-line.ts'
import type { PublicKeyType } from '../wire/public-key.ts'
import { encodeBase64 } from '../wire/binary.ts'
import { SshWireError } from '../wire/ssh-wire-error.ts'
import { HostAccessError, type HostTarget } from './host-access.ts'

/** Until the host's banner must have come: a host behind a dead route is not worth a worker's minute. */
export const CONNECT_SECONDS_MAX = 10

/** ssh gives up on a silent host after interval × count seconds. */
const ALIVE_INTERVAL_SECONDS = 5
const ALIVE_COUNT_MAX = 3

/**
 * The name under which the pinned key stands in our `known_hosts`: with an alias, address and port need no escaping
 * there.
 */
const PINNED_NAME = 'pinned'

/** What the pinned key may sign with. SHA-1 signatures of RSA keys are not among it. */
const signatureAlgorithms = {
  'ssh-ed25519': 'ssh-ed25519',
  'ecdsa-sha2-nistp256': 'ecdsa-sha2-nistp256',
  'ecdsa-sha2-nistp384': 'ecdsa-sha2-nistp384',
  'ecdsa-sha2-nistp521': 'ecdsa-sha2-nistp521',
  'ssh-rsa': 'rsa-sha2-512,rsa-sha2-256',
} satisfies Record<PublicKeyType, string>

/**
 * Nothing of our own environment is ssh's business: no agent of the machine's user, no askpass program, no database
 * address.
 */
export const BARE_ENVIRONMENT = { PATH: '/usr/local/bin:/usr/bin:/bin:/opt/homebrew/bin', LC_ALL: 'C' } as const

/** The `known_hosts` that holds the pinned key and nothing else. */
export const knownHostsText = (host: HostTarget): string => {
  const { key } = pinnedKey(host)
  return `${PINNED_NAME} ${key.type} ${encodeBase64(key.blob)}\n`
}

/**
 * Arguments for the system's `ssh` to start the SFTP subsystem, independent of every configuration file of the machine.
 */
export const sftpSubsystemArguments = (
  host: HostTarget,
  files: { readonly socketPath: string; readonly knownHostsPath: string },
): readonly string[] => {
  const options = {
    ...pinnedOptions(host, files.knownHostsPath),
    IdentityAgent: quoted(files.socketPath),
    PreferredAuthentications: 'publickey',
    ConnectTimeout: String(host.connectSeconds ?? CONNECT_SECONDS_MAX),
  }
  return [...common(host, options), '-s', '--', checkedAddress(host.address), 'sftp']
}

/** Arguments for the system's `ssh` to check the host's key and be refused: no credential is offered. */
export const handshakeArguments = (
  host: HostTarget,
  { knownHostsPath, seconds }: { readonly knownHostsPath: string; readonly seconds: number },
): readonly string[] => {
  const options = {
    ...pinnedOptions(host, knownHostsPath),
    IdentityAgent: 'none',
    PreferredAuthentications: 'none',
    ConnectTimeout: String(Math.max(1, Math.ceil(seconds))),
  }
  return [...common(host, options), '--', checkedAddress(host.address), 'true']
}

/** Arguments for the system's `ssh` to offer what an agent shows, and nothing else. */
export const queryArguments = (
  host: HostTarget,
  {
    socketPath,
    knownHostsPath,
    seconds,
  }: { readonly socketPath: string; readonly knownHostsPath: string; readonly seconds: number },
): readonly string[] => {
  const options = {
    ...pinnedOptions(host, knownHostsPath),
    IdentityAgent: quoted(socketPath),
    PreferredAuthentications: 'publickey',
    ConnectTimeout: String(Math.max(1, Math.ceil(seconds))),
  }
  return [...common(host, options), '--', checkedAddress(host.address), 'true']
}

/** The pinned key and no other, and nothing of the machine's own configuration. */
const pinnedOptions = (host: HostTarget, knownHostsPath: string): Readonly<Record<string, string>> => ({
  IdentityFile: 'none',
  UserKnownHostsFile: quoted(knownHostsPath),
  GlobalKnownHostsFile: '/dev/null',
  CheckHostIP: 'no',
  HostKeyAlias: PINNED_NAME,
  HostKeyAlgorithms: signatureAlgorithms[pinnedKey(host).key.type],
  StrictHostKeyChecking: 'yes',
  UpdateHostKeys: 'no',
  VerifyHostKeyDNS: 'no',
  BatchMode: 'yes',
  ClearAllForwardings: 'yes',
  ForwardAgent: 'no',
  ControlMaster: 'no',
  ControlPath: 'none',
  ProxyCommand: 'none',
  PermitLocalCommand: 'no',
  ConnectionAttempts: '1',
  ServerAliveInterval: String(ALIVE_INTERVAL_SECONDS),
  ServerAliveCountMax: String(ALIVE_COUNT_MAX),
  LogLevel: 'INFO', // below it, ssh does not say when no host key type fits
})

const common = (host: HostTarget, options: Readonly<Record<string, string>>): readonly string[] => {
  const set = Object.entries(options).flatMap(([name, value]) => ['-o', `${name}=${value}`])
  return ['-F', 'none', '-T', '-x', ...set, '-p', String(checkedPort(host.port)), '-l', checkedUser(host.user)]
}

/** Arguments for `ssh-keyscan` on first contact. */
export const keyscanArguments = (
  { address, port }: Pick<HostTarget, 'address' | 'port'>,
  seconds: number,
): readonly string[] => [
  '-T',
  String(Math.max(1, Math.ceil(seconds))),
  '-t',
  'ed25519,ecdsa,rsa',
  '-p',
  String(checkedPort(port)),
  '--',
  checkedAddress(address),
]

const pinnedKey = (host: HostTarget): HostKeyLine => {
  try {
    return parseHostKeyLine(host.hostKeyLine)
  } catch (cause) {
    if (cause instanceof SshWireError)
      throw new HostAccessError('invalid-target', `the pinned host key: ${cause.message}`, { cause })
    throw cause
  }
}

/** An IP address or a host name; nothing that ssh could take for an option or expand. */
const checkedAddress = (address: string): string => {
  const canonical = canonicalHostAddress(address)
  if (canonical === null)
    throw new HostAccessError('invalid-target', "the host's address is no host name and no ip address")
  return canonical
}

const checkedUser = (user: string): string => {
  if (!isSshAccount(user)) throw new HostAccessError('invalid-target', "the host's user is no account name")
  return user
}

const checkedPort = (port: number): number => {
  if (!Number.isInteger(port) || port < 1 || port > 65535)
    throw new HostAccessError('invalid-target', "the host's port is no port")
  return port
}

/** ssh splits option values at blanks and expands `%` in paths. */
const quoted = (path: string): string => `"${path.replaceAll('%', '%%')}"`
