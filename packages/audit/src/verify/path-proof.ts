import { nodeHashOf, sameHash } from './hash.ts'
import { subtreesOf } from './subtrees.ts'

/**
 * A node of a tree (RFC 6962 §2.1): the leaves from `position` × 2^`level` on, 2^`level` of them or as many as the
 * tree has.
 */
export interface NodePlace {
  readonly level: number
  readonly position: number
}

// Sizes go beyond 32 bits, where JavaScript's bit operations stop.
const half = (n: number): number => Math.floor(n / 2)
const siblingOf = (position: number): number => (position % 2 === 0 ? position + 1 : position - 1)

/**
 * What the proof of a leaf holds for whoever has just been shown that of the leaf `before`: the siblings on its way up,
 * until both ways meet. Null: nothing was shown, and the way leads to the root.
 */
export function siblingsAfter(before: number | null, index: number, size: number): NodePlace[] {
  const places: NodePlace[] = []
  let [at, last, shown] = [index, size - 1, before]
  for (let level = 0; last > 0 && !(shown !== null && half(at) === half(shown)); level += 1) {
    if (siblingOf(at) <= last) places.push({ level, position: siblingOf(at) })
    ;[at, last, shown] = [half(at), half(last), shown === null ? null : half(shown)]
  }
  return places
}

/** Checks proofs of one tree, each on top of the one before. */
export interface PathChecker {
  /** True when the hashes lead from the leaf to the root, and are no more than `siblingsAfter` says. */
  check(claim: { readonly index: number; readonly leaf: Uint8Array; readonly hashes: readonly Uint8Array[] }): boolean
  /**
   * The hashes of the subtrees that an earlier tree of the size that was given consists of, largest first; null while
   * not all of them have been on the way of a leaf.
   */
  earlier(): readonly Uint8Array[] | null
}

/** What is known of one level on the way of the leaf before: its own node, and the one beside it. */
interface KnownLevel {
  readonly own: Uint8Array
  readonly beside: Uint8Array | null
}

/**
 * A checker that keeps the way of one leaf: it needs as much memory for a billion leaves as for one. `earlierSize`: of
 * which earlier tree the subtrees are looked out for.
 */
export function createPathChecker({
  size,
  root,
  earlierSize = 0,
}: {
  readonly size: number
  readonly root: Uint8Array
  readonly earlierSize?: number
}): PathChecker {
  const lookout = subtreeLookout(earlierSize)
  let known: KnownLevel[] = []
  let before: number | null = null

  const keep = (index: number, way: readonly KnownLevel[]): void => {
    for (const [level, nodes] of way.entries()) lookout.see(level, Math.floor(index / 2 ** level), nodes)
    known = [...way, ...known.slice(way.length)]
    before = index
  }
  return {
    check: ({ index, leaf, hashes }) => {
      if (!Number.isSafeInteger(index) || index < 0 || index >= size) return false
      const climbed = climb({ index, leaf, hashes, size, before })
      if (climbed === null) return false
      const { way, node, met } = climbed
      if (met === null) {
        if (!sameHash(node, root)) return false
        keep(index, way)
        return true
      }
      const level = known[way.length]
      const expected = met === 'own' ? level?.own : level?.beside
      if (level === undefined || expected === undefined || expected === null || !sameHash(node, expected)) return false
      keep(index, [...way, { own: expected, beside: met === 'own' ? level.beside : level.own }])
      return true
    },
    earlier: lookout.found,
  }
}

interface Climb {
  readonly index: number
  readonly leaf: Uint8Array
  readonly hashes: readonly Uint8Array[]
  readonly size: number
  readonly before: number | null
}

/**
 * Goes up from a leaf to where the way of the leaf before is met, there itself or beside it; `met` null: to the root.
 * Null: there are too few hashes, or too many.
 */
function climb({ index, leaf, hashes, size, before }: Climb) {
  const way: KnownLevel[] = []
  let [at, last, shown, node, used] = [index, size - 1, before, leaf, 0]
  for (; last > 0; [at, last, shown] = [half(at), half(last), shown === null ? null : half(shown)]) {
    if (shown !== null && half(at) === half(shown))
      return used === hashes.length ? { way, node, met: at === shown ? ('own' as const) : ('beside' as const) } : null
    const beside: Uint8Array | null = siblingOf(at) <= last ? (hashes[used] ?? null) : null
    if (siblingOf(at) <= last) {
      if (beside === null) return null
      used += 1
    }
    way.push({ own: node, beside })
    if (beside !== null) node = at % 2 === 0 ? nodeHashOf(node, beside) : nodeHashOf(beside, node)
  }
  way.push({ own: node, beside: null })
  return used === hashes.length ? { way, node, met: null } : null
}

/** Keeps the hashes of the subtrees that the first `size` leaves are made of, when they come by: one for each level. */
function subtreeLookout(size: number) {
  const wanted = subtreesOf({ from: 0, to: size })
  const found: (Uint8Array | null)[] = wanted.map(() => null)
  const placeOf = new Map(wanted.map(({ level }, place) => [level, place]))
  return {
    see: (level: number, position: number, { own, beside }: KnownLevel): void => {
      const place = placeOf.get(level)
      const index = wanted[place ?? -1]?.index
      if (place === undefined || index === undefined || found[place] !== null) return
      if (index === position) found[place] = own
      else if (beside !== null && index === siblingOf(position)) found[place] = beside
    },
    found: (): readonly Uint8Array[] | null => {
      const all = found.filter((hash) => hash !== null)
      return all.length === found.length ? all : null
    },
  }
}
