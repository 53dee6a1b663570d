import type { Change } from '@gatehouse/audit'
import type { Store } from '@gatehouse/database'
import type { Alerts, Clock, Decider } from '@gatehouse/enforcement'
import { createDecider } from './decider.ts'
import { createInForce } from './in-force.ts'
import { createNodeJournal } from './node-journal.ts'
import { createPolicyChecker, type PolicyChecker } from './policy-checker.ts'
import { loadPolicySet } from './policy-loader.ts'
import type { NodeState } from './policy-node.queries.ts'
import type { PolicyProblem } from './policy-problem.ts'
import type { PolicyFacts, PolicySet } from './policy-set.ts'
import type { SourceFile } from './policy-source.ts'
import { watchDirectory } from './watch-directory.ts'
import { createTurns } from '@gatehouse/kit'
import type { PolicyAlert } from './policy-alerts.ts'

export interface PolicyEngineOptions {
  /** The policy directory: `[cedar] policies_path`. */
  readonly path: string
  /** `[cedar] hot_reload`: whether edits are taken without being asked for. */
  readonly hotReload: boolean
  /** `[cedar] reload_interval`: how often what lies there is validated anew, changed or not. */
  readonly reloadIntervalSeconds: number
  /** Names this process among the nodes of the system. */
  readonly node: string
  readonly db: Store
  readonly clock: Clock
  readonly alerts: Alerts<PolicyAlert>
}

/** The policies of this node: what is in force, and how it changes. */
export interface PolicyEngine {
  readonly decider: Decider
  /** What is in force here, and why it is not something newer. */
  status(): NodeState
  /** The policies in force, by file and line. */
  list(): readonly PolicyFacts[]
  /** The files in force, as they stood. */
  files(): readonly SourceFile[]
  /** What is odd about the policies in force. */
  warnings(): readonly PolicyProblem[]
  /** Loads and validates now. Throws `PolicyError` when what lies there is refused; the set in force stays. */
  reload(): Promise<void>
  /**
   * Begins to follow the directory, to tell the other nodes and to record. Apart from opening, because what records
   * needs the decider.
   */
  follow(record: Pick<Change, 'event'>): Promise<void>
  /** Stops following. To be called before the database is closed. */
  close(): Promise<void>
}

/**
 * Loads the policy directory and decides by it. Throws `PolicyError` with file, line and reason when the first set is
 * no good:
 * without policies nothing starts. Later a bad set leaves the old one in force.
 */
export async function openPolicyEngine(options: PolicyEngineOptions): Promise<PolicyEngine> {
  const { path, node, clock, alerts } = options
  const checker = createPolicyChecker()
  const inForce = createInForce({ first: await firstSet(path, checker), node, clock })
  const journal = createNodeJournal({
    db: options.db,
    clock,
    alerts,
    state: inForce.state,
    set: () => inForce.prepared().set,
  })
  const turns = createTurns()
  const timers: { close(): void }[] = []

  const look = async (isKnown: (content: string) => boolean): Promise<void> => {
    const before = inForce.refusal()
    const loaded = await loadPolicySet({ path, checker, isKnown })
    if (loaded.kind === 'valid' && !inForce.isKnown(loaded.content)) await journal.keep(loaded.set)
    const event = inForce.take(loaded)
    if (event?.name === 'policy.reloadRefused') alerts.raise('policy-reload-refused', { ...event.detail })
    // deciding never waits for the record: a forbid takes effect also while the database is away
    if (event !== null || inForce.refusal() !== before) void journal.note(event)
  }
  // in turn, so that an older look never overtakes a newer one; one that fails is told, and the set in force stays
  const lookInTurn = (isKnown: (content: string) => boolean): Promise<void> =>
    turns
      .take(() => look(isKnown))
      .catch((error: unknown) => alerts.raise('policy-error', { node, errors: [String(error)] }))
  const lookForNews = (): void => {
    if (turns.waiting() === 0) void lookInTurn(inForce.isKnown)
  }
  const lookAnew = (): Promise<void> => lookInTurn(() => false)

  return {
    decider: createDecider({ current: inForce.prepared, alerts, clock }),
    status: inForce.state,
    list: () => inForce.prepared().set.policies,
    files: () => inForce.prepared().set.files,
    warnings: () => inForce.prepared().set.warnings,
    reload: async () => {
      await lookAnew()
      const refusal = inForce.refusal()
      if (refusal !== null) throw refusal
    },
    follow: async (record) => {
      if (options.hotReload) {
        const anew = setInterval(() => void lookAnew(), options.reloadIntervalSeconds * 1000)
        timers.push(watchDirectory(path, lookForNews), { close: () => clearInterval(anew) })
      }
      await journal.open(record)
    },
    close: async () => {
      for (const timer of timers.splice(0)) timer.close()
      await turns.idle()
      await checker.close()
      await journal.close()
    },
  }
}

async function firstSet(path: string, checker: PolicyChecker): Promise<PolicySet> {
  const loaded = await loadPolicySet({ path, checker, isKnown: () => false })
  if (loaded.kind === 'valid') return loaded.set
  await checker.close()
  throw loaded.kind === 'refused' ? loaded.error : new TypeError('no content is known before the first')
}
