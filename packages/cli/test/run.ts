import { mkdtempSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { readConfig } from '../src/config.ts'
import { runCli } from '../src/run-cli.ts'

export interface RunOptions {
  readonly env?: Readonly<Record<string, string>>
  /** What a person types at the prompts, in order; without it nobody sits there. */
  readonly typed?: readonly string[]
  readonly stdin?: string | Uint8Array
  readonly width?: number
  readonly cwd?: string
  readonly now?: Date
  /** Aborted: who read standard output has gone. */
  readonly outEnded?: AbortSignal
}

export interface RunResult {
  readonly code: number
  readonly out: string
  readonly talk: string
  readonly questions: readonly string[]
}

/** A config home that nothing else uses. */
export const freshConfigHome = (): string => mkdtempSync(join(tmpdir(), 'gatehouse-cli-'))

/** Runs a command line in this process, with a terminal that remembers. */
export const run = async (words: readonly string[], options: RunOptions = {}): Promise<RunResult> => {
  const written = { out: '', talk: '' }
  const questions: string[] = []
  const typed = [...(options.typed ?? [])]
  const code = await runCli({
    words,
    config: readConfig(
      {
        GATEHOUSE_CONFIG_HOME: freshConfigHome(),
        GATEHOUSE_HOME: '/nonexistent',
        GATEHOUSE_TOKEN_STORE: 'file',
        ...options.env,
      },
      options.cwd ?? '/',
    ),
    now: () => options.now ?? new Date(),
    terminal: {
      out: (data) => void (written.out += typeof data === 'string' ? data : Buffer.from(data).toString('utf8')),
      talk: (text) => void (written.talk += text),
      flush: () => Promise.resolve(),
      outEnded: options.outEnded ?? new AbortController().signal,
      interactive: options.typed !== undefined,
      width: options.width ?? null,
      colour: false,
      readAll: () => Promise.resolve(Buffer.from(options.stdin ?? '').toString('utf8')),
      readBytes: (bytesMax) => Promise.resolve(Buffer.from(options.stdin ?? '').subarray(0, bytesMax)),
      ask: (question) => {
        questions.push(question)
        return Promise.resolve(typed.shift() ?? '')
      },
    },
  })
  return { code, questions, ...written }
}
