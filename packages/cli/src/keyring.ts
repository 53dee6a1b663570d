import { spawn, type ChildProcess } from 'node:child_process'
import { createHash } from 'node:crypto'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import type { CliConfig } from './config.ts'
import { keyringWord, type KeyringAnswer, type KeyringQuestion } from './keyring-question.ts'

/**
 * One secret text in the system's keyring. Each call answers, or throws when there is no keyring, or it stays locked.
 */
export interface KeyringEntry {
  readonly read: () => Promise<string | null>
  readonly write: (text: string) => Promise<void>
  /** Answers also when there was none. */
  readonly remove: () => Promise<void>
}

/** What a keyring's own programs show our entries under. */
const SERVICE = 'gatehouse'

/** A keyring that is there and open answers in milliseconds; nobody waits longer for one that is not. */
const ANSWER_MS_MAX = 2_000

/** Until the process that asks has started, on a machine with much to do. */
const START_MS_MAX = 10_000

/** Keyrings that did not answer in this run, by its settings: they are not waited for again. */
const silent = new WeakMap<object, Error>()

/** The entry of one account. Two config homes are two people's, or one's two worlds, and do not share. */
export const keyringEntry = (config: Pick<CliConfig, 'configHome'>, account: string): KeyringEntry => {
  const name = `${account} ${createHash('sha256').update(config.configHome).digest('hex').slice(0, 8)}`
  const ask = async (question: Pick<KeyringQuestion, 'verb' | 'text'>): Promise<string | null> => {
    const known = silent.get(config)
    if (known !== undefined) throw known
    const answer = await answerTo({ service: SERVICE, name, ...question })
    if (answer === null) {
      const silence = new Error(`it does not answer within ${ANSWER_MS_MAX / 1000} s`)
      silent.set(config, silence)
      throw silence
    }
    if ('problem' in answer) throw new Error(answer.problem)
    return answer.text
  }
  return {
    read: () => ask({ verb: 'read' }),
    write: async (text) => void (await ask({ verb: 'write', text })),
    remove: async () => void (await ask({ verb: 'remove' })),
  }
}

/**
 * Asks in a process of its own: a call into the system that hangs cannot be given up, and would keep this process from
 * ending. Null: no answer in time. What was to be written may then be there all the same; those tokens die with their
 * session.
 */
const answerTo = async (question: KeyringQuestion): Promise<KeyringAnswer | null> => {
  const child = spawn(process.execPath, [process.argv[1] ?? '', keyringWord], { stdio: ['pipe', 'pipe', 'ignore'] })
  try {
    child.stdin.on('error', () => {}) // one that dies at once is told by its missing answer
    child.stdin.end(JSON.stringify(question))
    return await answerOf(child, child.stdout)
  } finally {
    child.kill('SIGKILL')
  }
}

const answerOf = async (child: ChildProcess, output: NodeJS.ReadableStream): Promise<KeyringAnswer | null> => {
  const lines = createInterface({ input: output })[Symbol.asyncIterator]()
  const started = await inTime(Promise.race([lines.next(), failed(child)]), START_MS_MAX)
  if (started === null) return { problem: 'the process that asks it does not start' }
  if (started.done === true) return { problem: 'the process that asks it has died' }
  if (started.value !== 'asking') return JSON.parse(started.value) as KeyringAnswer // our own other half
  const answered = await inTime(lines.next(), ANSWER_MS_MAX)
  if (answered === null) return null
  return answered.done === true
    ? { problem: 'the process that asks it has died' }
    : (JSON.parse(answered.value) as KeyringAnswer) // as above
}

/** Throws when the process cannot be started at all. */
const failed = async (child: ChildProcess): Promise<never> => {
  const [error] = (await once(child, 'error')) as [Error] // what Node documents for this event
  throw error
}

/** Null when it takes longer. */
const inTime = <T>(work: Promise<T>, milliseconds: number): Promise<T | null> => {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<null>((resolve) => {
    timer = setTimeout(() => resolve(null), milliseconds)
  })
  return Promise.race([work, late]).finally(() => clearTimeout(timer))
}
