/** A look at a caller is worked by for no longer, although each entry proves it again (ADR 091). */
const knownMillisecondsMax = 1000
/** Tokens known at once: more than call within that time. */
const tokensMax = 10_000

/** What a look at a caller has shown, by the id of the token that they called with; for a moment. */
export interface ProvedLately<T> {
  note(tokenId: string, shown: T): void
  /** Null: nobody has looked, or longer ago. */
  find(tokenId: string): T | null
}

export function provedLately<T>(): ProvedLately<T> {
  const known = new Map<string, { readonly shown: T; readonly at: number }>()
  const isOver = (at: number): boolean => performance.now() - at >= knownMillisecondsMax
  /** The oldest stand first. */
  const forget = (): void => {
    for (const [tokenId, { at }] of known) {
      if (!isOver(at) && known.size <= tokensMax) return
      known.delete(tokenId)
    }
  }
  return {
    note: (tokenId, shown) => {
      known.delete(tokenId)
      known.set(tokenId, { shown, at: performance.now() })
      forget()
    },
    find: (tokenId) => {
      const one = known.get(tokenId)
      return one === undefined || isOver(one.at) ? null : one.shown
    },
  }
}
