/** What ends by itself, and may be ended before. */
export interface EndOf {
  /** When it ends by itself. */
  readonly expiresAt: string
  /** When it was ended; null or absent: it was not, or nobody kept when. */
  readonly endedAt?: string | null
  /** It was ended before its time. */
  readonly isOver?: boolean
}

/**
 * What the end of a thing is called at this moment: only what is still to come `Expires`. Null: it was ended before its
 * time and nobody kept when, so that the time which it would have had tells nothing.
 */
export function endName({ expiresAt, endedAt, isOver }: EndOf, now: number): 'Expires' | 'Expired' | 'Ended' | null {
  if (typeof endedAt === 'string') return 'Ended'
  if (isOver === true) return null
  return Date.parse(expiresAt) <= now ? 'Expired' : 'Expires'
}
