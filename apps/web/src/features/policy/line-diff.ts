/** A line of two texts beside one another; numbers begin at 1. */
export interface DiffLine {
  readonly kind: 'same' | 'removed' | 'added'
  readonly text: string
  readonly before: number | null
  readonly after: number | null
}

/** Lines that follow one another. */
export type Hunk = readonly DiffLine[]

/** A file that is another in two policy sets. */
export interface FileChange {
  readonly path: string
  readonly kind: 'added' | 'removed' | 'changed'
  readonly added: number
  readonly removed: number
  readonly hunks: readonly Hunk[]
}

/** A file of a policy set. */
export interface PolicyFile {
  readonly path: string
  readonly text: string
}

/** Larger tables than this would hold the page up; what is beyond is shown as removed and added whole. */
const cellsMax = 4_000_000

/** Lines of the longest common subsequence, as pairs of places. */
function commonPairs(before: readonly string[], after: readonly string[]): readonly (readonly [number, number])[] {
  const width = after.length + 1
  if ((before.length + 1) * width > cellsMax) return []
  const lengths = new Uint32Array((before.length + 1) * width)
  for (let i = before.length - 1; i >= 0; i -= 1)
    for (let j = after.length - 1; j >= 0; j -= 1)
      lengths[i * width + j] =
        before[i] === after[j]
          ? (lengths[(i + 1) * width + j + 1] ?? 0) + 1
          : Math.max(lengths[(i + 1) * width + j] ?? 0, lengths[i * width + j + 1] ?? 0)
  const pairs: (readonly [number, number])[] = []
  let [i, j] = [0, 0]
  while (i < before.length && j < after.length) {
    if (before[i] === after[j]) pairs.push([i++, j++])
    else if ((lengths[(i + 1) * width + j] ?? 0) >= (lengths[i * width + j + 1] ?? 0)) i += 1
    else j += 1
  }
  return pairs
}

const linesOf = (text: string): readonly string[] => (text === '' ? [] : text.replace(/\n$/, '').split('\n'))

/** How many lines two lists have in common at their beginning. */
function sharedStart(one: readonly string[], two: readonly string[]): number {
  let count = 0
  while (count < one.length && count < two.length && one[count] === two[count]) count += 1
  return count
}

/** Every line of two texts: those that stay, and what was taken out and put in. */
export function diffLines(before: string, after: string): readonly DiffLine[] {
  const [one, two] = [linesOf(before), linesOf(after)]
  const start = sharedStart(one, two)
  const end = sharedStart(one.slice(start).toReversed(), two.slice(start).toReversed())
  const middle = commonPairs(one.slice(start, one.length - end), two.slice(start, two.length - end))
  const pairs = [
    ...Array.from({ length: start }, (_, index) => [index, index] as const),
    ...middle.map(([i, j]) => [i + start, j + start] as const),
    ...Array.from({ length: end }, (_, index) => [one.length - end + index, two.length - end + index] as const),
    [one.length, two.length] as const,
  ]
  const lines: DiffLine[] = []
  let [i, j] = [0, 0]
  for (const [nextI, nextJ] of pairs) {
    for (; i < nextI; i += 1) lines.push({ kind: 'removed', text: one[i] ?? '', before: i + 1, after: null })
    for (; j < nextJ; j += 1) lines.push({ kind: 'added', text: two[j] ?? '', before: null, after: j + 1 })
    const text = one[i]
    if (text === undefined) break
    lines.push({ kind: 'same', text, before: i + 1, after: j + 1 })
    i += 1
    j += 1
  }
  return lines
}

/** Lines that stay and are shown around each change. */
const contextLines = 3

/** The changed places of a text, each with a few lines around it. */
export function hunksOf(lines: readonly DiffLine[]): readonly Hunk[] {
  const shown = lines.map((_, index) =>
    lines.slice(Math.max(0, index - contextLines), index + contextLines + 1).some(({ kind }) => kind !== 'same'),
  )
  const hunks: DiffLine[][] = []
  for (const [index, line] of lines.entries()) {
    if (shown[index] !== true) continue
    if (shown[index - 1] === true) hunks.at(-1)?.push(line)
    else hunks.push([line])
  }
  return hunks
}

/** Which files are others in two policy sets, and where, by path. */
export function fileChanges(before: readonly PolicyFile[], after: readonly PolicyFile[]): readonly FileChange[] {
  const [old, now] = [byPath(before), byPath(after)]
  return [...new Set([...old.keys(), ...now.keys()])].toSorted().flatMap((path) => {
    const [one, two] = [old.get(path), now.get(path)]
    if (one === two) return []
    const lines = diffLines(one ?? '', two ?? '')
    const count = (kind: DiffLine['kind']): number => lines.filter((line) => line.kind === kind).length
    return [{ path, kind: kindOf(one, two), added: count('added'), removed: count('removed'), hunks: hunksOf(lines) }]
  })
}

const byPath = (files: readonly PolicyFile[]): ReadonlyMap<string, string> =>
  new Map(files.map(({ path, text }) => [path, text]))

function kindOf(before: string | undefined, after: string | undefined): FileChange['kind'] {
  if (before === undefined) return 'added'
  return after === undefined ? 'removed' : 'changed'
}
