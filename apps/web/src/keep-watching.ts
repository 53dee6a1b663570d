import type { Raw, Wire } from '@gatehouse/contract'
import { createSignal, onCleanup, type Accessor } from 'solid-js'
import { CallRefused, watch, type WatchName } from './api.ts'

/** How a watch stands: opening, live, broken (and opened again soon), or not allowed. */
export type WatchState =
  | { readonly at: 'opening' }
  | { readonly at: 'live' }
  | { readonly at: 'broken'; readonly since: number }
  | { readonly at: 'refused'; readonly error: CallRefused }

/** What one connection of a watch tells. */
export interface Watched<T> {
  readonly onOpen: () => void
  readonly onItem: (item: T) => void
}

const againAfterMs = 2_000
const againAfterMsMax = 30_000

/** Waits, or until nobody wants it any more. */
export const pause = (ms: number, signal: AbortSignal): Promise<void> =>
  new Promise((resolve) => {
    const timer = setTimeout(resolve, ms)
    signal.addEventListener(
      'abort',
      () => {
        clearTimeout(timer)
        resolve()
      },
      { once: true },
    )
  })

/** A refusal that opening again does not cure. */
const isFinal = (error: unknown): error is CallRefused =>
  error instanceof CallRefused && !['unavailable', 'rate-limited', 'unauthenticated'].includes(error.code)

/** Watches an operation while the part of the page lives, opening it again whenever it breaks. */
export function keepWatching<N extends WatchName>(
  name: N,
  input: Raw<N>,
  connect: (stop: AbortSignal) => Watched<Wire<N>>,
): Accessor<WatchState> {
  const [state, setState] = createSignal<WatchState>({ at: 'opening' })
  const stop = new AbortController()
  onCleanup(() => stop.abort())
  const once = async (): Promise<void> => {
    const { onOpen, onItem } = connect(stop.signal)
    const opened = (): void => {
      setState({ at: 'live' })
      onOpen()
    }
    for await (const item of watch(name, input, { signal: stop.signal, onOpen: opened })) onItem(item)
  }
  const run = async (): Promise<void> => {
    let waitMs = againAfterMs
    while (!stop.signal.aborted) {
      try {
        await once()
        waitMs = againAfterMs
      } catch (error) {
        if (stop.signal.aborted) return
        if (isFinal(error)) return void setState({ at: 'refused', error })
        waitMs = Math.min(waitMs * 2, againAfterMsMax)
      }
      setState((before) => (before.at === 'broken' ? before : { at: 'broken', since: Date.now() }))
      await pause(waitMs, stop.signal)
    }
  }
  void run()
  return state
}
