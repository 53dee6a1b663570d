import { operations, Refusal, type OperationName } from '@gatehouse/contract'
import { createLanes } from './own-lanes.ts'
import type { Principal } from './principal.ts'

/**
 * What a query may take. Who has waited this long has been told so by every proxy on the way; changes are not cut
 * off, since nobody could say then whether they were made.
 */
export const queryMillisecondsMax = 30_000

/** A heavy query looks at everything there is: a whole audit log takes minutes. */
export const heavyMillisecondsMax = 300_000

/** The one of a person's that runs may take minutes: to ask again at once is no use. */
const retryAfterSeconds = 5

/** Of one person's calls behind those that run: as many as one request may carry. The next is refused. */
export const ownWaitingMax = 20

/** Runs the work of an operation within what its declaration leaves it. */
export type Budget = <T>(asked: Asked, work: () => Promise<T>) => Promise<T>

interface Asked {
  readonly name: OperationName
  readonly principal: Principal
}

/**
 * Heavy operations run one at a time for each person, whichever they are: the next is refused as `rate-limited`, so
 * that twenty aliases of one document are not twenty walks through the audit log. Of those with `ownMax` a few run and
 * a few wait. Queries end with `unavailable` when their time is over; their work keeps its place until it really ends.
 */
export function createBudget(limits = { query: queryMillisecondsMax, heavy: heavyMillisecondsMax }): Budget {
  const running = new Set<string>()
  const inLane = createLanes({ waitingMax: ownWaitingMax, waitMillisecondsMax: limits.query })

  const alone = async <T>(who: string, work: () => Promise<T>): Promise<T> => {
    if (running.has(who))
      throw new Refusal('rate-limited', { retryAfterSeconds, hint: 'another heavy operation of yours is running' })
    running.add(who)
    try {
      return await work()
    } finally {
      running.delete(who)
    }
  }

  return ({ name, principal }, work) => {
    const { heavy, kind, ownMax } = operations[name]
    const who = `${principal.type}:${principal.id}`
    const mine = ownMax === undefined ? work : () => inLane({ key: `${name} ${who}`, width: ownMax }, work)
    const begun = heavy === true ? alone(who, mine) : mine()
    return kind === 'query' ? within(heavy === true ? limits.heavy : limits.query, begun) : begun
  }
}

/** The work if it ends in time. */
function within<T>(milliseconds: number, work: Promise<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    const late = (): void => reject(new Refusal('unavailable', { hint: 'it took too long; ask for less' }))
    const timer = setTimeout(late, milliseconds)
    void work.then(resolve, reject).finally(() => clearTimeout(timer))
  })
}
