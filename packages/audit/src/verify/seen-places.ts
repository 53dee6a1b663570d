/** Leaves from `from` up to, and not with, `to`. */
interface Stretch {
  readonly from: number
  readonly to: number
}

/** Which places of the log have come by. */
export interface SeenPlaces {
  /** False: it came before, or places come so much out of order that they cannot be kept in mind. */
  add(index: number): boolean
  /** Stretches below a size that did not come. */
  missing(size: number, limit: number): readonly Stretch[]
}

/** Rows come nearly in the order of their places: entries of the same moment may have changed places, and no others. */
const stretchesMax = 100_000

/** Keeps stretches and not places: for rows that are nearly in order it needs next to no memory. */
export function seenPlaces(): SeenPlaces {
  const stretches: { from: number; to: number }[] = []
  /** Where the first stretch is that ends behind a place. */
  const search = (index: number): number => {
    let [low, high] = [0, stretches.length]
    while (low < high) {
      const middle = (low + high) >>> 1
      if ((stretches[middle]?.to ?? 0) <= index) low = middle + 1
      else high = middle
    }
    return low
  }
  return {
    add: (index) => {
      const place = search(index)
      const [before, next] = [stretches[place - 1], stretches[place]]
      if (next !== undefined && next.from <= index) return false
      const [touchesBefore, touchesNext] = [before?.to === index, next?.from === index + 1]
      if (before !== undefined && next !== undefined && touchesBefore && touchesNext) {
        before.to = next.to
        stretches.splice(place, 1)
      } else if (before !== undefined && touchesBefore) before.to = index + 1
      else if (next !== undefined && touchesNext) next.from = index
      else if (stretches.length >= stretchesMax) return false
      else stretches.splice(place, 0, { from: index, to: index + 1 })
      return true
    },
    missing: (size, limit) => {
      const gaps: Stretch[] = []
      let next = 0
      for (const { from, to } of [...stretches, { from: size, to: size }]) {
        if (from > next && gaps.length < limit) gaps.push({ from: next, to: from })
        next = to
      }
      return gaps
    },
  }
}
