import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { connect as connectTo, type Socket } from 'node:net'
import { pipeline } from 'node:stream/promises'
import type { Wire } from '@gatehouse/contract'
import type { Cli } from './cli.ts'
import { catchSignals, exitCodeOf, type StopSignals } from './child-program.ts'
import { CliError, flagError, localError } from './cli-error.ts'
import type { Client } from './client.ts'
import { requireFlags, type Arguments } from './parse-arguments.ts'
import { connectWish } from './run-ssh-connect.ts'
import { shareAgent } from './shared-agent.ts'
import { issueSshCredential, renewedSshCredential } from './ssh-credential.ts'
import { jumpsOf, withJumps } from './ssh-doors.ts'
import { forgetHost, rememberHost } from './ssh-hosts.ts'
import { sshPlace, type SshPlace } from './ssh-place.ts'
import { flag } from './flag.ts'

/** What ssh says when nobody has told it a port. */
const SSH_PORT = 22

const CONNECT_MS_MAX = 10_000

/**
 * What the snippet of `ssh config` has ssh run in place of a connection of its own: sees to a credential in an agent
 * where ssh looks for it, pins the host's key, and hands bytes to and fro. The credential is taken away at the end.
 */
export const runSshProxy = async (loud: Cli, args: Arguments): Promise<number> => {
  const cli = quietly(loud)
  requireFlags(args.values, [flag('port', '', { required: true })])
  const wish = connectWish(args, 'ssh')
  const jumps = jumpsOf(args.values['jump'])
  const stop = catchSignals()
  try {
    const client = await cli.client()
    const place = sshPlace(cli.config, client.server)
    const host = await pinnedHost(cli, { client, place, name: wish.host })
    checkPort(args, host)
    const account = wish.login ?? host.user
    const agent = await shareAgent({
      socketPath: place.socketOf({ account, host: wish.host }),
      directory: place.directory,
      credential: renewedSshCredential(cli, () => issueSshCredential(client, host, { ...wish, login: account })),
    })
    try {
      if (stop.caught() !== null) return exitCodeOf(null, stop.caught())
      const { host: _, login: __, ...terms } = wish
      const passage = { cli, client, terms, afterwards: 'revoke' } as const
      return await withJumps(passage, { jumps, to: host }, (through) =>
        through === null ? relay(host, stop) : runProgram(cli, through, stop),
      )
    } finally {
      await agent.release()
    }
  } finally {
    stop.release()
  }
}

/** ssh's own standard error is where this would talk, in the middle of somebody else's output. */
const quietly = (cli: Cli): Cli => ({ ...cli, terminal: { ...cli.terminal, talk: () => {} } })

/** As the server knows it now, with its key where ssh will look. */
const pinnedHost = async (
  cli: Cli,
  { client, place, name }: { readonly client: Client; readonly place: SshPlace; readonly name: string },
): Promise<Wire<'sshHost.get'>> => {
  try {
    const host = await client.call('sshHost.get', { id: name })
    await rememberHost(client, place, { host, now: cli.now() })
    return host
  } catch (error) {
    if (error instanceof CliError && error.code === 'not-found') await forgetHost(place, name)
    throw error
  }
}

/** Another port is another server, which nobody has registered. */
const checkPort = ({ values }: Arguments, { name, port }: Wire<'sshHost.get'>): void => {
  const asked = values['port']
  if (asked !== SSH_PORT && asked !== port)
    throw flagError('port', `${name} is registered with port ${port}: leave the port out`)
}

/** Until either side ends it. */
const relay = async (host: Wire<'sshHost.get'>, stop: StopSignals): Promise<number> => {
  const socket = await connected(host)
  stop.passTo({ kill: () => (socket.destroy(), true) })
  const directions = [pipeline(process.stdin, socket), pipeline(socket, process.stdout)]
  try {
    await Promise.race(directions)
    return 0
  } catch {
    return stop.caught() === null ? 1 : exitCodeOf(null, stop.caught()) // ssh says it: the connection was closed
  } finally {
    socket.destroy()
    await Promise.allSettled(directions)
  }
}

const connected = async ({ name, address, port }: Wire<'sshHost.get'>): Promise<Socket> => {
  const socket = connectTo({ host: address, port, noDelay: true })
  try {
    await once(socket, 'connect', { signal: AbortSignal.timeout(CONNECT_MS_MAX) })
    return socket
  } catch (cause) {
    socket.destroy()
    throw localError(`${name} does not answer at ${address}:${port}`, { cause })
  }
}

const runProgram = async (
  { config }: Cli,
  [program = '', ...words]: readonly string[],
  stop: StopSignals,
): Promise<number> => {
  const child = spawn(program, words, { stdio: 'inherit', env: config.environment })
  stop.passTo(child)
  // what Node documents for this event
  const [code, signal] = (await once(child, 'exit')) as [number | null, NodeJS.Signals | null]
  return exitCodeOf(code, signal)
}
