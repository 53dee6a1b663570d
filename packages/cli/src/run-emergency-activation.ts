import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { access, constants, stat } from 'node:fs/promises'
import { delimiter, join } from 'node:path'
import { operations, type Raw, type Wire } from '@gatehouse/contract'
import { catchSignals, exitCodeOf, type StopSignals } from './child-program.ts'
import type { Cli } from './cli.ts'
import { CliError, localError } from './cli-error.ts'
import { pause } from './clock.ts'
import type { Client } from './client.ts'
import type { Arguments } from './parse-arguments.ts'
import { printable } from './printable.ts'
import { operationInput } from './run-operation.ts'
import { showOutput } from './show-output.ts'

/** A gateway that restarts is back soon. */
const pauseMilliseconds = 1000

type Activated = Wire<'breakGlass.activate'>

/**
 * Begins the emergency session of an approved request. With a command, the token stands in that command's environment
 * and nowhere else, and the session ends with it; the exit code is the command's.
 */
export const runEmergencyActivation = async (cli: Cli, args: Arguments): Promise<number> => {
  const operation = operations['breakGlass.activate']
  // checked against this operation's own schema
  const input = (await operationInput(operation, cli, args)) as Raw<'breakGlass.activate'>
  const client = await cli.client()
  if (args.rest.length === 0) {
    showOutput(cli, operation, await client.call('breakGlass.activate', input))
    return 0
  }
  await requireProgram(cli, args.rest)
  const stop = catchSignals()
  try {
    const activated = await client.call('breakGlass.activate', input)
    cli.terminal.talk(`${sentenceOf(activated)}\n`)
    return await runWhileItLasts(cli, client, {
      activated,
      words: args.rest,
      keeps: args.values['keep'] === true,
      stop,
    })
  } finally {
    stop.release()
  }
}

interface Lasting {
  readonly activated: Activated
  readonly words: readonly string[]
  /** Whether the session outlives its command. */
  readonly keeps: boolean
  readonly stop: StopSignals
}

/**
 * The command ends with its session, as the session does with it: what it has open on a host by then, a shell over ssh,
 * would go on, for sshd looks at a certificate only when somebody comes.
 */
async function runWhileItLasts(cli: Cli, client: Client, { activated, words, keeps, stop }: Lasting): Promise<number> {
  const { session, accessToken: token } = activated
  const over = new AbortController()
  let isOver = false
  const onStarted = async (child: ChildProcess): Promise<void> => {
    isOver = await waitForEnd(client, { id: session.request, signal: over.signal })
    if (!isOver) return
    child.kill('SIGHUP') // an interactive shell takes no other, and passes it on
    const who = `gatehouse emergency-session get ${session.id} says by whom`
    cli.terminal.talk(`the emergency session has been ended, and its command with it · ${who}\n`)
  }
  try {
    return await runWithToken(cli, { words, token, stop, onStarted: (child) => void onStarted(child) })
  } finally {
    over.abort()
    if (!keeps && !isOver) await end(cli, client, activated)
  }
}

/** True: somebody or its clock has ended the session of a request. False: nobody wants to know any more, or may. */
async function waitForEnd(
  client: Client,
  { id, signal }: { readonly id: string; readonly signal: AbortSignal },
): Promise<boolean> {
  for (; !signal.aborted; await pause(pauseMilliseconds, signal)) {
    try {
      for await (const { state } of client.subscribe('breakGlass.watch', { id }, signal))
        if (state === 'ended') return true
    } catch (error) {
      if (error instanceof CliError && error.code !== 'unavailable') return false
    }
  }
  return false
}

/** A name mistyped must not cost the session that two people have just approved: it is looked for before. */
async function requireProgram({ config: { environment } }: Cli, [program = '']: readonly string[]): Promise<void> {
  if (process.platform === 'win32') return // which names start there is the shell's to say
  const directories = (environment['PATH'] ?? '').split(delimiter)
  const places = program.includes('/') ? [program] : directories.map((directory) => join(directory, program))
  for (const place of places) if (await isProgram(place)) return
  throw localError(`cannot start ${printable(program)}`, { hint: 'there is no such program; nothing has begun' })
}

async function isProgram(path: string): Promise<boolean> {
  try {
    await access(path, constants.X_OK)
    return (await stat(path)).isFile()
  } catch {
    return false
  }
}

const sentenceOf = ({ session }: Activated): string =>
  `emergency session ${session.id} until ${session.expiresAt} · all of it is audited and reviewed`

interface Running {
  readonly words: readonly string[]
  readonly token: string
  readonly stop: StopSignals
  readonly onStarted: (child: ChildProcess) => void
}

async function runWithToken({ config }: Cli, { words, token, stop, onStarted }: Running): Promise<number> {
  if (stop.caught() !== null) return exitCodeOf(null, stop.caught())
  const [program = '', ...rest] = words
  const child = spawn(program, rest, { stdio: 'inherit', env: { ...config.environment, GATEHOUSE_TOKEN: token } })
  stop.passTo(child)
  onStarted(child)
  try {
    // what Node documents for this event
    const [code, signal] = (await once(child, 'exit')) as [number | null, NodeJS.Signals | null]
    return exitCodeOf(code, signal)
  } catch (cause) {
    throw localError(`cannot start ${printable(program)}`, { cause })
  }
}

/** Ends it by one's own session. Failing is said with what is left to do, and does not change the exit code. */
async function end(cli: Cli, client: Client, { session }: Activated): Promise<void> {
  try {
    await client.call('emergencySession.revoke', { id: session.id, reason: 'its command ended' })
    cli.terminal.talk('the emergency session has ended\n')
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error)
    const next = `gatehouse emergency-session revoke ${session.id} --reason "done"`
    // said even with --quiet: a session that outlives its command is not talk
    process.stderr.write(`gatehouse: the emergency session was not ended: ${printable(why)} · ${next}\n`)
  }
}
