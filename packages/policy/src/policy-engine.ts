import type { Change } from '@gatehouse/audit'
import type { NoteVerifier } from '@gatehouse/audit/verify'
import type { Store } from '@gatehouse/database'
import type { Alerts, Clock, Decider, Random } from '@gatehouse/enforcement'
import { createTurns } from '@gatehouse/kit'
import { createBundleGuard, type BundleGuard } from './bundle-guard.ts'
import type { GoodBundle } from './bundle.ts'
import { createDecider } from './decider.ts'
import { createEmergencyGuard, ownAddress, type EmergencyGuard, type EmergencySources } from './emergency-guard.ts'
import type { ClosedWay } from './emergency-way.ts'
import { createInForce, type InForce } from './in-force.ts'
import { createNodeJournal, type NodeJournal } from './node-journal.ts'
import { ownActions } from './own-actions.ts'
import type { PolicyAlert } from './policy-alerts.ts'
import { type NewPolicyChange } from './policy-change.queries.ts'
import { createPolicyChecker, type PolicyChecker } from './policy-checker.ts'
import type { NodeState } from './policy-node.queries.ts'
import type { PolicyProblem } from './policy-problem.ts'
import { keptFiles, type PolicyFacts, type PolicySet } from './policy-set.ts'
import { readPolicySource, requireWords, sourceOf, type SourceFile } from './policy-source.ts'
import { createSlots, preparePolicySet, type PreparedSet } from './prepared-set.ts'
import { createPursuit, firstSet, type Look, type Pursuit, type WhyClosing } from './pursue-policies.ts'
import { createShadowSet, type ShadowSet } from './shadow/shadow-set.ts'
import { readSuites } from './suites.ts'
import { watchDirectory } from './watch-directory.ts'

export interface PolicyEngineOptions {
  /** The policy directory: `[cedar] policies_path`. */
  readonly path: string
  /** `[cedar] hot_reload`: whether edits are taken without being asked for. */
  readonly hotReload: boolean
  /** `[cedar] reload_interval`: how often what lies there is validated anew, changed or not. */
  readonly reloadIntervalSeconds: number
  /** `[cedar] bundle_keys`: who may sign policies; empty: nobody has to. */
  readonly bundleKeys: readonly NoteVerifier[]
  /** Names this process among the nodes of the system. */
  readonly node: string
  readonly db: Store
  readonly clock: Clock
  readonly random: Pick<Random, 'id'>
  readonly alerts: Alerts<PolicyAlert>
  /** What emergency access takes, so that no set closes it. */
  readonly emergency: EmergencySources
}

/** `newest`: nothing that was signed before what decided last. `any`: also what one goes back to. */
export type BundleAge = 'newest' | 'any'

/** A set that may come into force. */
export interface CheckedSet {
  readonly set: PolicySet
  /** Who signed it; null: nobody has to. */
  readonly bundle: GoodBundle | null
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
  /** The suites of cases that lie beside the policies of this node. Throws `PolicyError`. */
  suites(): Promise<readonly SourceFile[]>
  /** What is odd about the policies in force. */
  warnings(): readonly PolicyProblem[]
  /** The set in force. */
  inForce(): PreparedSet
  /**
   * Loads and validates now, and waits until what came of it is recorded or has to wait on. Throws `PolicyError` when
   * what lies there is refused; the set in force stays.
   */
  reload(): Promise<void>
  /** Takes what is published, now. What is wrong with it stands in the status. */
  takePublished(): Promise<void>
  /** What lay in the directory when this node looked last. */
  filesVersion(): string
  /** Validates files, or what lies in the directory. Throws `PolicyError`. Nothing comes into force. */
  check(files: readonly SourceFile[] | null, age: BundleAge): Promise<CheckedSet>
  /** What decides beside the set in force. */
  readonly shadow: ShadowSet
  /** Makes a checked set ready to be asked beside the one in force, until the next is. */
  tryOut(set: PolicySet): PreparedSet
  /** Why a set that was tried out would newly close emergency access, for who calls from there; null: it would not. */
  whyClosed(candidate: PreparedSet, address: string): Promise<string | null>
  /** Where and when the set in force leaves nobody a way to emergency access; null: nowhere. An hour old at most. */
  closedWay(): Promise<ClosedWay | null>
  /**
   * Begins to follow the directory and what is published, to tell the other nodes and to record. Apart from opening,
   * because what records needs the decider.
   */
  follow(record: Pick<Change, 'event'>): Promise<void>
  /** Stops following. To be called before the database is closed. */
  close(): Promise<void>
}

/** How often what is published is looked for: every node has it within two seconds. */
const publishedMilliseconds = 1_000

/**
 * Loads what is published, or else the policy directory, and decides by it. Throws `PolicyError` with file, line and
 * reason when it is no good and none decided here before: without policies nothing starts. Else a bad set leaves the
 * one before it in force.
 */
export async function openPolicyEngine(options: PolicyEngineOptions): Promise<PolicyEngine> {
  const { path, node, clock, alerts, db } = options
  const checker = createPolicyChecker()
  const guard = createBundleGuard({ keys: options.bundleKeys, db })
  const sources = { path, checker, db, guard }
  const emergency = createEmergencyGuard(options.emergency, options)
  const first = await firstSet({ ...sources, whyClosing: whyClosingBy(emergency) })
  const inForce = createInForce({ first: first.set, node, clock })
  const history = createFilesHistory(options, inForce)
  const keep = (set: PolicySet): Promise<void> => journal.keep(set)
  const { whyClosed, ofFiles } = createWhyClosed(emergency, inForce)
  const pursuit = createPursuit({ ...sources, inForce, keep, filesVersion: first.filesVersion, whyClosed: ofFiles })
  const journal = createNodeJournal({
    db,
    clock,
    alerts,
    state: inForce.state,
    set: () => inForce.prepared().set,
    ...history(pursuit.isPinned),
  })
  const timers: { close(): void }[] = []
  const candidates = createSlots()
  const shadow = createShadowSet({ node, db, clock })

  const { lookInTurn, lookIfIdle, idle } = createTurnsOfLooking(createLook({ inForce, pursuit, journal, alerts }), {
    node,
    alerts,
    inForce,
  })

  return {
    decider: createDecider({ current: inForce.prepared, alerts, clock }),
    status: inForce.state,
    list: () => inForce.prepared().set.policies,
    files: () => inForce.prepared().set.files,
    suites: () => readSuites(path),
    warnings: () => inForce.prepared().set.warnings,
    inForce: inForce.prepared,
    filesVersion: pursuit.filesVersion,
    shadow,
    takePublished: async () => void (await lookInTurn('published')),
    check: (files, age) => checked({ files, age, path, checker, guard }),
    tryOut: (set) => preparePolicySet({ set, slots: candidates }),
    whyClosed,
    closedWay: () => emergency.closedBy(inForce.prepared()),
    reload: async () => {
      await lookInTurn('anew')
      await journal.settled()
      const refusal = inForce.refusal()
      if (refusal !== null) throw refusal
    },
    follow: async (record) => {
      timers.push(...startLooking(options, { lookIfIdle, lookAnew: () => void lookInTurn('anew') }))
      // what changed while this node was not there
      await lookInTurn('news')
      await journal.open(record)
      await shadow.follow()
    },
    close: async () => {
      for (const timer of timers.splice(0)) timer.close()
      await idle()
      await checker.close()
      await shadow.close()
      await journal.close()
    },
  }
}

interface Looking {
  /** Answers whether it was looked, and what lies there is as good as what is in force. */
  readonly lookIfIdle: (how: 'published' | 'news') => Promise<boolean>
  readonly lookAnew: () => void
}

/** What is published is looked for by the second, the directory when it changes and now and then. */
function startLooking(
  { path, hotReload, reloadIntervalSeconds }: PolicyEngineOptions,
  { lookIfIdle, lookAnew }: Looking,
): { close(): void }[] {
  const published = setInterval(() => void lookIfIdle('published'), publishedMilliseconds)
  const always = { close: () => clearInterval(published) }
  if (!hotReload) return [always]
  const anew = setInterval(lookAnew, reloadIntervalSeconds * 1000)
  return [always, watchDirectory(path, () => lookIfIdle('news')), { close: () => clearInterval(anew) }]
}

/** The same of two sets of which neither is in force. */
const whyClosingBy =
  (emergency: EmergencyGuard): WhyClosing =>
  (sets) => {
    const prepared = (set: PolicySet): PreparedSet => preparePolicySet({ set, slots: createSlots() })
    const [candidate, before] = [prepared(sets.candidate), prepared(sets.before)]
    return emergency.whyClosed({ candidate, before }, ownAddress)
  }

/** Why a set would newly close emergency access. What comes from files is laid beside what is tried out. */
function createWhyClosed(emergency: EmergencyGuard, inForce: InForce) {
  const slots = createSlots()
  const whyClosed = (candidate: PreparedSet, address: string): Promise<string | null> =>
    emergency.whyClosed({ candidate, before: inForce.prepared() }, address)
  return { whyClosed, ofFiles: (set: PolicySet) => whyClosed(preparePolicySet({ set, slots }), ownAddress) }
}

/** Looks in turn, so that an older look never overtakes a newer one. */
function createTurnsOfLooking(
  look: (how: Look) => Promise<void>,
  { node, alerts, inForce }: Pick<PolicyEngineOptions, 'node' | 'alerts'> & { readonly inForce: InForce },
) {
  const turns = createTurns()
  // one that fails is told, and the set in force stays. True: it did not fail, and nothing that lies there is refused
  const lookInTurn = (how: Look): Promise<boolean> =>
    turns
      .take(() => look(how))
      .then(() => inForce.refusal() === null)
      .catch((error: unknown) => {
        alerts.raise('policy-error', { node, errors: [String(error)] })
        return false
      })
  const lookIfIdle = async (how: 'published' | 'news'): Promise<boolean> =>
    turns.waiting() === 0 && (await lookInTurn(how))
  return { lookInTurn, lookIfIdle, idle: () => turns.idle() }
}

interface LookParts {
  readonly inForce: InForce
  readonly pursuit: Pursuit
  readonly journal: Pick<NodeJournal, 'note'>
  readonly alerts: PolicyEngineOptions['alerts']
}

/** Looks once, and has told what came of it. */
const createLook =
  ({ inForce, pursuit, journal, alerts }: LookParts) =>
  async (how: Look): Promise<void> => {
    const before = inForce.refusal()
    const happened = await pursuit.look(how)
    for (const event of happened) {
      if (event.name === 'policy.reloadRefused') alerts.raise('policy-reload-refused', { ...event.detail })
      // deciding never waits for the audit log: a forbid takes effect also while the database is away
      void journal.note(event)
    }
    if (happened.length === 0 && inForce.refusal() !== before) void journal.note(null)
  }

interface CheckParts {
  readonly files: readonly SourceFile[] | null
  readonly age: BundleAge
  readonly path: string
  readonly checker: PolicyChecker
  readonly guard: BundleGuard
}

async function checked({ files, age, path, checker, guard }: CheckParts): Promise<CheckedSet> {
  const source = files === null ? await readPolicySource(path) : sourceOf(files, 'the files')
  if (files === null) requireWords(source)
  const bundle = guard.requireSigned(source)
  if (age === 'newest') await guard.requireNewest(bundle)
  return { set: await checker.check({ source, actions: ownActions }), bundle }
}

/** What of the history this node has to write: the sets that it has from files, each once. */
const createFilesHistory =
  ({ clock, random }: PolicyEngineOptions, inForce: InForce) =>
  (isPinned: () => boolean) => {
    let noted: string | null = null
    return {
      noted: (version: string): void => {
        noted = version
      },
      fromFiles: (): NewPolicyChange | null => {
        const { set } = inForce.prepared()
        if (isPinned() || set.version === noted) return null
        const { version, schemaVersion, policies } = set
        const facts = { version, schemaVersion, policies: policies.length, files: keptFiles(set) }
        return { id: random.id(), at: clock.now(), kind: 'files', changedBy: null, reason: null, ...facts }
      },
    }
  }
