import type { Worker } from 'node:worker_threads'
import type { DecisionRequest } from '@gatehouse/enforcement'
import { startHeardThread } from '../heard-thread.ts'
import type { PolicySource } from '../policy-source.ts'

/** What a shadow set makes of one request. */
export interface ShadowVerdict {
  readonly effect: 'allow' | 'deny'
  readonly policies: readonly string[]
  /** Policies that erred; `request`: what was asked does not fit the set's schema. */
  readonly errors: readonly string[]
}

/** What its thread is asked. */
export interface ShadowAsk {
  readonly requests: readonly DecisionRequest[]
}

/** What its thread says: first whether it is ready, then the verdicts of each batch. */
export type ShadowAnswer =
  | { readonly ready: true }
  | { readonly problem: string }
  | { readonly verdicts: readonly ShadowVerdict[] }

/** A shadow set that decides in a thread of its own, one batch at a time. */
export interface ShadowDecider {
  /** Rejects when the thread fails or takes too long; it has ended then. */
  decide(requests: readonly DecisionRequest[]): Promise<readonly ShadowVerdict[]>
  close(): Promise<void>
}

/** A large set is understood and validated in seconds; one that takes longer is not worth a core. */
const readyMillisecondsMax = 60_000
/** A batch is some hundred decisions: a hundredth of this. */
const batchMillisecondsMax = 10_000
/** What the thread may take beside the engine's own memory. */
const heapMegabytesMax = 512

/** Starts the thread, which ends with the signal. Rejects, in words, when the set is no good or takes too long. */
export async function openShadowDecider(source: PolicySource, signal: AbortSignal): Promise<ShadowDecider> {
  let ended = false
  const options = { workerData: { source }, resourceLimits: { maxOldGenerationSizeMb: heapMegabytesMax } }
  const thread = startHeardThread(new URL('./shadow-thread.ts', import.meta.url), options, () => {
    ended = true
  })
  const close = async (): Promise<void> => {
    signal.removeEventListener('abort', onAbort)
    await thread.terminate()
  }
  const onAbort = (): void => void close()
  signal.addEventListener('abort', onAbort)
  try {
    const answer = await answerOf(thread, readyMillisecondsMax)
    if ('problem' in answer) throw new Error(answer.problem)
  } catch (error) {
    await close()
    throw error
  }
  return {
    close,
    decide: async (requests) => {
      if (ended) throw new Error('its thread has ended')
      try {
        const answer = answerOf(thread, batchMillisecondsMax)
        thread.postMessage({ requests } satisfies ShadowAsk)
        const said = await answer
        if ('verdicts' in said && said.verdicts.length === requests.length) return said.verdicts
        throw new Error('it answered something else')
      } catch (error) {
        await close()
        throw error
      }
    },
  }
}

function answerOf(thread: Worker, milliseconds: number): Promise<ShadowAnswer> {
  const { promise, resolve, reject } = Promise.withResolvers<ShadowAnswer>()
  const onExit = (): void => reject(new Error('its thread ended'))
  const timer = setTimeout(() => reject(new Error(`it took longer than ${milliseconds / 1000} s`)), milliseconds)
  thread.once('message', resolve).once('error', reject).once('exit', onExit)
  return promise.finally(() => {
    clearTimeout(timer)
    thread.off('message', resolve).off('error', reject).off('exit', onExit)
  })
}
