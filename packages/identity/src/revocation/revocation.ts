import type { Handler } from '@gatehouse/enforcement'
import { remindOfExpiring } from '../api-token/remind-of-expiring.ts'
import type { HandlerDeps } from '../deps.ts'
import { pruneIdentity } from '../prune.queries.ts'
import { selectRevocationStats } from './revocation.queries.ts'

/** Says how long the list of revoked access tokens is. */
export const revocationStats =
  ({ db, clock }: HandlerDeps): Handler<'revocation.stats'> =>
  () =>
    selectRevocationStats(db, clock.now())

/**
 * Forgets, for the worker's schedule, what no decision looks at any more, and tells who has tokens that are about to
 * end.
 */
export const revocationPrune =
  (deps: HandlerDeps): Handler<'revocation.prune'> =>
  async (permit) => {
    const { removed } = await deps.change(
      permit,
      async (tx) => ({
        reminded: await remindOfExpiring(tx, deps),
        removed: await pruneIdentity(tx, deps.clock.now()),
      }),
      (done) => ({ detail: { ...done } }),
    )
    return { removed }
  }
