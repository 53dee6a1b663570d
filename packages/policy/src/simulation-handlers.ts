import { parsePeriod, recordedDecisions, type Change, type SubjectKeys } from '@gatehouse/audit'
import type { Store } from '@gatehouse/database'
import { heavyMillisecondsMax, type Clock, type Handler } from '@gatehouse/enforcement'
import { createTurns } from '@gatehouse/kit'
import { candidateOf } from './candidate.ts'
import type { PolicyEngine } from './policy-engine.ts'
import { createSlots, preparePolicySet } from './prepared-set.ts'
import { simulate } from './simulate.ts'
import { createSimulationProgress, type SimulationProgress } from './simulation-progress.ts'

export interface SimulationHandlerDeps {
  readonly engine: PolicyEngine
  /** Where a whole audit log may be read: its statements take long, and hold no connection that calls wait for. */
  readonly records: Store
  readonly subjectKeys: SubjectKeys
  readonly change: Change
  readonly clock: Clock
}

/**
 * What tries other policies on the past. One candidate at a time lies in the engine, which frees no place it ever took.
 */
export function simulationHandlers(deps: SimulationHandlerDeps): {
  readonly 'policy.simulate': Handler<'policy.simulate'>
  readonly 'policy.simulationWatch': Handler<'policy.simulationWatch'>
} {
  const progress = createSimulationProgress()
  return {
    'policy.simulate': simulatePolicies(deps, progress),
    'policy.simulationWatch': ({ principal }) => progress.watch(principal.id),
  }
}

/** Clients and proxies wait so long for an answer, and no longer; many say that they have gone. */
function givenUpBy(gone: AbortSignal | null): AbortSignal {
  const late = AbortSignal.timeout(heavyMillisecondsMax)
  return gone === null ? late : AbortSignal.any([gone, late])
}

function simulatePolicies(deps: SimulationHandlerDeps, progress: SimulationProgress): Handler<'policy.simulate'> {
  const [slots, turns] = [createSlots(), createTurns()]
  return async (permit) => {
    const { input } = permit
    const now = deps.clock.now()
    const { from = now, to = now } = parsePeriod(input, now)
    const filters = { from, to: to < now ? to : now }
    const set = await candidateOf(deps.engine, input.files)
    const { records, subjectKeys } = deps
    const running = progress.begin(permit.principal.id, filters.to)
    const givenUp = givenUpBy(permit.call.signal ?? null)
    const found = await turns
      .take(() =>
        simulate(preparePolicySet({ set, slots }), recordedDecisions({ db: records, subjectKeys }, filters), {
          reached: running.reached,
          givenUp,
        }),
      )
      .finally(running.end)
    const answer = { policyVersion: set.version, ...found }
    const { decisions, flipped, notReplayable } = answer
    await deps.change(
      permit,
      () => Promise.resolve(),
      () => ({ detail: { candidate: set.version, decisions, flipped, notReplayable } }),
    )
    return answer
  }
}
