import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { operations, type Wire } from '@gatehouse/contract'
import { withAgent } from '@gatehouse/ssh/wire'
import type { Cli } from './cli.ts'
import { catchSignals, exitCodeOf, type StopSignals } from './child-program.ts'
import { flagError, localError } from './cli-error.ts'
import { durationText } from '@gatehouse/kit'
import { flagsOf } from './operation-flags.ts'
import { requireFlags, textOf, type Arguments } from './parse-arguments.ts'
import { printable } from './printable.ts'
import { revokeAfterUse } from './revoke-after-use.ts'
import { checkInput } from './run-operation.ts'
import { shortIds } from './short-id.ts'
import { knownHostsOf, sshArguments, type SshSession, type SshTarget } from './ssh-arguments.ts'
import { issueSshCredential, type SshCredential, type SshWish } from './ssh-credential.ts'
import { flag } from './flag.ts'

const TTL_SECONDS_DEFAULT = 900

/**
 * Connects with a credential that is made now and revoked at the end; answers ssh's exit code, which is the remote
 * command's.
 */
export const runSshConnect = async (cli: Cli, args: Arguments): Promise<number> => {
  const wish = wishOf(args)
  forwardsOf(args) // what is wrong with them is said before anything is issued
  const client = await cli.client()
  const stop = catchSignals()
  try {
    const host = await client.call('sshHost.get', { id: wish.host })
    const credential = await issueSshCredential(client, host, { ...wish, login: wish.login ?? host.user })
    try {
      return await connect(cli, { host, credential, wish, args, stop })
    } finally {
      if (args.values['keep'] !== true) await revokeAfterUse(cli, credential, 'connection ended')
    }
  } finally {
    stop.release()
  }
}

/** What is asked for, checked as the server will check it. */
const wishOf = ({ values }: Arguments): SshWish => {
  requireFlags(values, [flag('host', '', { required: true })])
  const workspace = textOf(values, 'workspace')
  const { host, login } = destinationOf(textOf(values, 'host') ?? '', textOf(values, 'login'))
  const wish = {
    host,
    purpose: textOf(values, 'purpose') ?? 'ssh connect',
    ttlSeconds: typeof values['ttlSeconds'] === 'number' ? values['ttlSeconds'] : TTL_SECONDS_DEFAULT,
    ...(login === null ? {} : { login }),
    ...(workspace === null ? {} : { workspace }),
  }
  const operation = operations['sshKey.generate']
  checkInput(operation, flagsOf(operation), wish)
  return wish
}

/** `user@host`, as ssh takes it; the host has no `@`, and neither has an account. */
const destinationOf = (text: string, login: string | null): { host: string; login: string | null } => {
  const at = text.lastIndexOf('@')
  if (at === -1) return { host: text, login }
  const account = text.slice(0, at)
  if (login !== null && login !== account)
    throw flagError('login', `is \`${login}\`, and the host says \`${account}\`: name one account`)
  return { host: text.slice(at + 1), login: account }
}

/** ssh's own forwardings, in its own words; each is one word and no option. */
const forwardsOf = ({ values }: Arguments): readonly string[] =>
  [
    ['-L', 'localForward', 'local-forward'] as const,
    ['-R', 'remoteForward', 'remote-forward'] as const,
    ['-D', 'dynamicForward', 'dynamic-forward'] as const,
  ].flatMap(([option, field, name]) =>
    listOf(values[field]).flatMap((forward) => {
      if (!/^[A-Za-z0-9[*/._:][\x21-\x7e]*$/.test(forward))
        throw flagError(name, `\`${printable(forward)}\` is no forwarding such as 8080:localhost:80`)
      return [option, forward]
    }),
  )

const listOf = (value: unknown): readonly string[] => (Array.isArray(value) ? value.map(String) : [])

interface Connection {
  readonly host: Wire<'sshHost.get'>
  readonly credential: SshCredential
  readonly wish: SshWish
  readonly args: Arguments
  readonly stop: StopSignals
}

const connect = (cli: Cli, { host, credential, wish, args, stop }: Connection): Promise<number> =>
  withAgent(credential.forAgent, async ({ socketPath, directory }) => {
    const target: SshTarget = {
      address: host.address,
      port: host.port,
      login: wish.login ?? host.user,
      hostKey: host.hostKey,
    }
    const session: SshSession = {
      command: args.rest,
      tty: args.values['tty'] === true ? 'forced' : 'as-ssh-does',
      forwards: forwardsOf(args),
    }
    const knownHostsPath = join(directory, 'known_hosts')
    await writeFile(knownHostsPath, knownHostsOf(target), { mode: 0o600 })
    if (stop.caught() !== null) return exitCodeOf(null, stop.caught())
    cli.terminal.talk(`${entryLine(credential, cli.now())}\n`)
    return runSsh(cli, sshArguments(target, { socketPath, knownHostsPath }, session), stop)
  })

const entryLine = ({ kind, leaseId, endsAt }: SshCredential, now: Date): string =>
  [
    `${kind} for ${durationText((endsAt.getTime() - now.getTime()) / 1000)}`,
    `lease ${shortIds([printable(leaseId)]).join('')}`,
    'audited',
  ].join(' · ')

const runSsh = async ({ config }: Cli, words: readonly string[], stop: StopSignals): Promise<number> => {
  const child = spawn('ssh', words, { stdio: 'inherit', env: config.environment })
  stop.passTo(child)
  try {
    // what Node documents for this event
    const [code, signal] = (await once(child, 'exit')) as [number | null, NodeJS.Signals | null]
    return exitCodeOf(code, signal)
  } catch (cause) {
    throw localError('cannot start ssh', { hint: "install OpenSSH's client", cause })
  }
}
