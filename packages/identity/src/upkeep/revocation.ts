import type { Handler } from '@gatehouse/enforcement'
import { remindOfExpiring } from '../programs/api-token/remind-of-expiring.ts'
import type { HandlerDeps } from '../shared/deps.ts'
import { pruneIdentity, pruneRowsMax } from './prune.queries.ts'
import { selectRevocationStats } from './revocation.queries.ts'

/** Says how long the list of revoked access tokens is. */
export const revocationStats =
  ({ db, clock }: HandlerDeps): Handler<'revocation.stats'> =>
  () =>
    selectRevocationStats(db, clock.now())

/** So many slices in one call, which is then over within a minute. What is left is the next call's. */
const slicesMax = 100

/**
 * Forgets, for the worker's schedule, what no decision looks at any more, and tells who has tokens that are about to
 * end. In slices, each a transaction with its entry: the first call after a long absence holds nothing for long.
 */
export const revocationPrune =
  (deps: HandlerDeps): Handler<'revocation.prune'> =>
  async (permit) => {
    const pruneSlice = (): Promise<{ removed: number }> =>
      deps.change(
        permit,
        async (tx) => ({
          reminded: await remindOfExpiring(tx, deps),
          removed: await pruneIdentity(tx, deps.clock.now()),
        }),
        (done) => ({ detail: { ...done } }),
      )
    let total = 0
    for (let slice = 0; slice < slicesMax; slice += 1) {
      const { removed } = await pruneSlice()
      total += removed
      if (removed < pruneRowsMax) break
    }
    return { removed: total }
  }
