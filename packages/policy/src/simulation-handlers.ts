import { parseWhen, recordedDecisions, type Change, type SubjectKeys } from '@gatehouse/audit'
import { invalidField, operationNames, type Input } from '@gatehouse/contract'
import type { Store } from '@gatehouse/database'
import type { Clock, Handler } from '@gatehouse/enforcement'
import { createTurns } from '@gatehouse/kit'
import { createPolicyChecker } from './policy-checker.ts'
import type { PolicyEngine } from './policy-engine.ts'
import { PolicyError } from './policy-problem.ts'
import type { PolicySet } from './policy-set.ts'
import { sourceOf, type SourceFile } from './policy-source.ts'
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
    const set = await candidateOf(deps.engine, input)
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

/** The set that the files make; without a schema among them, under the one in force. */
async function candidateOf(engine: PolicyEngine, { files }: Input<'policy.simulate'>): Promise<PolicySet> {
  const given = files.map(({ path, text }): SourceFile => ({ file: path, text }))
  const schemas = given.some(({ file }) => isSchema(file)) ? [] : engine.files().filter(({ file }) => isSchema(file))
  const checker = createPolicyChecker()
  try {
    return await checker.check({ source: sourceOf([...schemas, ...given], 'files'), actions: operationNames })
  } catch (error) {
    if (error instanceof PolicyError) throw invalidField('files', `policies that are valid: ${error.message}`)
    throw error
  } finally {
    await checker.close()
  }
}

const isSchema = (file: string): boolean => file.endsWith('.cedarschema')
