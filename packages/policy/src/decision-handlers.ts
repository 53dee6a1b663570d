import {
  findRecordedDecision,
  parsePeriod,
  searchDecisions,
  type RecordedDecision,
  type SubjectKeys,
  type Unreplayable,
} from '@gatehouse/audit'
import { decodeUuidCursor, pageOf, Refusal, type Input, type Output } from '@gatehouse/contract'
import type { Store } from '@gatehouse/database'
import type { Clock, Directory, Handler, HandlersOf } from '@gatehouse/enforcement'
import { findPolicySet } from './policy-set.queries.ts'

export interface DecisionHandlersDeps {
  readonly db: Store
  readonly subjectKeys: SubjectKeys
  readonly clock: Clock
  readonly directory: Pick<Directory<Store>, 'findUserId'>
}

type Listed = Output<'decision.list'>['items'][number]

/** The handlers of `decision.*`. */
export const decisionHandlers = (deps: DecisionHandlersDeps): HandlersOf<'decision'> => ({
  'decision.list': list(deps),
  'decision.get': get(deps),
})

const list =
  (deps: DecisionHandlersDeps): Handler<'decision.list'> =>
  async ({ input }) => {
    const decisions = await searchDecisions(deps, {
      filters: await filtersOf(deps, input),
      after: input.after === undefined ? null : decodeUuidCursor(input.after),
      limit: input.first + 1,
    })
    return pageOf(decisions.map(listed), input.first, (item) => [item.at, item.id])
  }

async function filtersOf(
  { db, clock, directory }: DecisionHandlersDeps,
  { actor, action, effect, kinds, policy, from, to }: Input<'decision.list'>,
) {
  const now = clock.now()
  return {
    action,
    effect,
    kinds,
    policy,
    actor: actor === undefined ? undefined : { text: actor, userId: await directory.findUserId(db, actor) },
    ...parsePeriod({ from, to }, now),
  }
}

const listed = (decision: RecordedDecision): Listed => ({
  id: decision.entryId,
  at: decision.at,
  principal: decision.principal,
  action: decision.action,
  resource: decision.resource,
  workspace: decision.workspace,
  outcome: decision.outcome,
  effect: decision.effect,
  policies: [...decision.policies],
  policyVersion: decision.version,
  replayable: 'request' in decision.asked,
})

const get =
  (deps: DecisionHandlersDeps): Handler<'decision.get'> =>
  async ({ slice }) => {
    const decision = slice === null ? null : await findRecordedDecision(deps, slice.resource.id)
    if (decision === null) throw new Refusal('not-found', { hint: 'nothing was decided in this audit entry' })
    const set = await findPolicySet(deps.db, decision.version)
    const missing = 'missing' in decision.asked ? decision.asked.missing : null
    return {
      ...listed(decision),
      replayable: missing === null && set !== null,
      request: 'request' in decision.asked ? JSON.stringify(decision.asked.request) : null,
      missing: missing === null && set !== null ? null : missingWords[missing ?? 'set'],
      files: (set?.files ?? []).map(({ file, text }) => ({ path: file, text })),
      entry: decision.entry,
    }
  }

const missingWords: Readonly<Record<Unreplayable | 'set', string>> = {
  'not-recorded': 'the request was not recorded with this decision',
  'too-long': 'the request was too long to be recorded',
  erased: 'what it knew of the caller was erased',
  set: 'the policies that decided are not kept',
}
