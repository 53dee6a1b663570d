/** What is known of when a session ends. All times are milliseconds since the epoch, on the page's clock. */
export interface SessionTimes {
  /** Its end whatever happens; null: not known. */
  readonly absoluteEnd: number | null
  /** How long it lives unused; null: not known. */
  readonly idleSpanMs: number | null
  /** When a call was last made in it. */
  readonly usedAt: number
  /** When the person last did something, on any tab. */
  readonly activeAt: number
}

export type EndReason = 'idle' | 'absolute'

/** How the session stands: well; in want of a call because the person is at work without one; about to end; over. */
export type SessionStanding =
  | { readonly at: 'well' }
  | { readonly at: 'keep' }
  | { readonly at: 'warn'; readonly why: EndReason; readonly end: number }
  | { readonly at: 'over'; readonly why: EndReason }

/** Long enough to come back from the coffee machine (WCAG 2.2.1 asks for 20 s). */
const idleWarnMs = 2 * 60_000

/** Long enough to finish a form. */
const absoluteWarnMs = 5 * 60_000

/** A call this often keeps a session alive under somebody who types for long. */
const keepShare = 1 / 4

interface End {
  readonly why: EndReason
  readonly end: number
  readonly warnMs: number
}

/**
 * Where the session stands now. What runs in the background keeps nobody in: idle is who has touched neither key nor
 * pointer,
 * however often the page asked for news.
 */
export function standingAt(now: number, { absoluteEnd, idleSpanMs, usedAt, activeAt }: SessionTimes): SessionStanding {
  const ends: readonly End[] = [
    ...(absoluteEnd === null ? [] : [{ why: 'absolute' as const, end: absoluteEnd, warnMs: absoluteWarnMs }]),
    ...(idleSpanMs === null
      ? []
      : [{ why: 'idle' as const, end: activeAt + idleSpanMs, warnMs: Math.min(idleWarnMs, idleSpanMs / 2) }]),
  ].toSorted((a, b) => a.end - b.end)
  for (const { why, end } of ends) if (now >= end) return { at: 'over', why }
  const warned = ends.find(({ end, warnMs }) => now >= end - warnMs)
  if (warned !== undefined) return { at: 'warn', why: warned.why, end: warned.end }
  const wantsCall = idleSpanMs !== null && activeAt > usedAt && now - usedAt > idleSpanMs * keepShare
  return { at: wantsCall ? 'keep' : 'well' }
}
