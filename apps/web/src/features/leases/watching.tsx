import { createContext, createSignal, onCleanup, useContext, type Accessor, type JSX } from 'solid-js'
import { call, CallRefused, watch } from '../../api.ts'
import { isAlive, settleUnseen, type Lease } from './live-leases.ts'

/** How the watch stands: opening, live, broken (and opened again soon), or not allowed. */
export type WatchState =
  | { readonly at: 'opening' }
  | { readonly at: 'live' }
  | { readonly at: 'broken'; readonly since: number }
  | { readonly at: 'refused'; readonly error: CallRefused }

/** Leases as they change, for all screens. */
export interface LiveLeases {
  readonly leases: Accessor<ReadonlyMap<string, Lease>>
  readonly state: Accessor<WatchState>
  /** Puts in what a call answered, before the watch tells it. */
  readonly put: (lease: Lease) => void
}

const LiveLeasesContext = createContext<LiveLeases>()

const againAfterMs = 2_000
const againAfterMsMax = 30_000
/**
 * The watch tells all that is alive within this time of opening; what it does not name has ended while nobody watched.
 */
const snapshotMs = 1_500
/** As many as a list gives at once. */
const newestMax = 200

const pause = (ms: number, signal: AbortSignal): Promise<void> =>
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

function createWatch(): LiveLeases {
  const [leases, setLeases] = createSignal<ReadonlyMap<string, Lease>>(new Map())
  const [state, setState] = createSignal<WatchState>({ at: 'opening' })
  const stop = new AbortController()
  onCleanup(() => stop.abort())
  const put = (lease: Lease): void => {
    setLeases((all) => new Map(all).set(lease.id, lease))
  }

  /** One list for all of them: a page that wakes up with a hundred ended leases must not ask a hundred times. */
  const askAfterUnseen = async (seen: ReadonlySet<string>): Promise<void> => {
    await pause(snapshotMs, stop.signal)
    if (stop.signal.aborted || ![...leases().values()].some((lease) => isAlive(lease) && !seen.has(lease.id))) return
    const newest = await call('lease.list', { first: newestMax }, 'page').catch(() => null)
    if (newest !== null) setLeases((all) => settleUnseen(all, seen, newest.items))
  }
  const once = async (): Promise<void> => {
    const seen = new Set<string>()
    const onOpen = (): void => {
      setState({ at: 'live' })
      void askAfterUnseen(seen)
    }
    for await (const lease of watch('lease.watch', {}, { signal: stop.signal, onOpen })) {
      seen.add(lease.id)
      put(lease)
    }
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
  return { leases, state, put }
}

/** Watches leases for everything below. */
export function LiveLeasesProvider(props: { children: JSX.Element }): JSX.Element {
  return <LiveLeasesContext.Provider value={createWatch()}>{props.children}</LiveLeasesContext.Provider>
}

/** Leases as they change. */
export function useLiveLeases(): LiveLeases {
  const live = useContext(LiveLeasesContext)
  if (live === undefined) throw new TypeError('useLiveLeases stands outside LiveLeasesProvider')
  return live
}
