import type { Worker } from 'node:worker_threads'
import { createTurns } from '@gatehouse/kit'
import { startHeardThread } from './heard-thread.ts'
import { keepChecked, recallChecked, type CheckRequest } from './checked-sets.ts'
import { PolicyError, type PolicyProblem } from './policy-problem.ts'
import type { PolicySet } from './policy-set.ts'
import type { SourceFile } from './policy-source.ts'

/** What it answers. */
export type CheckAnswer = { readonly set: PolicySet } | { readonly problems: readonly PolicyProblem[] }

/**
 * Compiles and strictly validates in a thread of its own, so that requests go on meanwhile. One check at a time; what
 * this process has found good is not looked at again.
 */
export interface PolicyChecker {
  /** Throws `PolicyError` when the set is no good, or when it cannot be found out. */
  check(request: CheckRequest): Promise<PolicySet>
  close(): Promise<void>
}

/** Validation of a large set takes about a second; one that takes longer than this is refused. */
const checkMillisecondsMax = 30_000

/** The thread stays: on a busy machine, starting one takes longer than an edit may take to be in force. */
export function createPolicyChecker(): PolicyChecker {
  let thread: Worker | null = null
  // INVARIANT: the thread's next answer is to the only question there is; two at once would both take the first one's
  const turns = createTurns()

  const ended = async (): Promise<void> => {
    const last = thread
    thread = null
    await last?.terminate()
  }

  const answerTo = (request: CheckRequest): Promise<CheckAnswer> => {
    thread ??= startCheckThread((failed) => {
      if (thread === failed) thread = null
    })
    return ask(thread, request).catch(async (error: unknown) => {
      // a thread that failed once is not asked again
      await ended()
      throw error
    })
  }

  /** By a trap of the engine nobody learns which policy it was: halves of the files are tried until one is left. */
  const trapIn = async ({ source, actions }: CheckRequest, trap: TrapError): Promise<PolicyError> => {
    let left: readonly SourceFile[] = source.policies
    while (left.length > 1) {
      const half = left.slice(0, Math.ceil(left.length / 2))
      const traps = await answerTo({ source: { ...source, policies: half }, actions }).then(
        () => false,
        () => true,
      )
      left = traps ? half : left.slice(half.length)
    }
    return trapAt(left[0]?.file ?? 'policies', trap)
  }

  return {
    check: (request) =>
      turns.take(async () => {
        const known = recallChecked(request)
        if (known !== null) return known
        const answer = await answerTo(request).catch(async (error: unknown) => {
          throw error instanceof TrapError ? await trapIn(request, error) : error
        })
        if ('problems' in answer) throw new PolicyError(answer.problems)
        keepChecked(request, answer.set)
        return answer.set
      }),
    close: ended,
  }
}

/** The engine broke on what it was given. */
class TrapError extends Error {
  override readonly name = 'TrapError'
}

const trapAt = (file: string, cause: TrapError): PolicyError => {
  const message = 'the engine gave up on it: a condition that is nested hundreds of levels deep does that, split it'
  return new PolicyError([{ file, line: null, message }], { cause })
}

function startCheckThread(onEnded: (thread: Worker) => void): Worker {
  const thread = startHeardThread(new URL('./check-thread.ts', import.meta.url), {}, () => onEnded(thread))
  return thread
}

function ask(thread: Worker, request: CheckRequest): Promise<CheckAnswer> {
  const { promise, resolve, reject } = Promise.withResolvers<CheckAnswer>()
  const fail = (message: string, cause?: unknown): void =>
    reject(new PolicyError([{ file: 'policies', line: null, message }], { cause }))
  const onError = (error: unknown): void => reject(new TrapError('the engine gave up', { cause: error }))
  const onExit = (): void => fail('the validation ended without an answer')
  const timer = setTimeout(
    () => fail(`validation took longer than ${checkMillisecondsMax / 1000} s`),
    checkMillisecondsMax,
  )
  thread.once('message', resolve).once('error', onError).once('exit', onExit)
  thread.postMessage(request)
  return promise.finally(() => {
    clearTimeout(timer)
    thread.off('message', resolve).off('error', onError).off('exit', onExit)
  })
}
