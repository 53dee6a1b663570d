import { canonicalHostAddress, isSshAccount } from '@gatehouse/kit'
import { parseHostKeyLine, type PublicKeyType } from '@gatehouse/ssh/wire'
import { CliError } from './cli-error.ts'
import { vouchedLines, type Voucher } from './ssh-voucher.ts'

/** Where to go, as the server knows the host. */
export interface SshTarget {
  readonly address: string
  readonly port: number
  readonly login: string
  /** The pinned key, in OpenSSH's format. */
  readonly hostKey: string
  /** Who says so beside the pin, where somebody does. */
  readonly voucher: Voucher | null
}

/** What lies in the agent's private directory. */
export interface SshFiles {
  /** Where the agent listens; null: there is none, and a password is asked for. */
  readonly socketPath: string | null
  readonly knownHostsPath: string
}

/** What is to run on the host. */
export interface SshSession {
  readonly command: readonly string[]
  readonly tty: 'as-ssh-does' | 'forced'
  /** ssh's own words for forwardings, checked: `-L`, `8080:localhost:80`. */
  readonly forwards: readonly string[]
  /** The program through which ssh reaches the host; null: by itself. */
  readonly through: readonly string[] | null
}

/**
 * The name under which the pinned key stands in our `known_hosts`: with an alias, address and port need no escaping
 * there.
 */
const PINNED_NAME = 'pinned'

const CONNECT_SECONDS_MAX = 10

/** A dead line is noticed within a minute, and the credential revoked. */
const ALIVE_INTERVAL_SECONDS = 15
const ALIVE_COUNT_MAX = 4

/** SHA-1 signatures of RSA keys are not among what the pinned key may sign with. */
const signatureAlgorithms = {
  'ssh-ed25519': 'ssh-ed25519',
  'ecdsa-sha2-nistp256': 'ecdsa-sha2-nistp256',
  'ecdsa-sha2-nistp384': 'ecdsa-sha2-nistp384',
  'ecdsa-sha2-nistp521': 'ecdsa-sha2-nistp521',
  'ssh-rsa': 'rsa-sha2-512,rsa-sha2-256',
} satisfies Record<PublicKeyType, string>

/** Certificates of keys of any type: which the host has by now, the CA says. */
const certificateAlgorithms = [
  'ssh-ed25519',
  'ecdsa-sha2-nistp256',
  'ecdsa-sha2-nistp384',
  'ecdsa-sha2-nistp521',
  'rsa-sha2-512',
  'rsa-sha2-256',
].map((algorithm) => `${algorithm}-cert-v01@openssh.com`)

/** What the host may sign with: by its certificate, where the host CA vouches for it, else by its pinned key. */
const algorithmsOf = ({ hostKey, voucher }: SshTarget): string =>
  [...(voucher === null ? [] : certificateAlgorithms), signatureAlgorithms[parseHostKeyLine(hostKey).key.type]].join(
    ',',
  )

/** By what name the host stands in our `known_hosts`: a certificate is for the names in it and for no alias. */
const aliasOf = ({ voucher }: SshTarget): string => voucher?.name ?? PINNED_NAME

/** The `known_hosts` that holds the pinned key, who vouches for the host beside it, and nothing else. */
export const knownHostsOf = (target: SshTarget): string => {
  const { key } = parseHostKeyLine(target.hostKey)
  const pinned = `${aliasOf(target)} ${key.type} ${Buffer.from(key.blob).toString('base64')}\n`
  const vouched = target.voucher === null ? [] : vouchedLines(target.voucher.name, target.voucher)
  return [...vouched, pinned].join('\n')
}

/**
 * Arguments for the system's ssh: our agent and the pinned key, and nothing of this machine's configuration,
 * so that no other key is offered, and no password is asked for but the one that we type.
 */
export const sshArguments = (target: SshTarget, files: SshFiles, session: SshSession): readonly string[] => {
  const options = {
    ...proofOf(files),
    IdentityFile: 'none',
    UserKnownHostsFile: quoted(files.knownHostsPath),
    GlobalKnownHostsFile: '/dev/null',
    CheckHostIP: 'no',
    HostKeyAlias: aliasOf(target),
    HostKeyAlgorithms: algorithmsOf(target),
    StrictHostKeyChecking: 'yes',
    UpdateHostKeys: 'no',
    VerifyHostKeyDNS: 'no',
    PasswordAuthentication: 'no',
    ControlMaster: 'no',
    ControlPath: 'none',
    ConnectTimeout: String(CONNECT_SECONDS_MAX),
    ServerAliveInterval: String(ALIVE_INTERVAL_SECONDS),
    ServerAliveCountMax: String(ALIVE_COUNT_MAX),
    LogLevel: 'ERROR',
    ...(session.through === null ? {} : { ProxyCommand: asProxyCommand(session.through) }),
  }
  const set = Object.entries(options).flatMap(([name, value]) => ['-o', `${name}=${value}`])
  const tty = session.tty === 'forced' ? ['-t'] : []
  return [
    '-F',
    'none',
    ...set,
    ...tty,
    ...session.forwards,
    '-p',
    String(target.port),
    '-l',
    checkedLogin(target.login),
    '--',
    checkedAddress(target.address),
    ...session.command,
  ]
}

/** By what ssh says who we are. */
const proofOf = ({ socketPath }: SshFiles): Readonly<Record<string, string>> =>
  socketPath === null
    ? {
        IdentityAgent: 'none',
        PubkeyAuthentication: 'no',
        PreferredAuthentications: 'keyboard-interactive',
        KbdInteractiveAuthentication: 'yes',
        NumberOfPasswordPrompts: '1',
      }
    : { IdentityAgent: quoted(socketPath), PreferredAuthentications: 'publickey', KbdInteractiveAuthentication: 'no' }

/** The program that leads from one host on to another: the system's ssh, with what the first host wants. */
export const leadingOn = (
  target: SshTarget,
  files: SshFiles,
  { to, through }: { readonly to: Pick<SshTarget, 'address' | 'port'>; readonly through: readonly string[] | null },
): readonly string[] => {
  const address = checkedAddress(to.address)
  const end = `${address.includes(':') ? `[${address}]` : address}:${to.port}`
  return ['ssh', ...sshArguments(target, files, { command: [], tty: 'as-ssh-does', forwards: ['-W', end], through })]
}

/** ssh has a shell read it, after it has expanded `%`. */
const asProxyCommand = (words: readonly string[]): string => words.map(shellWord).join(' ').replaceAll('%', '%%')

/** One word to every shell. */
export const shellWord = (word: string): string => `'${word.replaceAll("'", `'\\''`)}'`

/** An address or a host name, and nothing that ssh could take for an option, a URL or something to expand. */
const checkedAddress = (address: string): string => {
  const canonical = canonicalHostAddress(address)
  if (canonical === null)
    throw new CliError({ code: 'fault', message: "the host's address is no host name and no address" })
  return canonical
}

const checkedLogin = (login: string): string => {
  if (!isSshAccount(login)) throw new CliError({ code: 'fault', message: 'the account is no user name' })
  return login
}

/** ssh splits option values at blanks and expands `%` in paths. */
const quoted = (path: string): string => `"${path.replaceAll('%', '%%')}"`
