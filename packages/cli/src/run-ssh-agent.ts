import { lstat, mkdtemp, rename, rm } from 'node:fs/promises'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { tmpdir } from 'node:os'
import { dirname, join, resolve } from 'node:path'
import type { Wire } from '@gatehouse/contract'
import {
  identityOf,
  joinAgent,
  listenAsAgent,
  parseHostKeyLine,
  type AgentIdentity,
  type AgentSource,
} from '@gatehouse/ssh/wire'
import type { Cli } from './cli.ts'
import { catchSignals, exitCodeOf, type StopSignals } from './child-program.ts'
import { flagError, localError, usageError } from './cli-error.ts'
import { textOf, type Arguments } from './parse-arguments.ts'
import { printable } from './printable.ts'
import type { RenewedCredential } from './renewed-credential.ts'
import { connectWish } from './run-ssh-connect.ts'
import { shellWord } from './ssh-arguments.ts'
import { issueSshCredential, renewedSshCredential, type SshCredential } from './ssh-credential.ts'
import { namedHost } from './ssh-doors.ts'

/** A client that does not say where it is tries one key after the other, and sshd ends that after six. */
const HOSTS_MAX = 16

interface Held {
  readonly host: Wire<'sshHost.get'>
  readonly credential: RenewedCredential<SshCredential>
}

/**
 * An SSH agent with a credential for each of some hosts, in memory: made when it is first asked for, renewed while
 * somebody asks, and taken away at the end, which is the command's or the signal's.
 */
export const runSshAgent = async (cli: Cli, args: Arguments): Promise<number> => {
  const wishes = wishesOf(args)
  const client = await cli.client()
  const stop = catchSignals()
  try {
    const held = await Promise.all(
      wishes.map(async (wish): Promise<Held> => {
        const host = await client.call('sshHost.get', { id: wish.host })
        const issue = () => issueSshCredential(client, host, { ...wish, login: wish.login ?? host.user })
        return { host, credential: renewedSshCredential(cli, issue) }
      }),
    )
    try {
      return await serve(cli, { args, source: sourceOf(cli, held), stop })
    } finally {
      await Promise.all(held.map(({ credential }) => credential.end()))
    }
  } finally {
    stop.release()
  }
}

const wishesOf = (args: Arguments): readonly ReturnType<typeof connectWish>[] => {
  const { hosts, ...values } = args.values
  const names = Array.isArray(hosts) ? hosts.map(String) : []
  if (names.length === 0) throw usageError('for which hosts? name them: gatehouse ssh agent db-1,web-1')
  if (names.length > HOSTS_MAX) throw flagError('hosts', `names more than ${HOSTS_MAX} hosts`)
  return names.map((name) => {
    const { host, login } = namedHost(name)
    return connectWish({ ...args, values: { ...values, host, ...(login === null ? {} : { login }) } }, 'ssh agent')
  })
}

/** A host for which nothing can be had is left out and said: the others are not its fault. */
const sourceOf = (cli: Cli, held: readonly Held[]): AgentSource => ({
  identities: async () => {
    const all = await Promise.all(
      held.map(({ host, credential }) =>
        credential.current().then(
          ({ forAgent }): readonly AgentIdentity[] => [
            {
              ...identityOf(forAgent),
              comment: `gatehouse ${host.name}`,
              hostKey: parseHostKeyLine(host.hostKey).key.blob,
            },
          ],
          (error: Error) => {
            cli.terminal.talk(`${printable(host.name)}: ${printable(error.message)}\n`)
            return []
          },
        ),
      ),
    )
    return all.flat()
  },
})

interface Serving {
  readonly args: Arguments
  readonly source: AgentSource
  readonly stop: StopSignals
}

const serve = async (cli: Cli, { args, source, stop }: Serving): Promise<number> => {
  const wished = textOf(args.values, 'socket')
  const path = wished === null ? null : resolve(cli.config.cwd, wished)
  if (path !== null) await makeRoom(path)
  // nobody else can enter a directory of mkdtemp's, so there is no moment in which the socket is open to others
  const own = await mkdtemp(path === null ? join(tmpdir(), 'gh-') : join(dirname(path), '.gh-'))
  try {
    const agent = await listenAsAgent(join(own, 'agent'), source)
    try {
      if (path !== null) await rename(join(own, 'agent'), path)
      const socketPath = path ?? join(own, 'agent')
      return await (args.rest.length > 0
        ? runWith(cli, { socketPath, words: args.rest, stop })
        : wait(cli, socketPath, stop))
    } finally {
      await agent.close()
      if (path !== null) await rm(path, { force: true })
    }
  } finally {
    await rm(own, { recursive: true, force: true })
  }
}

/** A socket that a killed process left makes room; one that answers is somebody's, and so is every other file. */
const makeRoom = async (socketPath: string): Promise<void> => {
  const there = await lstat(socketPath).catch(() => null)
  if (there === null) return
  if (!there.isSocket()) throw flagError('socket', `${socketPath} is there already, and is no socket`)
  const living = await joinAgent(socketPath)
  living?.leave()
  if (living !== null) throw flagError('socket', `${socketPath} is another agent's`)
  await rm(socketPath)
}

/** As `ssh-agent` says it, for a shell to read. */
const wait = async (cli: Cli, socketPath: string, stop: StopSignals): Promise<number> => {
  cli.terminal.out(`SSH_AUTH_SOCK=${shellWord(socketPath)}; export SSH_AUTH_SOCK;\n`)
  cli.terminal.talk('an SSH agent is listening; it ends, and takes its credentials away, with Ctrl-C\n')
  await cli.terminal.flush()
  await new Promise<void>((done) => {
    stop.passTo({ kill: () => (done(), true) })
    if (stop.caught() !== null) done()
  })
  return 0
}

const runWith = async (
  { config }: Cli,
  {
    socketPath,
    words: [program = '', ...words],
    stop,
  }: { socketPath: string; words: readonly string[]; stop: StopSignals },
): Promise<number> => {
  const child = spawn(program, words, { stdio: 'inherit', env: { ...config.environment, SSH_AUTH_SOCK: socketPath } })
  stop.passTo(child)
  try {
    // what Node documents for this event
    const [code, signal] = (await once(child, 'exit')) as [number | null, NodeJS.Signals | null]
    return exitCodeOf(code, signal)
  } catch (cause) {
    throw localError(`cannot start ${printable(program)}`, { hint: 'is it installed, and in PATH?', cause })
  }
}
