import type { Wire } from '@gatehouse/contract'

type Simulation = Wire<'policy.simulate'>

const hourMs = 3_600_000

/** How far back recorded decisions are made again, and in how many parts: between two of them it can be stopped. */
export const periods = {
  '1h': { ms: hourMs, parts: 1, words: 'last hour' },
  '24h': { ms: 24 * hourMs, parts: 4, words: 'last 24 hours' },
  '7d': { ms: 168 * hourMs, parts: 7, words: 'last 7 days' },
  '30d': { ms: 720 * hourMs, parts: 10, words: 'last 30 days' },
} as const
/** A period of the list. */
export type Period = keyof typeof periods

/** True for a period of the list. */
export const isPeriod = (text: string | undefined): text is Period => text !== undefined && Object.hasOwn(periods, text)

/** A stretch of time, both ends of which count. */
export interface Stretch {
  readonly from: string
  readonly to: string
}

/** A period as stretches, the newest first. No moment is in two of them: times of the audit log are milliseconds. */
export function stretchesOf(period: Period, now: number): readonly Stretch[] {
  const { ms, parts } = periods[period]
  const length = ms / parts
  const iso = (at: number): string => new Date(at).toISOString()
  return Array.from({ length: parts }, (_, index) => {
    const end = now - index * length
    return { from: iso(end - length + (index + 1 < parts ? 1 : 0)), to: iso(end) }
  })
}

/** Flips that are kept of all parts; the server keeps some thousands of each. */
const flipsMax = 5000

/** What two parts came to, together. */
export function joined(one: Simulation | null, two: Simulation): Simulation {
  if (one === null) return two
  const principals = new Map(one.principals.map((entry) => [keyOf(entry), entry]))
  for (const entry of two.principals) {
    const known = principals.get(keyOf(entry))
    principals.set(keyOf(entry), {
      principal: entry.principal,
      gains: entry.gains + (known?.gains ?? 0),
      losses: entry.losses + (known?.losses ?? 0),
    })
  }
  return {
    policyVersion: two.policyVersion,
    decisions: one.decisions + two.decisions,
    notReplayable: one.notReplayable + two.notReplayable,
    flipped: one.flipped + two.flipped,
    principals: [...principals.values()].toSorted((a, b) => b.gains + b.losses - a.gains - a.losses),
    flips: [...one.flips, ...two.flips].slice(0, flipsMax),
  }
}

const keyOf = ({ principal }: Simulation['principals'][number]): string => `${principal.type} ${principal.id}`
