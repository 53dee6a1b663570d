import type { Raw, Wire } from '@gatehouse/contract'
import { QueryObserver, type QueryObserverResult } from '@tanstack/solid-query'
import { createComputed, createMemo, createSignal, on, onCleanup, type Accessor } from 'solid-js'
import { CallUnanswered } from './api.ts'
import type { ReadKey } from './reads.ts'
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
  /** Whether it does so now; absent: always. */
  readonly when?: Accessor<boolean>
}

/**
 * Asks a query, again whenever its input changes, the person logs in or steps up, or the network comes back. Whoever
 * asks the same shares the answer. A null input asks nothing.
 */
export function createLoaded<N extends CallName>(
  name: N,
  input: Accessor<Raw<N> | null>,
  options: LoadOptions = {},
): Loaded<Wire<N>> {
  const { reads } = useSession()
  const asked = createMemo(() => reads.optionsOf(name, input()), undefined, {
    equals: (before, after) => JSON.stringify(before.queryKey) === JSON.stringify(after.queryKey),
  })
  const observer = new QueryObserver(reads.client, asked())
  const [result, setResult] = createSignal<QueryObserverResult<Wire<N>>>(
    observer.getOptimisticResult(reads.client.defaultQueryOptions(asked())),
  )
  onCleanup(observer.subscribe((next) => void setResult(() => next)))
  createComputed(
    on(
      asked,
      (next) => {
        observer.setOptions(next)
        setResult(() => observer.getCurrentResult()) // another question: its answer is not this one's
      },
      { defer: true },
    ),
  )
  const beganAt = Date.now()
  const error = createMemo(() => result().error ?? undefined)
  const unanswered = (): boolean => error() instanceof CallUnanswered
  const data = createMemo(() => (error() === undefined || unanswered() ? result().data : undefined))
  const staleSince = createMemo(() => (unanswered() ? result().dataUpdatedAt || beganAt : null))
  const key = (): ReadKey => asked().queryKey
  const reload = async (): Promise<void> => {
    if (input() !== null) await observer.refetch({ cancelRefetch: false })
  }
  listen(async () => {
    if (input() !== null) await reads.askByPage(key())
  }, options)
  return {
    data,
    error,
    loading: () => result().isFetching,
    staleSince,
    reload,
    put: (answer) => void reads.client.setQueryData(key(), answer),
  }
}

/** Asks again by itself: when the network is back, and every so often. */
function listen(ask: () => Promise<void>, { everyMs, when }: LoadOptions): void {
  const again = (): void => void ask()
  window.addEventListener('online', again)
  onCleanup(() => window.removeEventListener('online', again))
  if (everyMs === undefined) return
  const timer = setInterval(() => {
    if (document.visibilityState === 'visible' && when?.() !== false) again()
  }, everyMs)
  onCleanup(() => clearInterval(timer))
}
