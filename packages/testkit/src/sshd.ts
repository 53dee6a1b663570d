import { execFile } from 'node:child_process'
import { closeSync, existsSync, mkdirSync, openSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir, userInfo } from 'node:os'
import { basename, join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { promisify } from 'node:util'
import { freePort } from './free-port.ts'
import { startGuarded } from './guarded-process.ts'
import type { GuardedProcess } from './guarded-process.ts'
import { ServerSetupError } from './server-setup-error.ts'

const run = promisify(execFile)

/** What a test's sshd trusts. Nothing is trusted unless it is named. */
export interface SshdOptions {
  /** Public keys of the certificate authorities it trusts, one to a line. */
  readonly trustedUserCaKeys?: string
  /** Path of the file of revoked keys; made, empty, when it is missing, since sshd refuses everybody then. */
  readonly revokedKeys?: string
  /** Absolute path of the file of authorized keys; sshd's patterns (`%u`) may stand in it. */
  readonly authorizedKeysFile?: string
  /**
   * How accounts stand in certificates: `bound` to this host's key, as `ssh-host setup` sets a host up, or `bare`, as
   * sshd takes them by itself. With a CA only.
   */
  readonly principals?: 'bound' | 'bare'
  /** Lines of a service of its own by which it asks PAM, for who runs tests as root. Absent: it does not ask PAM. */
  readonly pam?: readonly string[]
  /** Further lines of its configuration. */
  readonly configuration?: readonly string[]
}

/** A real sshd on 127.0.0.1, at which the user who runs the tests may log in. */
export interface TestSshd {
  readonly address: string
  readonly port: number
  readonly user: string
  readonly directory: string
  /** Its host key as a known_hosts file or a registration wants it: type and key. */
  readonly hostPublicKeyLine: string
  /** The file of its service of PAM, where it asks PAM. */
  readonly pamFile: string | null
  /** What it has said so far, at level VERBOSE. */
  log(): string
  /** Ends it and keeps its key, port and files: the host is unreachable. */
  halt(): Promise<void>
  /** Starts it again after `halt`. */
  resume(): Promise<void>
  /** Ends it for good and removes its files. */
  stop(): Promise<void>
}

const READY_TIMEOUT_MS = 15_000
const POLL_MS = 20
// From this release on, sshd names its service of PAM in its configuration; before, it was named as the program was.
const FIRST_WITH_PAM_SERVICE = 9.8
// From this release on, sshd shuts out an address after failed log-ins: tests are made of those.
const FIRST_WITH_PENALTIES = 9.8

/** Starts a real sshd in a temporary directory. It ends with this process at the latest. */
export const startSshd = async (options: SshdOptions = {}): Promise<TestSshd> => {
  const program = sshdPath()
  // its privilege separation wants it
  if (process.getuid?.() === 0) mkdirSync('/run/sshd', { recursive: true, mode: 0o755 })
  const directory = await mkdtemp(join(tmpdir(), 'gatehouse-sshd-'))
  const port = await freePort()
  await run('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-C', '', '-f', join(directory, 'host_key')])
  const pamFile = options.pam === undefined ? null : `/etc/pam.d/${serviceIn(directory)}`
  if (pamFile !== null) writeFileSync(pamFile, `${(options.pam ?? []).join('\n')}\n`)
  symlinkSync(program, join(directory, serviceIn(directory)))
  writeFileSync(join(directory, 'sshd_config'), await configuration({ directory, port, options }))
  let server = await launch(directory)
  return {
    address: '127.0.0.1',
    port,
    user: userInfo().username,
    directory,
    hostPublicKeyLine: readFileSync(join(directory, 'host_key.pub'), 'utf8').trim(),
    pamFile,
    log: () => readFileSync(join(directory, 'sshd.log'), 'utf8'),
    halt: () => server.stop(),
    resume: async () => {
      server = await launch(directory)
    },
    stop: async () => {
      await server.stop()
      if (pamFile !== null) await rm(pamFile, { force: true })
      await rm(directory, { recursive: true, force: true })
    },
  }
}

/** By what this sshd is called, by itself and by PAM. */
const serviceIn = (directory: string): string => basename(directory).toLowerCase()

const sshdPath = (): string => {
  const found = ['/usr/sbin/sshd', '/usr/local/sbin/sshd', '/opt/homebrew/sbin/sshd'].find((path) => existsSync(path))
  if (!found) throw new ServerSetupError('there is no sshd on this machine: run `apt-get install openssh-server`')
  return found
}

const configuration = async ({
  directory,
  port,
  options,
}: {
  readonly directory: string
  readonly port: number
  readonly options: SshdOptions
}): Promise<string> => {
  const { trustedUserCaKeys, revokedKeys, authorizedKeysFile } = options
  const caPath = join(directory, 'user_ca_keys')
  const principalsPath = join(directory, 'principals')
  if (trustedUserCaKeys !== undefined) writeFileSync(caPath, `${trustedUserCaKeys.trim()}\n`)
  if (revokedKeys !== undefined && !existsSync(revokedKeys)) writeFileSync(revokedKeys, '')
  await writePrincipals(directory, principalsPath)
  return [
    'ListenAddress 127.0.0.1',
    `Port ${port}`,
    `HostKey ${join(directory, 'host_key')}`,
    'PidFile none',
    `UsePAM ${options.pam === undefined ? 'no' : 'yes'}`,
    ...(options.pam !== undefined && (await opensshVersion()) >= FIRST_WITH_PAM_SERVICE
      ? [`PAMServiceName ${serviceIn(directory)}`]
      : []),
    'PasswordAuthentication no',
    'KbdInteractiveAuthentication no',
    'PubkeyAuthentication yes',
    `PermitRootLogin ${options.pam === undefined ? 'prohibit-password' : 'yes'}`,
    'StrictModes no', // temporary directories are not a home
    'LogLevel VERBOSE',
    'UseDNS no',
    'SetEnv SHLVL=2', // Bash then reads no ~/.bashrc: what this machine's says is not what is tested
    'MaxStartups 200',
    'MaxSessions 200',
    'MaxAuthTries 20',
    'Subsystem sftp internal-sftp',
    `AuthorizedKeysFile ${authorizedKeysFile ?? 'none'}`,
    ...(trustedUserCaKeys === undefined ? [] : [`TrustedUserCAKeys ${caPath}`]),
    ...(trustedUserCaKeys === undefined || options.principals === 'bare'
      ? []
      : [`AuthorizedPrincipalsFile ${principalsPath}/%u`]),
    ...(revokedKeys === undefined ? [] : [`RevokedKeys ${revokedKeys}`]),
    ...((await opensshVersion()) >= FIRST_WITH_PENALTIES ? ['PerSourcePenalties no'] : []),
    ...(options.configuration ?? []),
    // sshd takes the first line of a kind. Its default, which resists quantum computers, took 25 s of a run's time.
    'KexAlgorithms curve25519-sha256',
    '',
  ].join('\n')
}

/** The account of the tests, bound to this host's key. */
const writePrincipals = async (directory: string, path: string): Promise<void> => {
  const { stdout } = await run('ssh-keygen', ['-l', '-f', join(directory, 'host_key.pub')])
  const account = userInfo().username
  mkdirSync(path, { recursive: true })
  writeFileSync(join(path, account), `${account}@${stdout.split(' ')[1] ?? ''}\n`)
}

const opensshVersion = async (): Promise<number> =>
  Number(/OpenSSH_(\d+\.\d+)/.exec((await run('ssh', ['-V'])).stderr)?.[1] ?? 0)

const launch = async (directory: string): Promise<GuardedProcess> => {
  const path = join(directory, 'sshd.log')
  const log = openSync(path, 'a')
  const before = readFileSync(path, 'utf8').length
  const server = startGuarded({
    command: join(directory, serviceIn(directory)), // sshd insists on being called by its whole path
    args: ['-D', '-e', '-f', join(directory, 'sshd_config')],
    log,
    stopSignal: 'TERM',
  })
  closeSync(log)
  let over = false
  void server.ended.then(() => (over = true))
  const deadline = performance.now() + READY_TIMEOUT_MS
  for (;;) {
    const said = readFileSync(path, 'utf8').slice(before)
    if (said.includes('Server listening on')) return server
    if (over || performance.now() > deadline) throw new ServerSetupError(`sshd did not start: ${said.trim()}`)
    await sleep(POLL_MS)
  }
}
