import { execFile, spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { constants } from 'node:fs'
import { mkdtemp, open, rm } from 'node:fs/promises'
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
  try {
    const pipe = join(directory, basename(name))
    await promisify(execFile)('mkfifo', ['-m', '600', pipe]).catch((cause: unknown) => {
      throw localError('this system has no named pipes', { hint: 'gatehouse config exec-env', cause })
    })
    const feeding = feed(pipe, plainBytes(document))
    const code = await runCommand(
      cli,
      words.map((word) => word.replaceAll('{}', pipe)),
      withoutKeys(cli.config.environment),
    )
    await release(pipe)
    await feeding
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

/** Waits for a reader, and gives it everything once. */
const feed = async (pipe: string, bytes: Uint8Array): Promise<void> => {
  const file = await open(pipe, 'w')
  try {
    await file.writeFile(bytes)
  } catch (cause) {
    // who reads only the beginning may go
    if (!(cause instanceof Error && 'code' in cause && cause.code === 'EPIPE')) throw cause
  } finally {
    await file.close()
  }
}

/** A command that never opened the pipe would leave the writer waiting for ever. */
const release = async (pipe: string): Promise<void> => {
  const file = await open(pipe, constants.O_RDONLY | constants.O_NONBLOCK)
  await file.close()
}

const runCommand = async ({ config }: Cli, words: readonly string[], env: NodeJS.ProcessEnv): Promise<number> => {
  const [program = '', ...rest] = words
  const signals = catchSignals()
  try {
    const child = spawn(program, rest, { stdio: 'inherit', env, cwd: config.cwd })
    signals.passTo(child)
    return await exitOf(child, program)
  } finally {
    signals.release()
  }
}

const exitOf = async (child: ChildProcess, program: string): Promise<number> => {
  const [code, signal] = (await once(child, 'exit').catch((cause: unknown) => {
    throw localError(`cannot run ${program}: ${cause instanceof Error ? cause.message : String(cause)}`, { cause })
  })) as [number | null, NodeJS.Signals | null] // what Node documents
  return exitCodeOf(code, signal)
}
