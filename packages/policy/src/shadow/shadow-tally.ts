import { hash } from 'node:crypto'
import type { Decision, EntityUid } from '@gatehouse/enforcement'
import type { ShadowVerdict } from './shadow-decider.ts'

/** A decision as it was made, under which entry it stands, and when. */
export interface MadeDecision {
  readonly entryId: string
  readonly at: Date
  readonly principal: EntityUid
  readonly action: string
  readonly decision: Pick<Decision, 'effect' | 'policies'>
}

/** Decisions of one kind that the shadow set makes otherwise. */
export interface ShadowFlip {
  /** The hash of what makes the kind: a list of policies is longer than an index takes. */
  readonly kind: string
  readonly would: 'allow' | 'deny'
  readonly policies: readonly string[]
  readonly wasPolicies: readonly string[]
  readonly errors: readonly string[]
  readonly action: string
  readonly principal: EntityUid
  readonly count: number
  readonly firstAt: Date
  readonly lastAt: Date
  readonly exampleId: string
}

const uncounted = { decided: 0, dropped: 0, errored: 0, newlyAllowed: 0, newlyDenied: 0, unlisted: 0 }

/** What was counted. */
export type ShadowCounts = Readonly<typeof uncounted>

/** What was counted since it was taken last. */
export interface ShadowTaken {
  readonly counts: ShadowCounts
  readonly flips: readonly ShadowFlip[]
}

/** Counts what a shadow set does, in bounded memory. */
export interface ShadowTally {
  note(made: MadeDecision, verdict: ShadowVerdict): void
  dropped(decisions: number): void
  /** What was counted since the last time; it begins anew. */
  take(): ShadowTaken
  /** What could not be written is counted on. */
  giveBack(taken: ShadowTaken): void
  /** All that was counted since it was made. */
  total(): ShadowCounts
}

/** Kinds that one node holds between two writes; flips of more kinds are counted alone. */
const kindsMax = 2_000
/** Policies that one kind names. */
const namedMax = 20

/** Begins to count. */
export function createShadowTally(): ShadowTally {
  let counts: ShadowCounts = uncounted
  let total: ShadowCounts = uncounted
  const flips = new Map<string, ShadowFlip>()
  const count = (more: Partial<ShadowCounts>): void => {
    counts = sumOf(counts, more)
    total = sumOf(total, more)
  }
  const keep = (flip: ShadowFlip): void => {
    const known = flips.get(flip.kind)
    if (known !== undefined) flips.set(flip.kind, joined(known, flip))
    else if (flips.size < kindsMax) flips.set(flip.kind, flip)
    else count({ unlisted: flip.count })
  }
  return {
    note: (made, verdict) => {
      count({ decided: 1, errored: verdict.errors.length > 0 ? 1 : 0 })
      if (verdict.effect === made.decision.effect) return
      count(verdict.effect === 'allow' ? { newlyAllowed: 1 } : { newlyDenied: 1 })
      keep(flipOf(made, verdict))
    },
    dropped: (decisions) => count({ dropped: decisions }),
    take: () => {
      const taken = { counts, flips: [...flips.values()] }
      counts = uncounted
      flips.clear()
      return taken
    },
    giveBack: (taken) => {
      counts = sumOf(counts, taken.counts)
      for (const flip of taken.flips) keep(flip)
    },
    total: () => total,
  }
}

const sumOf = (one: ShadowCounts, more: Partial<ShadowCounts>): ShadowCounts => ({
  decided: one.decided + (more.decided ?? 0),
  dropped: one.dropped + (more.dropped ?? 0),
  errored: one.errored + (more.errored ?? 0),
  newlyAllowed: one.newlyAllowed + (more.newlyAllowed ?? 0),
  newlyDenied: one.newlyDenied + (more.newlyDenied ?? 0),
  unlisted: one.unlisted + (more.unlisted ?? 0),
})

const joined = (one: ShadowFlip, two: ShadowFlip): ShadowFlip => ({
  ...one,
  count: one.count + two.count,
  firstAt: one.firstAt < two.firstAt ? one.firstAt : two.firstAt,
  lastAt: one.lastAt > two.lastAt ? one.lastAt : two.lastAt,
})

function flipOf({ entryId, at, principal, action, decision }: MadeDecision, verdict: ShadowVerdict): ShadowFlip {
  const parts = {
    would: verdict.effect,
    policies: named(verdict.policies),
    wasPolicies: named(decision.policies),
    errors: named(verdict.errors),
    action,
    principal,
  }
  const kind = hash('sha256', JSON.stringify(parts))
  return { kind, ...parts, count: 1, firstAt: at, lastAt: at, exampleId: entryId }
}

const named = (policies: readonly string[]): string[] => policies.toSorted().slice(0, namedMax)
