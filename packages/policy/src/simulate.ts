import { setImmediate as nextTurn } from 'node:timers/promises'
import type { RecordedDecision } from '@gatehouse/audit'
import { Refusal, type Output } from '@gatehouse/contract'
import type { PreparedSet } from './prepared-set.ts'
import { decideByCandidate, type CandidateVerdict } from './rerun-decision.ts'

type Simulation = Output<'policy.simulate'>
type Flip = Simulation['flips'][number]

/** Flips that one answer lists; beyond it they are counted. As many fit in some megabytes. */
export const flipsMax = 10_000
/** People and programs whose gains and losses are counted by name. */
const principalsMax = 10_000
/**
 * Time in one turn of the event loop, then others have theirs. Decisions are not counted: one by a set of thousands of
 * policies takes as long as twenty by ours.
 */
const turnMilliseconds = 10

/** How far it is told, and until when it is waited for. */
export interface Simulating {
  readonly reached: (at: Date, decisions: number) => void
  /** Aborted when its caller has gone, or has waited as long as anybody does. */
  readonly givenUp: AbortSignal
}

function refuseGivenUp(givenUp: AbortSignal): void {
  if (givenUp.aborted)
    throw new Refusal('unavailable', { hint: 'it took too long; ask for a shorter time, with --from' })
}

/**
 * Makes recorded decisions again by other policies, exactly: Cedar has no clock, so what was asked then is all there
 * is. A request that does not fit the other schema is denied, as it would be. Throws `unavailable` within the turn in
 * which nobody waits for it any more.
 */
export async function simulate(
  candidate: PreparedSet,
  decisions: AsyncIterable<readonly RecordedDecision[]>,
  { reached, givenUp }: Simulating,
): Promise<Omit<Simulation, 'policyVersion'>> {
  refuseGivenUp(givenUp)
  const tally = createTally()
  let counted = 0
  for await (const batch of decisions) {
    refuseGivenUp(givenUp)
    let began = performance.now()
    for (const decision of batch) {
      counted += 1
      if (performance.now() - began > turnMilliseconds) {
        await nextTurn()
        refuseGivenUp(givenUp)
        began = performance.now()
      }
      reached(decision.at, counted)
      if ('missing' in decision.asked) tally.missed()
      else tally.note(decision, decideByCandidate(candidate, decision.asked.request))
    }
  }
  return tally.told()
}

function createTally() {
  const flips: Flip[] = []
  const byPrincipal = new Map<string, Simulation['principals'][number]>()
  let [decisions, flipped, notReplayable] = [0, 0, 0]
  const count = ({ type, id }: Flip['principal'], would: Flip['would']): void => {
    const key = `${type}::${id}`
    const known = byPrincipal.get(key) ?? { principal: { type, id }, gains: 0, losses: 0 }
    if (!byPrincipal.has(key) && byPrincipal.size >= principalsMax) return
    byPrincipal.set(
      key,
      would === 'allow' ? { ...known, gains: known.gains + 1 } : { ...known, losses: known.losses + 1 },
    )
  }
  return {
    missed: () => {
      notReplayable += 1
    },
    note: (decision: RecordedDecision, would: CandidateVerdict) => {
      decisions += 1
      if (would.effect === decision.effect) return
      flipped += 1
      count(decision.principal, would.effect)
      if (flips.length < flipsMax) flips.push(flipOf(decision, would))
    },
    told: (): Omit<Simulation, 'policyVersion'> => ({
      decisions,
      notReplayable,
      flipped,
      principals: [...byPrincipal.values()].sort((one, two) => changesOf(two) - changesOf(one)),
      flips: flips.sort(byWho),
    }),
  }
}

const changesOf = ({ gains, losses }: Simulation['principals'][number]): number => gains + losses

function flipOf(decision: RecordedDecision, would: CandidateVerdict): Flip {
  const { entryId, at, principal, action, resource, effect, policies } = decision
  return {
    entryId,
    at,
    principal,
    action,
    resource,
    was: effect,
    would: would.effect,
    wasBy: [...policies],
    wouldBy: [...would.policies],
    errors: [...would.errors],
  }
}

const nameOf = ({ principal: { type, id } }: Flip): string => `${type}::${id}`

/** By principal, each from the oldest on; a stable sort keeps the order of time. */
function byWho(one: Flip, two: Flip): number {
  const [first, second] = [nameOf(one), nameOf(two)]
  if (first === second) return 0
  return first < second ? -1 : 1
}
