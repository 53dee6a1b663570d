import { createInterface } from 'node:readline/promises'
import { isatty } from 'node:tty'
import { boundedBytes } from './bounded-bytes.ts'
import { CliError, localError, usageError } from './cli-error.ts'
import type { CliConfig } from './config.ts'
import { openOutputStream, type OutputStream } from './output-stream.ts'
import type { Terminal } from './terminal.ts'

/** More than this is no password and no code. */
const STDIN_BYTES_MAX = 64 * 1024

/**
 * The terminal of this process. Streams are opened when they are first used: opening a pipe makes it non-blocking
 * for ssh too, which inherits it.
 */
export const processTerminal = (process: NodeJS.Process, config: CliConfig): Terminal => {
  const outIsTerminal = isatty(1)
  const out = openOutputStream(1, () => process.stdout)
  const talk = openOutputStream(2, () => process.stderr)
  return {
    out: out.write,
    talk: talk.write,
    flush: async () => {
      await out.flushed()
      throwProblem(out, 'standard output')
      await talk.flushed()
      throwProblem(talk, 'standard error')
    },
    outEnded: out.ended,
    interactive: isatty(0) && isatty(2),
    width: outIsTerminal ? process.stdout.columns || config.columns || COLUMNS_DEFAULT : config.columns,
    colour: outIsTerminal && config.colourWanted,
    readAll: () => readAll(process.stdin),
    readBytes: (bytesMax) => boundedBytes(process.stdin, bytesMax),
    ask: (question, echo) => (echo === 'shown' ? askShown(process, question) : askHidden(process, question)),
  }
}

/** What a terminal has that does not say how wide it is. */
const COLUMNS_DEFAULT = 80

const throwProblem = ({ problem }: OutputStream, name: string): void => {
  const cause = problem()
  if (cause !== null) throw localError(`cannot write to ${name}: ${cause.message}`, { cause })
}

const readAll = async (stdin: NodeJS.ReadStream): Promise<string> => {
  const bytes = await boundedBytes(stdin, STDIN_BYTES_MAX + 1)
  if (bytes.length > STDIN_BYTES_MAX) throw usageError('standard input is longer than any password')
  return new TextDecoder('utf-8', { ignoreBOM: true }).decode(bytes)
}

const askShown = async ({ stdin, stderr }: NodeJS.Process, question: string): Promise<string> => {
  const reader = createInterface({ input: stdin, output: stderr })
  const closed = new AbortController()
  // Ctrl-C and Ctrl-D close it; a question that nobody can answer any more must not wait
  reader.once('close', () => closed.abort())
  try {
    return (await reader.question(question, { signal: closed.signal })).trim()
  } catch (error) {
    throw closed.signal.aborted ? cancelled() : error
  } finally {
    reader.close()
  }
}

const cancelled = (): CliError => new CliError({ code: 'fault', message: 'cancelled' })

const CONTROL_C = '\u0003'
const CONTROL_D = '\u0004'
const CONTROL_U = '\u0015'
const BACKSPACES = ['\u0008', '\u007f']

/** Reads without echo, key by key. Ctrl-C leaves as a shell expects. */
const askHidden = ({ stdin, stderr }: NodeJS.Process, question: string): Promise<string> =>
  new Promise((resolve, reject) => {
    let typed = ''
    const end = (finish: () => void): void => {
      stdin.off('data', onData)
      stdin.setRawMode(false)
      stdin.pause()
      stderr.write('\n')
      finish()
    }
    const onData = (chunk: Buffer): void => {
      for (const key of chunk.toString('utf8')) {
        if (key === '\r' || key === '\n') return end(() => resolve(typed))
        if (key === CONTROL_C || key === CONTROL_D) return end(() => reject(cancelled()))
        typed = afterKey(typed, key)
      }
    }
    stderr.write(question)
    stdin.setRawMode(true)
    stdin.resume()
    stdin.on('data', onData)
  })

const afterKey = (typed: string, key: string): string => {
  if (key === CONTROL_U) return ''
  if (BACKSPACES.includes(key)) return [...typed].slice(0, -1).join('')
  return key < ' ' ? typed : typed + key
}
