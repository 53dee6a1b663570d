import type { Raw, Wire } from '@gatehouse/contract'
import { createEffect, createSignal, on, onCleanup, type Accessor } from 'solid-js'
import { call, CallUnanswered, type CallCause } from './api.ts'
import { useSession } from './session.tsx'
import type { CallName } from './wire.ts'

/** What is known of a query: the newest data stays while it is asked again, and when it could not be. */
export interface Loaded<T> {
  readonly data: Accessor<T | undefined>
  readonly error: Accessor<unknown>
  readonly loading: Accessor<boolean>
  /** Since when `data` may be out of date because nothing answered; null while it is fresh. */
  readonly staleSince: Accessor<number | null>
  readonly reload: () => Promise<void>
  /** Puts a newer answer in, such as a mutation's own. */
  readonly put: (data: T) => void
}

/** The same, to look at only. */
export type Asked<T> = Omit<Loaded<T>, 'put'>

interface LoadOptions {
  /** Asks again this often while the page is visible. */
  readonly everyMs?: number
}

/**
 * Asks a query, again whenever its input changes, the person logs in or steps up, or the network comes back.
 * A null input asks nothing.
 */
export function createLoaded<N extends CallName>(
  name: N,
  input: Accessor<Raw<N> | null>,
  options: LoadOptions = {},
): Loaded<Wire<N>> {
  const session = useSession()
  const [data, setData] = createSignal<Wire<N> | undefined>()
  const [error, setError] = createSignal<unknown>()
  const [loading, setLoading] = createSignal(input() !== null)
  const [staleSince, setStaleSince] = createSignal<number | null>(null)
  let asked = 0
  let answeredAt = Date.now()

  const put = (answer: Wire<N>): void => {
    answeredAt = Date.now()
    setData(() => answer)
    setError(undefined)
    setStaleSince(null)
  }
  const ask = async (cause: CallCause): Promise<void> => {
    const given = input()
    asked += 1
    const mine = asked
    if (given === null) return
    setLoading(true)
    try {
      const answer = await call(name, given, cause)
      if (mine === asked) put(answer)
    } catch (problem) {
      if (mine !== asked) return
      setError(() => problem)
      if (problem instanceof CallUnanswered) setStaleSince((since) => since ?? answeredAt)
      else setData(undefined)
    } finally {
      if (mine === asked) setLoading(false)
    }
  }

  const reload = (): Promise<void> => ask('person')

  createEffect(
    on(
      () => JSON.stringify(input()),
      (_text, before) => {
        if (before !== undefined) setData(undefined) // another question: its answer is not this one's
        void reload()
      },
    ),
  )
  createEffect(on(session.epoch, () => void reload(), { defer: true }))
  listen(() => ask('page'), options)
  return { data, error, loading, staleSince, reload, put }
}

/** Asks again by itself: when the network is back, and every so often. */
function listen(reload: () => Promise<void>, { everyMs }: LoadOptions): void {
  const again = (): void => void reload()
  window.addEventListener('online', again)
  onCleanup(() => window.removeEventListener('online', again))
  if (everyMs === undefined) return
  const timer = setInterval(() => {
    if (document.visibilityState === 'visible') again()
  }, everyMs)
  onCleanup(() => clearInterval(timer))
}
