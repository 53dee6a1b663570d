import { resourceTypes } from '@gatehouse/contract'
import { loadTogetherInLanes } from '@gatehouse/kit'
import type { LoadSlice, Slice, Slices } from './slice.ts'

/** As many as come while one is being loaded, on a busy node. */
const askersMax = 64

/**
 * Lets calls about the same thing that come at the same time share one look at it. Each is told of a look that began
 * after it asked, so nothing is older than it would be alone.
 */
export const sharedSlices = <Db>(slices: Slices<Db>): Slices<Db> =>
  // fromEntries forgets the types, which are all that there are
  Object.fromEntries(resourceTypes.map((type) => [type, shared<Db>((db, id) => slices[type](db, id))])) as Slices<Db>

function shared<Db>(load: LoadSlice<Db>): LoadSlice<Db> {
  const looks = loadTogetherInLanes<{ readonly db: Db; readonly id: string }, Slice | null>(async (asked) => {
    const [first] = asked
    if (first === undefined) return []
    const slice = await load(first.db, first.id)
    return asked.map(() => slice)
  }, askersMax)
  return (db, id) => looks(id, { db, id })
}
