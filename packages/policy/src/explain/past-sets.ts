import { Refusal } from '@gatehouse/contract'
import type { Store } from '@gatehouse/database'
import { createTurns } from '@gatehouse/kit'
import { byOneSet } from '../decider.ts'
import type { PolicyEngine } from '../policy-engine.ts'
import { findPolicySet } from '../policy-set.queries.ts'
import { createSlots, type PreparedSet } from '../prepared-set.ts'
import { prepareFiles } from '../rerun-decision.ts'

/** Policy sets that were in force once, to be asked again. */
export interface PastSets {
  /**
   * Does something by the set of a version. One at a time, for of sets of the past one lies in the engine, which frees
   * no place. Refuses as `conflict` where it is not kept.
   */
  by<T>(version: string, work: (prepared: PreparedSet) => Promise<T>): Promise<T>
}

/** One for a process. */
export function createPastSets({
  engine,
  db,
}: {
  readonly engine: Pick<PolicyEngine, 'inForce'>
  readonly db: Store
}): PastSets {
  const [slots, turns] = [createSlots(), createTurns()]
  const preparedOf = async (version: string): Promise<PreparedSet> => {
    const inForce = engine.inForce()
    if (version === inForce.set.version) return inForce
    const kept = await findPolicySet(db, version)
    if (kept === null) throw new Refusal('conflict', { hint: 'the policies that decided then are not kept' })
    return prepareFiles(kept.files, { place: version, slots })
  }
  return { by: (version, work) => turns.take(() => byOneSet(() => preparedOf(version), work)) }
}
