import { createContext, createSignal, useContext, type Accessor, type JSX } from 'solid-js'
import { call } from '../../api.ts'
import { keepWatching, pause, type WatchState } from '../../keep-watching.ts'
import { isAlive, settleUnseen, type Lease } from './live-leases.ts'

/** Leases as they change, for all screens. */
export interface LiveLeases {
  readonly leases: Accessor<ReadonlyMap<string, Lease>>
  readonly state: Accessor<WatchState>
  /** Puts in what a call answered, before the watch tells it. */
  readonly put: (lease: Lease) => void
}

const LiveLeasesContext = createContext<LiveLeases>()

/**
 * The watch tells all that is alive within this time of opening; what it does not name has ended while nobody watched.
 */
const snapshotMs = 1_500
/** As many as a list gives at once. */
const newestMax = 200

function createWatch(): LiveLeases {
  const [leases, setLeases] = createSignal<ReadonlyMap<string, Lease>>(new Map())
  const put = (lease: Lease): void => {
    setLeases((all) => new Map(all).set(lease.id, lease))
  }

  /** One list for all of them: a page that wakes up with a hundred ended leases must not ask a hundred times. */
  const askAfterUnseen = async (seen: ReadonlySet<string>, stop: AbortSignal): Promise<void> => {
    await pause(snapshotMs, stop)
    if (stop.aborted || ![...leases().values()].some((lease) => isAlive(lease) && !seen.has(lease.id))) return
    const newest = await call('lease.list', { first: newestMax }, 'page').catch(() => null)
    if (newest !== null) setLeases((all) => settleUnseen(all, seen, newest.items))
  }
  const state = keepWatching('lease.watch', {}, (stop) => {
    const seen = new Set<string>()
    return {
      onOpen: () => void askAfterUnseen(seen, stop),
      onItem: (lease) => {
        seen.add(lease.id)
        put(lease)
      },
    }
  })
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
