import { parseWhen, recordedDecisions, type Change, type SubjectKeys } from '@gatehouse/audit'
import type { Store } from '@gatehouse/database'
import type { Clock, Handler } from '@gatehouse/enforcement'
import { createTurns } from '@gatehouse/kit'
import { candidateOf } from './candidate.ts'
import type { PolicyEngine } from './policy-engine.ts'
import { createSlots, preparePolicySet } from './prepared-set.ts'
import { simulate } from './simulate.ts'

export interface SimulationHandlerDeps {
  readonly engine: PolicyEngine
  /** Where a whole audit log may be read: its statements take long, and hold no connection that calls wait for. */
  readonly records: Store
  readonly subjectKeys: SubjectKeys
  readonly change: Change
  readonly clock: Clock
}

/** The handler of `policy.simulate`. One candidate at a time lies in the engine, which frees no place it ever took. */
export function simulatePolicies(deps: SimulationHandlerDeps): Handler<'policy.simulate'> {
  const [slots, turns] = [createSlots(), createTurns()]
  return async (permit) => {
    const { input } = permit
    const now = deps.clock.now()
    const filters = {
      from: parseWhen('from', input.from, now),
      to: input.to === undefined ? now : parseWhen('to', input.to, now),
    }
    const set = await candidateOf(deps.engine, input.files)
    const { records, subjectKeys } = deps
    const found = await turns.take(() =>
      simulate(preparePolicySet({ set, slots }), recordedDecisions({ db: records, subjectKeys }, filters)),
    )
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
