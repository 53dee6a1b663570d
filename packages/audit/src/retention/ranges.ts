/** The first and last place of a row of places without a gap. */
export type Range = readonly [first: number, last: number]

/** Places in the tree as text, such as `0-99,103`: short where they follow one another, as old entries do. */
export function rangesOf(places: readonly number[]): string {
  const ranges: [number, number][] = []
  for (const place of places.toSorted((a, b) => a - b)) {
    const open = ranges.at(-1)
    if (open !== undefined && place === open[1] + 1) open[1] = place
    else ranges.push([place, place])
  }
  return ranges.map(([first, last]) => (first === last ? `${first}` : `${first}-${last}`)).join(',')
}

/** The ranges of such a text. What is none of ours is no range. */
export const readRanges = (text: string): Range[] =>
  text.split(',').flatMap((part): Range[] => {
    const match = /^(\d{1,15})(?:-(\d{1,15}))?$/.exec(part)
    if (match === null) return []
    const first = Number(match[1])
    const last = match[2] === undefined ? first : Number(match[2])
    return last < first ? [] : [[first, last]]
  })

/** Finds the range that a place is in, with what belongs to it; ranges do not overlap. */
export function findIn<T>(ranges: readonly (readonly [Range, T])[]): (place: number) => T | null {
  const sorted = ranges.toSorted(([[a]], [[b]]) => a - b)
  return (place) => {
    let [low, high] = [0, sorted.length]
    while (low < high) {
      const middle = (low + high) >>> 1
      if ((sorted[middle]?.[0][0] ?? Infinity) <= place) low = middle + 1
      else high = middle
    }
    const found = sorted[low - 1] // the last that begins at or before the place
    return found !== undefined && place <= found[0][1] ? found[1] : null
  }
}
