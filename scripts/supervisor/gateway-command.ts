import { spawn } from 'node:child_process'
import { closeSync } from 'node:fs'
import { openLog, tailOf } from './home.ts'
import type { Home } from './home.ts'
import { StartError } from './settings.ts'

/** One run of a gateway subcommand that ends by itself. */
export interface GatewayCommand {
  readonly root: string
  readonly entry: string
  readonly args: readonly [string, ...string[]]
  readonly env: NodeJS.ProcessEnv
  readonly signal: AbortSignal
}

const TAIL_LINES = 20

/** Runs `prepare` and its like, and answers what it prints. That is not kept: it holds the seeded passwords. */
export const runGatewayCommand = async (home: Home, command: GatewayCommand): Promise<string> => {
  const [name] = command.args
  const log = openLog(home, name)
  const child = spawn(process.execPath, [command.entry, ...command.args], {
    cwd: command.root,
    env: command.env,
    detached: true,
    stdio: ['ignore', 'pipe', log.fd],
    signal: command.signal,
  })
  closeSync(log.fd)
  const output: Buffer[] = []
  child.stdout?.on('data', (chunk: Buffer) => output.push(chunk))
  const how = await new Promise<string | null>((resolve) => {
    child.once('error', (error) => resolve(error.message))
    child.once('close', (code, signal) => resolve(code === 0 ? null : (signal ?? `exit code ${code}`)))
  })
  command.signal.throwIfAborted()
  const printed = Buffer.concat(output).toString('utf8')
  if (how !== null)
    throw new StartError(
      `\`${command.args.join(' ')}\` failed (${how}):\n` +
        `${[tailOf(log, TAIL_LINES), lastLines(printed)].filter(Boolean).join('\n')}`,
    )
  return printed
}

const lastLines = (text: string): string => text.trimEnd().split('\n').slice(-TAIL_LINES).join('\n')
