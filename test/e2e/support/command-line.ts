import { execFile } from 'node:child_process'
import { join } from 'node:path'
import { builtPrograms } from '@gatehouse/testkit'
import { readConfig } from '../../../packages/cli/src/config.ts'
import { runCli } from '../../../packages/cli/src/run-cli.ts'

const { cli: program } = await builtPrograms()

/** What a command said. */
export interface Ran {
  readonly code: number
  readonly out: string
  readonly err: string
}

export interface CommandLine {
  readonly words: readonly string[]
  readonly env: NodeJS.ProcessEnv
  readonly stdin?: string
}

/** The settings of somebody at a machine of their own. */
export const homeOf = (directory: string, who: string): NodeJS.ProcessEnv => ({
  GATEHOUSE_CONFIG_HOME: join(directory, who),
  GATEHOUSE_TOKEN_STORE: 'file',
})

/**
 * Runs a command line where nobody sits at a terminal, against a real server. In this process, since a process of its
 * own costs 0.2 s of a core each time; what hands its own terminal on is run as it is installed, as all of it is in
 * `test/packed`, `completion.real` and `output.real`.
 */
export const runCommandLine = (line: CommandLine): Promise<Ran> =>
  handingOn.includes(line.words[0] ?? '') ? runProgram(line) : runHere(line)

const handingOn = ['ssh', 'server-config']

/** Runs a command line as it is installed, in a process of its own. */
export const runProgram = ({ words, env, stdin }: CommandLine): Promise<Ran> =>
  new Promise((resolve) => {
    const child = execFile(program, words, { env }, (error, out, err) =>
      resolve({ code: error === null ? 0 : Number(error.code ?? -1), out, err }),
    )
    child.stdin?.end(stdin ?? '')
  })

async function runHere({ words, env, stdin = '' }: CommandLine): Promise<Ran> {
  const written = { out: '', err: '' }
  const config = readConfig(env, process.cwd())
  const over = new AbortController()
  const code = await runCli({
    words,
    config,
    now: () => new Date(),
    over: over.signal,
    terminal: {
      out: (data) => void (written.out += typeof data === 'string' ? data : Buffer.from(data).toString('utf8')),
      talk: (text) => void (written.err += text),
      flush: () => Promise.resolve(),
      outEnded: new AbortController().signal,
      interactive: false,
      width: config.columns,
      colour: false,
      readAll: () => Promise.resolve(stdin),
      readBytes: (bytesMax) => Promise.resolve(Buffer.from(stdin, 'utf8').subarray(0, bytesMax)),
      ask: () => Promise.reject(new Error('nobody sits at this terminal')),
    },
  })
  over.abort()
  return { code, ...written }
}
