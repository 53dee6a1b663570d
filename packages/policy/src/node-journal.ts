import { setTimeout as pause } from 'node:timers/promises'
import type { Change, EventFacts } from '@gatehouse/audit'
import type { Store } from '@gatehouse/database'
import type { Alerts, Clock } from '@gatehouse/enforcement'
import { createTurns } from '@gatehouse/kit'
import { noteFiles, type NewPolicyChange } from './policy-change.queries.ts'
import { forgetNode, forgetNodesUnseenSince, writeNode, type NodeState } from './policy-node.queries.ts'
import type { PolicyAlert } from './policy-alerts.ts'
import type { PolicySet } from './policy-set.ts'
import { keepPolicySet } from './policy-set.queries.ts'

export interface JournalOptions {
  readonly db: Store
  readonly clock: Clock
  readonly alerts: Alerts<PolicyAlert>
  readonly state: () => NodeState
  /** The set in force. */
  readonly set: () => PolicySet
  /** The set that this node has in force from its files; null: it was published, or is noted already. */
  readonly fromFiles: () => NewPolicyChange | null
  /** It is noted. */
  readonly noted: (version: string) => void
}

/** How often a node says that it is there. */
const beatMilliseconds = 10_000
/** How long a new set waits to be kept before it decides: with the database away a forbid takes effect all the same. */
const keepMillisecondsMax = 500
/** How long whoever asked for a reload waits for what came of it to be recorded, as long as a call for its entry. */
const settleMillisecondsMax = 1_000
/** A node that has been silent for this long is gone: six beats. */
export const goneMilliseconds = 60_000
/** Events kept while the database is away; the oldest are given up first. */
export const waitingMax = 100

/** Tells the other nodes what this one has in force, and the audit log what changed. Deciding never waits for it. */
export interface NodeJournal {
  /** Begins to write; what was noted before is written now. */
  open(record: Pick<Change, 'event'>): Promise<void>
  /**
   * Writes what this node has in force, with what happened if anything did. Resolves when it is written or has to wait
   * on; never throws.
   */
  note(event: EventFacts | null): Promise<void>
  /**
   * Resolves when all that was noted until now is written or has to wait on, and after a moment where the database does
   * not say; never throws.
   */
  settled(): Promise<void>
  /**
   * Keeps a set that is about to decide, so that its decisions can be made again. Never throws, and waits for a
   * database that is away no longer than a moment: the set is kept with the next beat then.
   */
  keep(set: PolicySet): Promise<void>
  close(): Promise<void>
}

/** An event that could not be written waits: a reload takes effect also while the database is away. */
export function createNodeJournal(options: JournalOptions): NodeJournal {
  const { db, clock, alerts, state, set, fromFiles, noted } = options
  let record: Pick<Change, 'event'> | null = null
  let waiting: readonly EventFacts[] = []
  const turns = createTurns()
  let failing = false
  let kept: string | null = null
  let beat: NodeJS.Timeout | undefined

  const flush = async (): Promise<void> => {
    const to = record
    const events = waiting
    const current = set()
    const files = fromFiles()
    if (to === null) return
    try {
      await db.transaction().execute(async (tx) => {
        for (const event of events) await to.event(tx, event)
        if (files !== null) await noteFiles(tx, files)
        const now = clock.now()
        if (current.version !== kept) await keepPolicySet(tx, current, now)
        await writeNode(tx, state(), now)
        await forgetNodesUnseenSince(tx, new Date(now.getTime() - goneMilliseconds))
      })
      waiting = waiting.filter((event) => !events.includes(event)) // the oldest may have been given up meanwhile
      kept = current.version
      if (files !== null) noted(files.version)
      failing = false
    } catch (error) {
      if (!failing)
        alerts.raise('policy-record-failed', {
          node: state().node,
          waiting: events.length,
          error: error instanceof Error ? error.message : String(error),
        })
      failing = true
    }
  }

  const write = (): Promise<void> => turns.take(flush)

  return {
    open: (to) => {
      record = to
      // with a database that hangs one beat waits behind another, and not an hour of them
      beat = setInterval(() => {
        if (turns.waiting() === 0) void write()
      }, beatMilliseconds)
      return write()
    },
    note: (event) => {
      if (event !== null) waiting = [...waiting, event].slice(-waitingMax)
      return write()
    },
    settled: () => atMost(settleMillisecondsMax, turns.idle()),
    keep: async (next) => {
      const written = keepPolicySet(db, next, clock.now()).catch(() => undefined)
      await atMost(keepMillisecondsMax, written)
    },
    close: async () => {
      clearInterval(beat)
      await turns.idle()
      // gone without a word is found by silence
      if (record !== null) await forgetNode(db, state().node).catch(() => undefined)
      record = null
    },
  }
}

/** Waits for work that never throws, and so long. It goes on. */
async function atMost(milliseconds: number, work: Promise<void>): Promise<void> {
  const gaveUp = new AbortController()
  await Promise.race([work, pause(milliseconds, undefined, { signal: gaveUp.signal }).catch(() => undefined)])
  gaveUp.abort()
}
