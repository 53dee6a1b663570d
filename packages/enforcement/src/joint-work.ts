import { Refusal } from '@gatehouse/contract'
import { loadTogetherInLanes } from '@gatehouse/kit'
import type { AnyPermit } from './permit.ts'
import { apiTokenOf, CallerMovedError } from './principal.ts'

/** A call that is allowed. */
export interface PermittedCall {
  readonly permit: Pick<AnyPermit, 'principal' | 'slice'>
}

/** Calls of one piece of work: as many as one caller may have on their way, and some more. */
const callsMax = 32

/**
 * Does small calls of one session on one thing together: those that come while such work is under way are the next one.
 * Most of what such a call costs is a transaction, and all of them need but one. Nobody waits for another caller's.
 * What is refused to all may be one call's fault, or that one came with an older look at its caller, so each is then
 * done by itself and hears what is its own.
 */
export function createJointWork<Call extends PermittedCall, Result>(
  work: (calls: readonly Call[]) => Promise<readonly Result[]>,
): (call: Call) => Promise<Result> {
  const together = loadTogetherInLanes<Call, PromiseSettledResult<Result>>((calls) => doneEach(calls, work), callsMax)
  return async (call) => {
    const settled = await together(laneOf(call), call)
    if (settled.status === 'rejected') throw settled.reason
    return settled.value
  }
}

/** By whom, by what they are proved, and on what: what is made for them may end with their session. */
const laneOf = ({ permit: { principal, slice } }: PermittedCall): string =>
  JSON.stringify([
    principal.type,
    principal.id,
    principal.type === 'User' ? principal.session.id : apiTokenOf(principal)?.id,
    slice?.resource,
  ])

async function doneEach<Call, Result>(
  calls: readonly Call[],
  work: (calls: readonly Call[]) => Promise<readonly Result[]>,
): Promise<PromiseSettledResult<Result>[]> {
  try {
    return (await work(calls)).map((value) => ({ status: 'fulfilled', value }))
  } catch (reason) {
    const isOfOne = reason instanceof Refusal || reason instanceof CallerMovedError
    if (!isOfOne || calls.length === 1) return calls.map(() => ({ status: 'rejected', reason }))
    return (await Promise.all(calls.map((call) => doneEach([call], work)))).flat()
  }
}
