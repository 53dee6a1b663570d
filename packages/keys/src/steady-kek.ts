import { randomInt } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import { KekError } from './kek-error.ts'
import type { KeyEncryptionKey } from './kek.ts'

/** How long a backend is waited for, how often it is asked again, and when it is left alone. */
export interface Steadiness {
  /** For one use, its tries and waits together: a person waits for it, and claims and intents count on it. */
  readonly deadlineMs: number
  readonly tries: number
  /** The first wait between two tries; each next one is twice as long, and a random part is taken off. */
  readonly waitMs: number
  /** So many uses that failed one after another open the circuit. */
  readonly failuresMax: number
  /** For so long nobody asks; then one use does, and its answer decides. */
  readonly restMs: number
}

export const steadiness: Steadiness = { deadlineMs: 10_000, tries: 3, waitMs: 100, failuresMax: 5, restMs: 10_000 }

/** What a steady key is made with beside the key. */
export interface SteadyDeps {
  readonly limits?: Steadiness
  /** Milliseconds of a clock that only goes forward. */
  readonly ticks?: () => number
  readonly wait?: (milliseconds: number) => Promise<unknown>
}

/**
 * The same key with a deadline on every call, tries again where that is safe, and a circuit that opens: a backend that
 * is away costs its callers some seconds once, and then nothing but an error at once.
 */
export function steadyKek(
  kek: KeyEncryptionKey,
  { limits = steadiness, ticks = () => performance.now(), wait = sleep }: SteadyDeps = {},
): KeyEncryptionKey {
  const circuit = createCircuit({ uri: kek.uri, limits, ticks })
  const steady = async <T>(call: () => Promise<T>): Promise<T> => {
    circuit.enter()
    try {
      const result = await triedAgain({ call, uri: kek.uri, limits, ticks, wait })
      circuit.note('answered')
      return result
    } catch (error) {
      // a refusal is an answer: the backend is there
      circuit.note(error instanceof KekError && error.code === 'unreachable' ? 'away' : 'answered')
      throw error
    }
  }
  return {
    ...kek,
    wrap: (dataKey, purpose) => steady(() => kek.wrap(dataKey, purpose)),
    unwrap: (wrapped, purpose) => steady(() => kek.unwrap(wrapped, purpose)),
    generate: (purpose) => steady(() => kek.generate(purpose)),
    probe: () => steady(() => kek.probe()),
    isResting: () => circuit.isOpen(),
  }
}

interface Trying<T> extends Required<SteadyDeps> {
  readonly call: () => Promise<T>
  readonly uri: string
}

async function triedAgain<T>({ call, uri, limits, ticks, wait }: Trying<T>): Promise<T> {
  const end = ticks() + limits.deadlineMs
  for (let tried = 1; ; tried += 1) {
    try {
      return await within(end - ticks(), { call, uri })
    } catch (error) {
      const pause = limits.waitMs * 2 ** (tried - 1)
      const again = error instanceof KekError && error.soon && tried < limits.tries && ticks() + pause < end
      if (!again) throw error
      // nodes that failed together do not come back together
      await wait(pause - randomInt(Math.max(1, Math.floor(pause / 2))))
    }
  }
}

/** The call itself may go on; its answer comes too late for anybody. */
async function within<T>(milliseconds: number, { call, uri }: Pick<Trying<T>, 'call' | 'uri'>): Promise<T> {
  const over = new AbortController()
  const late = sleep(milliseconds, undefined, { signal: over.signal }).then(
    () => Promise.reject(new KekError('unreachable', uri, { cause: new Error('no answer within the deadline') })),
    () => new Promise<never>(() => undefined), // the call was faster
  )
  try {
    return await Promise.race([call(), late])
  } finally {
    over.abort()
  }
}

function createCircuit({ uri, limits, ticks }: { uri: string; limits: Steadiness; ticks: () => number }) {
  let failures = 0
  let restsUntil: number | null = null
  return {
    isOpen: (): boolean => restsUntil !== null && ticks() < restsUntil,
    enter: (): void => {
      if (restsUntil === null) return
      if (ticks() < restsUntil) throw new KekError('resting', uri)
      restsUntil = ticks() + limits.restMs // this one asks; the others wait for what it hears
    },
    note: (heard: 'answered' | 'away'): void => {
      failures = heard === 'away' ? failures + 1 : 0
      restsUntil = failures >= limits.failuresMax ? ticks() + limits.restMs : null
    },
  }
}
