import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { access, constants, stat } from 'node:fs/promises'
import { delimiter, join } from 'node:path'
import { operations, type Raw, type Wire } from '@gatehouse/contract'
import { catchSignals, exitCodeOf, type StopSignals } from './child-program.ts'
import type { Cli } from './cli.ts'
import { localError } from './cli-error.ts'
import type { Client } from './client.ts'
import type { Arguments } from './parse-arguments.ts'
import { printable } from './printable.ts'
import { operationInput } from './run-operation.ts'
import { showOutput } from './show-output.ts'

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
    try {
      return await runWithToken(cli, { words: args.rest, token: activated.accessToken, stop })
    } finally {
      if (args.values['keep'] !== true) await end(cli, client, activated)
    }
  } finally {
    stop.release()
  }
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
}

async function runWithToken({ config }: Cli, { words, token, stop }: Running): Promise<number> {
  if (stop.caught() !== null) return exitCodeOf(null, stop.caught())
  const [program = '', ...rest] = words
  const child = spawn(program, rest, { stdio: 'inherit', env: { ...config.environment, GATEHOUSE_TOKEN: token } })
  stop.passTo(child)
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
