import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { operations, type Wire } from '@gatehouse/contract'
import type { Cli } from './cli.ts'
import { catchSignals, exitCodeOf, type StopSignals } from './child-program.ts'
import { flagError, localError } from './cli-error.ts'
import { durationText } from '@gatehouse/kit'
import { flagsOf } from './operation-flags.ts'
import { requireFlags, textOf, type Arguments } from './parse-arguments.ts'
import { printable } from './printable.ts'
import type { UsedCredential } from './revoke-after-use.ts'
import { checkInput } from './run-operation.ts'
import { shortIds } from './short-id.ts'
import { sshArguments, type SshSession } from './ssh-arguments.ts'
import type { SshCredential, SshWish } from './ssh-credential.ts'
import { jumpsOf, namedHost, withDoor, withJumps, type Door, type NamedHost, type Passage } from './ssh-doors.ts'
import { flag } from './flag.ts'

const TTL_SECONDS_DEFAULT = 900

/** How the last host is entered, once the way to it stands. */
export type Enter = (passage: Passage, entry: Entry) => Promise<number>

interface Entry extends Omit<NamedHost, 'host'> {
  readonly host: Wire<'sshHost.get'>
  readonly session: SshSession
  readonly stop: StopSignals
}

/**
 * Connects with a credential that is made now and revoked at the end; answers ssh's exit code, which is the remote
 * command's.
 */
export const runSshConnect = (cli: Cli, args: Arguments): Promise<number> =>
  connectBy(cli, args, (passage, { session, stop, ...named }) =>
    withDoor(passage, named, (door) => connect(cli, { door, session, stop })),
  )

/** Goes to the host that is named, through those on the way, and enters it. */
export const connectBy = async (cli: Cli, args: Arguments, enter: Enter): Promise<number> => {
  const { host: name, login = null, ...terms } = connectWish(args, 'ssh connect')
  const session = sessionOf(args) // what is wrong with it is said before anything is issued
  const jumps = jumpsOf(args.values['jump'])
  const client = await cli.client()
  const stop = catchSignals()
  try {
    const host = await client.call('sshHost.get', { id: name })
    const passage: Passage = { cli, client, terms, afterwards: args.values['keep'] === true ? 'keep' : 'revoke' }
    return await withJumps(passage, { jumps, to: host }, (through) =>
      enter(passage, { host, login, session: { ...session, through }, stop }),
    )
  } finally {
    stop.release()
  }
}

/** What is asked for, checked as the server will check it. */
export const connectWish = ({ values }: Arguments, purpose: string): SshWish => {
  requireFlags(values, [flag('host', '', { required: true })])
  const workspace = textOf(values, 'workspace')
  const { host, login } = destinationOf(textOf(values, 'host') ?? '', textOf(values, 'login'))
  const wish = {
    host,
    purpose: textOf(values, 'purpose') ?? purpose,
    ttlSeconds: typeof values['ttlSeconds'] === 'number' ? values['ttlSeconds'] : TTL_SECONDS_DEFAULT,
    ...(login === null ? {} : { login }),
    ...(workspace === null ? {} : { workspace }),
  }
  const operation = operations['sshKey.generate']
  checkInput(operation, flagsOf(operation), wish)
  return wish
}

/** The account stands before the host, or behind `--login`. */
const destinationOf = (text: string, login: string | null): { host: string; login: string | null } => {
  const named = namedHost(text)
  if (named.login !== null && login !== null && login !== named.login)
    throw flagError('login', `is \`${login}\`, and the host says \`${named.login}\`: name one account`)
  return { host: named.host, login: named.login ?? login }
}

const sessionOf = (args: Arguments): Omit<SshSession, 'through'> => ({
  command: args.rest,
  tty: args.values['tty'] === true ? 'forced' : 'as-ssh-does',
  forwards: forwardsOf(args),
})

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
  readonly door: Door
  readonly session: SshSession
  readonly stop: StopSignals
}

const connect = (cli: Cli, { door, session, stop }: Connection): Promise<number> => {
  if (stop.caught() !== null) return Promise.resolve(exitCodeOf(null, stop.caught()))
  cli.terminal.talk(`${entryLine(door.credential, cli.now())}\n`)
  return runSsh(sshArguments(door.target, door.files, session), { stop, environment: cli.config.environment })
}

/** What was made, for how long, and under which lease. */
export const entryLine = (
  { kind, leaseId, endsAt }: UsedCredential & Pick<SshCredential, 'leaseId'>,
  now: Date,
): string =>
  [
    `${kind} for ${durationText((endsAt.getTime() - now.getTime()) / 1000)}`,
    `lease ${shortIds([printable(leaseId)]).join('')}`,
    'audited',
  ].join(' · ')

/** Runs the system's ssh in the place of this program; answers its exit code. */
export const runSsh = async (
  words: readonly string[],
  { stop, environment }: { readonly stop: StopSignals; readonly environment: NodeJS.ProcessEnv },
): Promise<number> => {
  const child = spawn('ssh', words, { stdio: 'inherit', env: environment })
  stop.passTo(child)
  try {
    // what Node documents for this event
    const [code, signal] = (await once(child, 'exit')) as [number | null, NodeJS.Signals | null]
    return exitCodeOf(code, signal)
  } catch (cause) {
    throw localError('cannot start ssh', { hint: "install OpenSSH's client", cause })
  }
}
