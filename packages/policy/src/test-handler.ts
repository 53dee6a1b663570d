import { invalidField, Refusal, type Input, type Output } from '@gatehouse/contract'
import type { Handler } from '@gatehouse/enforcement'
import { createTurns } from '@gatehouse/kit'
import { createPace } from './access/pace.ts'
import { candidateOf } from './candidate.ts'
import { deciderOn } from './decider.ts'
import { PolicyError } from './policy-problem.ts'
import type { SourceFile } from './policy-source.ts'
import { createSlots, preparePolicySet } from './prepared-set.ts'
import type { SimulationHandlerDeps } from './simulation-handlers.ts'
import { runSuites } from './suites.ts'

/** Half of what a turn may take. */
const decisionsPerTurn = 50

/** The handler of `policy.test`. One candidate at a time lies in the engine, which frees no place it ever took. */
export function testPolicies(deps: SimulationHandlerDeps): Handler<'policy.test'> {
  const [slots, turns] = [createSlots(), createTurns()]

  const run = async (input: Input<'policy.test'>): Promise<Output<'policy.test'>> => {
    const { files } = input
    const prepared =
      files === undefined
        ? deps.engine.inForce()
        : preparePolicySet({ set: await candidateOf(deps.engine, files), slots })
    const { step } = createPace(decisionsPerTurn)
    const results = await runSuites(deciderOn(prepared), await suitesFor(deps, input), step)
    const cases = results.map(({ file, name, difference }) => ({ file, name, passed: difference === null, difference }))
    const failed = cases.filter(({ passed }) => !passed).length
    return { policyVersion: prepared.set.version, passed: cases.length - failed, failed, cases }
  }

  return async (permit) => {
    const answer = await turns.take(() => run(permit.input).catch((error: unknown) => refuse(error, permit.input)))
    const { policyVersion: version, passed, failed } = answer
    await deps.change(
      permit,
      () => Promise.resolve(),
      () => ({ detail: { version, passed, failed } }),
    )
    return answer
  }
}

/** Those that are given, or those that lie beside the policies of this node. */
const suitesFor = (
  { engine }: SimulationHandlerDeps,
  { suites }: Input<'policy.test'>,
): Promise<readonly SourceFile[]> =>
  suites === undefined
    ? engine.suites()
    : Promise.resolve(suites.map(({ path, text }): SourceFile => ({ file: path, text })))

/** What somebody gave is theirs to mend; what lies on the server is not, and may be half written at this moment. */
function refuse(error: unknown, { suites }: Input<'policy.test'>): never {
  if (!(error instanceof PolicyError)) throw error
  if (suites !== undefined) throw invalidField('suites', `suites of cases: ${error.message}`)
  throw new Refusal('unavailable', {
    hint: `cases beside the server's policies cannot be run: ${error.message}; if they are being changed, try again`,
  })
}
