import { setImmediate as nextTurn } from 'node:timers/promises'
import { endOfTask } from './end-of-task.ts'

/** Loads many at once, an answer for each key in its order. */
export type LoadMany<K, V> = (keys: readonly K[]) => Promise<readonly V[]>

interface Asker<K, V> {
  readonly key: K
  readonly resolve: (value: V) => void
  readonly reject: (error: unknown) => void
}

/**
 * Answers one key at a time by loading many at once. Who asks while nothing is being loaded is loaded for with all who
 * are begun together with them, and where many ask with all of the same turn of the event loop. Who asks meanwhile is
 * loaded for together with all others who do, by a load that begins after they asked: nothing that they are told is
 * older than their question. A load that fails fails for those it was for.
 */
export function loadTogether<K, V>(loadMany: LoadMany<K, V>, keysMax: number): (key: K) => Promise<V> {
  let waiting: Asker<K, V>[] = []
  let loading = false
  /** For how many the last load was, as the next one then is, most likely. */
  let askedLast = 1

  const loadAll = async (): Promise<void> => {
    loading = true
    while (waiting.length > 0) {
      await (askedLast === 1 ? endOfTask() : nextTurn())
      askedLast = Math.min(waiting.length, keysMax)
      const askers = waiting.slice(0, keysMax)
      waiting = waiting.slice(keysMax)
      await loadFor(askers, loadMany)
    }
    loading = false
  }

  return (key) =>
    new Promise((resolve, reject) => {
      waiting.push({ key, resolve, reject })
      if (!loading) void loadAll()
    })
}

/**
 * The same in lanes: who asks in one waits for no load of another, and no load is for two of them. A lane is there
 * while somebody is in it.
 */
export function loadTogetherInLanes<K, V>(
  loadMany: LoadMany<K, V>,
  keysMax: number,
): (lane: string, key: K) => Promise<V> {
  const lanes = new Map<string, { readonly load: (key: K) => Promise<V>; inside: number }>()
  return async (name, key) => {
    const lane = lanes.get(name) ?? { load: loadTogether(loadMany, keysMax), inside: 0 }
    lanes.set(name, lane)
    lane.inside += 1
    try {
      return await lane.load(key)
    } finally {
      lane.inside -= 1
      if (lane.inside === 0) lanes.delete(name)
    }
  }
}

/**
 * Lets those who ask about the same thing at the same time share one look at it. Each is told of a look that began
 * after they asked, so nothing is older than it would be for one alone.
 */
export function sharedLook<V>(look: (id: string) => Promise<V>, askersMax: number): (id: string) => Promise<V> {
  const looks = loadTogetherInLanes<string, V>(async (ids) => {
    const [id] = ids
    if (id === undefined) return []
    const seen = await look(id)
    return ids.map(() => seen)
  }, askersMax)
  return (id) => looks(id, id)
}

/** Never throws: each asker is told by itself. */
async function loadFor<K, V>(askers: readonly Asker<K, V>[], loadMany: LoadMany<K, V>): Promise<void> {
  try {
    const values = await loadMany(askers.map(({ key }) => key))
    if (values.length !== askers.length) throw new RangeError('a load that answers for others than were asked for')
    for (const [index, { resolve }] of askers.entries()) resolve(values[index] as V) // as many as askers, see above
  } catch (error) {
    for (const { reject } of askers) reject(error)
  }
}
