import { Worker } from 'node:worker_threads'
import type { ExaminedPage } from './examine-page.ts'
import type { PageRange } from './record-page.queries.ts'
import type { SharedRecord } from './record.queries.ts'
import type { KeptPart } from './subject-keys.queries.ts'
import type { SubjectKeys } from './subject-keys.ts'

/** Threads in which pages of the audit log are examined, each with a connection of its own. */
export interface VerifyThreads {
  /** What runs in each: it calls `serveVerification` with what opens parts under a key. */
  readonly program: URL
  /** The runtime login, for their connections. */
  readonly url: string
  readonly count: number
  /** Fewer leaves are examined without any: starting a thread takes as long as some thousand of them. */
  readonly leavesMin: number
}

/** What a thread is started with. */
export interface ThreadStart {
  readonly url: string
  /** The moment at which the audit log is verified. */
  readonly moment: string
}

/** What a thread is told: what to examine next, keys that it asked for, or that there is nothing more. */
export type ToThread =
  | { readonly range: PageRange }
  | { readonly keys: readonly (Uint8Array | null)[] }
  | { readonly end: true }

/** What a thread says: keys that it needs open, or a page. One answer for each range, in their order. */
export type FromThread = { readonly page: ExaminedPage } | { readonly sealed: readonly SealedKey[] }

/** A key of a person as it is kept. */
export type SealedKey = Pick<KeptPart, 'keyId' | 'key'>

/** Pages that a thread has at once: one that it examines, and one that the database looks for meanwhile. */
const pagesAtOnce = 2

interface Examining {
  readonly threads: VerifyThreads
  readonly subjectKeys: Pick<SubjectKeys, 'keyOf'>
}

/**
 * Examines pages in threads and answers them in order; what is ahead of its turn is a few pages at most. Throws when a
 * thread fails: what was not looked at was not verified.
 */
export async function* examinedInThreads(
  { record, ranges }: { readonly record: SharedRecord; readonly ranges: readonly PageRange[] },
  { threads, subjectKeys }: Examining,
): AsyncGenerator<ExaminedPage> {
  const start: ThreadStart = { url: threads.url, moment: await record.moment() }
  const running = Array.from({ length: Math.min(threads.count, ranges.length) }, () =>
    startThread(threads.program, { start, subjectKeys }),
  )
  const ahead = ranges.entries()
  const asked: Promise<ExaminedPage>[] = []
  const askNext = (): void => {
    const next = ahead.next()
    const [index, range] = next.value ?? [0, null]
    const page = range === null ? undefined : running[index % running.length]?.examine(range)
    page?.catch(() => undefined) // told to who waits for it; who has left before has another reason
    if (page !== undefined) asked.push(page)
  }
  try {
    for (let count = 0; count < running.length * pagesAtOnce; count += 1) askNext()
    for (let page = asked.shift(); page !== undefined; page = asked.shift()) {
      const examined = await page
      askNext()
      yield examined
    }
  } finally {
    await Promise.all(running.map((thread) => thread.close()))
  }
}

interface Thread {
  examine(range: PageRange): Promise<ExaminedPage>
  /** Resolves once it has ended. */
  close(): Promise<void>
}

function startThread(
  program: URL,
  { start, subjectKeys }: { readonly start: ThreadStart; readonly subjectKeys: Pick<SubjectKeys, 'keyOf'> },
): Thread {
  const thread = new Worker(program, { workerData: start })
  const waiting: PromiseWithResolvers<ExaminedPage>[] = []
  let failure: unknown = null
  const ended = Promise.withResolvers<void>()
  const fail = (error: unknown): void => {
    failure ??= error
    for (const one of waiting.splice(0)) one.reject(failure)
  }
  const tell = (message: ToThread): void => thread.postMessage(message)
  thread.on('message', (message: FromThread) => {
    if ('page' in message) waiting.shift()?.resolve(message.page)
    else tell({ keys: message.sealed.map((one) => subjectKeys.keyOf(one)) })
  })
  thread.on('error', fail)
  thread.on('messageerror', fail)
  thread.on('exit', () => {
    fail(new Error('a thread of the verification ended before its time'))
    ended.resolve()
  })
  return {
    examine: (range) => {
      const one = Promise.withResolvers<ExaminedPage>()
      if (failure !== null) one.reject(failure)
      else {
        waiting.push(one)
        tell({ range })
      }
      return one.promise
    },
    close: async () => {
      // one that is still at work has a connection in the middle of a statement: nobody waits for that
      if (waiting.length > 0) await thread.terminate()
      else tell({ end: true })
      await ended.promise
    },
  }
}
