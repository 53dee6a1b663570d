import { decodeCursor, pageOf, Refusal, type Output } from '@gatehouse/contract'
import type { Change } from '@gatehouse/audit'
import type { Store } from '@gatehouse/database'
import type { Clock, Directory, HandlersOf, Random } from '@gatehouse/enforcement'
import { actionsMetBy } from './facts/actions-met.ts'
import { findPin } from './policy-change.queries.ts'
import { publishHandlers } from './publish-handlers.ts'
import { goneMilliseconds } from './node-journal.ts'
import type { PolicyEngine } from './policy-engine.ts'
import { nodesSeenSince, writeNode } from './policy-node.queries.ts'
import { tellMatrix } from './matrix-handler.ts'
import { PolicyError } from './policy-problem.ts'
import { explainPolicies, type ExplainDeps } from './explain/explain-handler.ts'
import { createPastSets } from './explain/past-sets.ts'
import { whoCould } from './explain/who-could.ts'
import { shadowHandlers } from './shadow/shadow-handlers.ts'
import { evaluatePolicies } from './evaluate/evaluate-handler.ts'
import { testPolicies } from './test-handler.ts'
import { simulationHandlers, type SimulationHandlerDeps } from './simulation-handlers.ts'

export interface PolicyHandlersDeps extends SimulationHandlerDeps, Omit<ExplainDeps, 'pastSets'> {
  readonly engine: PolicyEngine
  readonly db: Store
  readonly change: Change
  readonly clock: Clock
  readonly random: Pick<Random, 'id'>
  readonly directory: Pick<Directory<Store>, 'activePeople'>
}

/** Both ask sets of the past, one at a time. */
function explainHandlers(deps: PolicyHandlersDeps): Pick<HandlersOf<'policy'>, 'policy.explain' | 'policy.whoCould'> {
  const pastSets = createPastSets(deps)
  return {
    'policy.explain': explainPolicies({ ...deps, pastSets }),
    'policy.whoCould': whoCould({ ...deps, pastSets }),
  }
}

type Listed = Output<'policy.list'>['items'][number]

/** The handlers of `policy.*`. */
export const policyHandlers = (deps: PolicyHandlersDeps): HandlersOf<'policy'> => ({
  'policy.list': (permit) => Promise.resolve(pageOfPolicies(deps.engine, permit.input)),
  'policy.status': () => statusOf(deps),
  'policy.reload': async (permit) => {
    await reloaded(deps.engine)
    await deps.change(
      permit,
      (tx) => writeNode(tx, deps.engine.status(), deps.clock.now()),
      () => ({ detail: { version: deps.engine.status().version } }),
    )
    return statusOf(deps)
  },
  ...publishHandlers({ ...deps, status: () => statusOf(deps) }),
  ...shadowHandlers(deps),
  'policy.evaluate': evaluatePolicies(deps),
  ...explainHandlers(deps),
  'policy.test': testPolicies(deps),
  ...simulationHandlers(deps),
  'policy.matrix': tellMatrix(deps.engine),
})

/** All policies of a set have one time; the cursor goes on after an id, in the order of files. */
function pageOfPolicies(
  engine: PolicyEngine,
  { first, after }: { readonly first: number; readonly after?: string | undefined },
): Output<'policy.list'> {
  const { loadedAt } = engine.status()
  const actions = actionsMetBy(engine.inForce().set)
  const items = engine
    .list()
    .map(({ id, effect, doc, severity, file, text }): Listed => ({
      actions: [...(actions.get(id) ?? [])],
      id,
      effect,
      doc,
      severity,
      file,
      source: text,
      loadedAt,
    }))
  // a cursor into an older set whose policy is gone begins anew
  const start = after === undefined ? 0 : items.findIndex(({ id }) => id === decodeCursor(after).id) + 1
  return pageOf(items.slice(start, start + first + 1), first, (item) => [item.loadedAt, item.id])
}

async function statusOf({ engine, db, clock }: PolicyHandlersDeps): Promise<Output<'policy.status'>> {
  const { version, schemaVersion, loadedAt, policies, lastError, lastErrorAt } = engine.status()
  const pin = await findPin(db)
  const nodes = await nodesSeenSince(db, new Date(clock.now().getTime() - goneMilliseconds))
  return {
    version,
    schemaVersion,
    loadedAt,
    policies,
    lastError,
    lastErrorAt,
    warnings: [...engine.warnings()],
    pin: pin === null ? null : { id: pin.id, version: pin.version, kind: pin.kind, at: pin.at },
    nodes: nodes.map((node) => ({
      node: node.node,
      version: node.version,
      loadedAt: node.loadedAt,
      seenAt: node.seenAt,
      lastError: node.lastError,
      lastErrorAt: node.lastErrorAt,
    })),
  }
}

/** A set that is no good is the caller's to mend: they are told file, line and reason. */
async function reloaded(engine: PolicyEngine): Promise<void> {
  try {
    await engine.reload()
  } catch (error) {
    if (error instanceof PolicyError)
      throw new Refusal(
        'conflict',
        { hint: error.message },
        { message: 'the policy files are not valid; the set in force stays', cause: error },
      )
    throw error
  }
}
