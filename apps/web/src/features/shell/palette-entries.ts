/** Something that the palette reaches. */
export interface PaletteEntry {
  readonly name: string
  readonly kind: string
  /** Words that it is found by beside those shown, such as an address. */
  readonly also?: string
}

/** More than this nobody reads: another letter narrows it down. */
const shownMax = 12

/**
 * Lower is better; null when not every word is found. A name that begins with the text comes before one that only holds
 * it.
 */
function rankOf({ name, kind, also = '' }: PaletteEntry, words: readonly string[]): number | null {
  const text = `${name} ${kind} ${also}`.toLowerCase()
  if (!words.every((word) => text.includes(word))) return null
  const first = words[0] ?? ''
  if (name.toLowerCase().startsWith(first)) return 0
  return text.split(/[\s·-]+/).some((part) => part.startsWith(first)) ? 1 : 2
}

/** Entries that hold every word typed, best first, in their own order otherwise. */
export function filterEntries<T extends PaletteEntry>(entries: readonly T[], typed: string): readonly T[] {
  const words = typed
    .toLowerCase()
    .split(/\s+/)
    .filter((word) => word !== '')
  const ranked = entries.flatMap((entry) => {
    const rank = rankOf(entry, words)
    return rank === null ? [] : [{ entry, rank }]
  })
  return ranked
    .toSorted((a, b) => a.rank - b.rank)
    .slice(0, shownMax)
    .map(({ entry }) => entry)
}

/** Shorter than this finds half of everybody. */
const searchedCharactersMin = 2

/** What of a text to look for on the server: its last word, since people name the thing last; null: nothing yet. */
export function searchedWord(typed: string): string | null {
  const last = typed.trim().split(/\s+/).at(-1) ?? ''
  return last.length < searchedCharactersMin ? null : last
}
