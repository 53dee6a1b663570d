import type { Handler } from '@gatehouse/enforcement'
import type { HandlerDeps } from '../deps.ts'
import { pruneIdentity } from '../prune.queries.ts'
import { selectRevocationStats } from './revocation.queries.ts'

/** Says how long the list of revoked access tokens is. */
export const revocationStats = ({ db, clock }: HandlerDeps): Handler<'revocation.stats'> => () => selectRevocationStats(db, clock.now())

/** Forgets, for the worker's schedule, what no decision looks at any more. */
export const revocationPrune = ({ change, clock }: HandlerDeps): Handler<'revocation.prune'> => (permit) =>
  change(permit, async (tx) => ({ removed: await pruneIdentity(tx, clock.now()) }), ({ removed }) => ({ detail: { removed } }))
