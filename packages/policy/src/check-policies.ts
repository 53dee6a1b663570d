import { Worker } from 'node:worker_threads'
import { PolicyError, type PolicyProblem } from './policy-problem.ts'
import type { PolicySet } from './policy-set.ts'
import type { PolicySource } from './policy-source.ts'

/** What the checking thread answers. */
export type CheckAnswer = { readonly set: PolicySet } | { readonly problems: readonly PolicyProblem[] }

/** Validation of a large set takes about a second; one that takes longer than this is refused. */
const checkMillisecondsMax = 30_000

/**
 * Compiles and strictly validates in a thread of its own, so that requests go on meanwhile. `actions` are those that the set must
 * know: a schema older than this program would deny what it cannot name. Throws `PolicyError`.
 */
export async function checkPolicies(source: PolicySource, actions: readonly string[]): Promise<PolicySet> {
  const worker = new Worker(new URL('./check-thread.ts', import.meta.url), { workerData: { source, actions } })
  try {
    const answer = await answerOf(worker)
    if ('problems' in answer) throw new PolicyError(answer.problems)
    return answer.set
  } finally {
    await worker.terminate()
  }
}

function answerOf(worker: Worker): Promise<CheckAnswer> {
  const { promise, resolve, reject } = Promise.withResolvers<CheckAnswer>()
  const fail = (message: string, cause?: unknown): void => reject(new PolicyError([{ file: 'policies', line: null, message }], { cause }))
  const timer = setTimeout(() => fail(`validation took longer than ${checkMillisecondsMax / 1000} s`), checkMillisecondsMax)
  worker.once('message', resolve)
  worker.once('error', (error) => fail('the validation itself failed', error))
  worker.once('exit', () => fail('the validation ended without an answer'))
  return promise.finally(() => clearTimeout(timer))
}
