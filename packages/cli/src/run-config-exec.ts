import { execFile, spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { constants } from 'node:fs'
import { mkdtemp, open, rename, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'
import { promisify } from 'node:util'
import { environmentOf, openDocument, plainBytes, type OpenDocument } from '@gatehouse/sops'
import { catchSignals, exitCodeOf } from './child-program.ts'
import type { Cli } from './cli.ts'
import { localError, usageError } from './cli-error.ts'
import { aboutFile, readConfigFile } from './config-files.ts'
import { keyServices } from './config-keys.ts'
import type { Arguments } from './parse-arguments.ts'

/** `config exec-env`: exits as the command does. */
export const runConfigExecEnv = async (cli: Cli, args: Arguments): Promise<number> => {
  const words = commandOf(args)
  const { name, document } = await openFile(cli, args)
  const variables = await aboutFile(name, async () => environmentOf(document))
  const inherited = args.values['pristine'] === true ? {} : withoutKeys(cli.config.environment)
  return runCommand(cli, words, { ...inherited, ...variables })
}

/** `config exec-file`: exits as the command does. The plaintext is in a pipe, and never in a file. */
export const runConfigExecFile = async (cli: Cli, args: Arguments): Promise<number> => {
  const words = commandOf(args)
  const { name, document } = await openFile(cli, args)
  if (!words.some((word) => word.includes('{}'))) throw usageError('the command has no {}, which stands for the file')
  const directory = await mkdtemp(join(tmpdir(), 'gatehouse-pipe-'))
  const pipe = join(directory, basename(name))
  const command = words.map((word) => word.replaceAll('{}', pipe))
  const over = new AbortController()
  try {
    await makePipe(pipe)
    const serving = serve(pipe, plainBytes(document), over.signal)
    serving.catch(() => {}) // it is told when the command has ended
    const code = await runCommand(cli, command, withoutKeys(cli.config.environment))
    over.abort()
    await release(pipe, serving)
    return code
  } finally {
    await rm(directory, { recursive: true, force: true })
  }
}

/** The keys that opened the file are not for the command. */
const withoutKeys = ({ SOPS_AGE_KEY: _key, ...others }: NodeJS.ProcessEnv): NodeJS.ProcessEnv => others

const commandOf = ({ rest }: Arguments): readonly string[] => {
  if (rest.length === 0) throw usageError('which command? write it behind --')
  return rest
}

const openFile = async (cli: Cli, args: Arguments): Promise<{ name: string; document: OpenDocument }> => {
  const { bytes, format, name } = await readConfigFile(cli, args)
  const services = await aboutFile(name, () => keyServices(cli))
  return { name, document: await aboutFile(name, () => openDocument(bytes, { format, services })) }
}

const makePipe = async (path: string): Promise<void> => {
  await promisify(execFile)('mkfifo', ['-m', '600', path]).catch((cause: unknown) => {
    throw localError('this system has no named pipes', { hint: 'gatehouse config exec-env', cause })
  })
}

/** Programs open a file more than once, and what a pipe gave is gone: each who opens it finds another one. */
const serve = async (pipe: string, bytes: Uint8Array, over: AbortSignal): Promise<void> => {
  while (!over.aborted) {
    const file = await open(pipe, 'w') // waits for a reader
    try {
      if (over.aborted) return
      const next = `${pipe}.next`
      await makePipe(next)
      await rename(next, pipe)
      await file.writeFile(bytes)
    } catch (cause) {
      // who reads only the beginning may go
      if (!(cause instanceof Error && 'code' in cause && cause.code === 'EPIPE')) throw cause
    } finally {
      await file.close()
    }
  }
}

/** The last pipe, which nobody opens any more, would leave its writer waiting for ever. */
const release = async (pipe: string, serving: Promise<void>): Promise<void> => {
  const reader = await open(pipe, constants.O_RDONLY | constants.O_NONBLOCK)
  try {
    await serving
  } finally {
    await reader.close()
  }
}

const runCommand = async ({ config }: Cli, words: readonly string[], env: NodeJS.ProcessEnv): Promise<number> => {
  const [program = '', ...rest] = words
  const signals = catchSignals()
  try {
    const child = started(() => spawn(program, rest, { stdio: 'inherit', env, cwd: config.cwd }), program)
    signals.passTo(child)
    return await exitOf(child, program)
  } finally {
    signals.release()
  }
}

/** What cannot be started at all is thrown, and Node's words for it repeat what was in the environment. */
const started = (start: () => ChildProcess, program: string): ChildProcess => {
  try {
    return start()
  } catch (cause) {
    const code = cause instanceof Error && 'code' in cause ? String(cause.code) : 'it cannot be started'
    throw localError(`cannot run ${program}: ${code === 'E2BIG' ? 'its environment would be too large' : code}`)
  }
}

const exitOf = async (child: ChildProcess, program: string): Promise<number> => {
  const [code, signal] = (await once(child, 'exit').catch((cause: unknown) => {
    throw localError(`cannot run ${program}: ${cause instanceof Error ? cause.message : String(cause)}`, { cause })
  })) as [number | null, NodeJS.Signals | null] // what Node documents
  return exitCodeOf(code, signal)
}
