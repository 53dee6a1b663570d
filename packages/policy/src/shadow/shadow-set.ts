import { setTimeout as pause } from 'node:timers/promises'
import type { Written } from '@gatehouse/audit'
import type { Store } from '@gatehouse/database'
import type { AuditDraft, Clock, DecisionRequest } from '@gatehouse/enforcement'
import { createTurns } from '@gatehouse/kit'
import { sourceOf } from '../policy-source.ts'
import { openShadowDecider, type ShadowDecider } from './shadow-decider.ts'
import { createShadowTally, type MadeDecision, type ShadowCounts } from './shadow-tally.ts'
import { findShadow, findShadowFiles, noteShadow } from './shadow.queries.ts'

export interface ShadowSetOptions {
  readonly node: string
  readonly db: Store
  readonly clock: Clock
}

/** What decides beside the set in force on this node. Nothing of it ever reaches a caller. */
export interface ShadowSet {
  /** Has a recorded decision made again, later and elsewhere. Never throws, never waits. */
  observe(draft: AuditDraft, written: Written): void
  /** Begins to follow what is published as a shadow. */
  follow(): Promise<void>
  /** Takes what is published, now. Never throws. */
  take(): Promise<void>
  /** Writes what this node has counted, after it has decided what waits or a moment is over. Never throws. */
  settle(): Promise<void>
  /** What this process has counted since it started, for `/metrics`. */
  total(): ShadowCounts
  close(): Promise<void>
}

/** How often it is looked whether another set is to decide beside. */
const lookMilliseconds = 1_000
/** How often counts are written. */
const writeMilliseconds = 5_000
/** Decisions that wait; each holds its entities, some 2 KB. What comes while it is full is dropped and counted. */
const waitingMax = 2_000
const batchMax = 100
/** Decisions are gathered this long; the thread then rests as long as it took, so that it has half a core at most. */
const gatherMilliseconds = 50
/** A thread that failed is started again after this, and after twice as long each time. */
const restartMilliseconds = 5_000
const restartMillisecondsMax = 5 * 60_000
/** How long a report waits for what this node has yet to decide. */
const settleMillisecondsMax = 1_000

interface Waiting {
  readonly made: MadeDecision
  readonly request: DecisionRequest
}

/** Opens it; nothing decides before `follow`. */
export function createShadowSet({ node, db, clock }: ShadowSetOptions): ShadowSet {
  const tally = createShadowTally()
  const turns = createTurns()
  const timers: NodeJS.Timeout[] = []
  let running: Running | null = null

  const end = async (): Promise<void> => {
    const last = running
    running = null
    await last?.close()
    // what that set had counted and not written goes with it, what it left undecided as well
    tally.take()
  }
  const look = async (): Promise<void> => {
    const shadow = await findShadow(db)
    if (shadow?.id === running?.id) return
    await end()
    if (shadow !== null) running = startRunning({ id: shadow.id, since: clock.now(), db, tally })
  }
  const write = async (): Promise<void> => {
    const at = running
    if (at === null) return
    const taken = tally.take()
    const { id: shadowId, since } = at
    const note = { shadowId, node, since, problem: at.problem(), now: clock.now(), taken }
    const written = await db
      .transaction()
      .execute((tx) => noteShadow(tx, note))
      .catch(() => null)
    if (written === null) tally.giveBack(taken)
  }
  // in turn, so that counts of one set are never written for another; a database that is away is asked again
  const inTurn = (work: () => Promise<void>): Promise<void> => turns.take(work).catch(() => undefined)
  const every = (milliseconds: number, work: () => Promise<void>): void => {
    const timer = setInterval(() => {
      if (turns.waiting() === 0) void inTurn(work)
    }, milliseconds)
    timers.push(timer.unref())
  }

  return {
    observe: (draft, written) => running?.observe(draft, written),
    take: () => inTurn(look),
    settle: async () => {
      await running?.idle(settleMillisecondsMax)
      await inTurn(write)
    },
    total: tally.total,
    follow: async () => {
      every(lookMilliseconds, look)
      every(writeMilliseconds, write)
      await inTurn(look)
    },
    close: async () => {
      for (const timer of timers.splice(0)) clearInterval(timer)
      await running?.close()
      await inTurn(write)
      running = null
    },
  }
}

interface RunningOptions {
  readonly id: string
  readonly since: Date
  readonly db: Store
  readonly tally: ReturnType<typeof createShadowTally>
}

/** One shadow set while it decides. */
interface Running {
  readonly id: string
  readonly since: Date
  observe(draft: AuditDraft, written: Written): void
  /** Why it does not decide now; null: it does. */
  problem(): string | null
  /** Resolves when nothing waits any more, or after as many milliseconds. */
  idle(milliseconds: number): Promise<void>
  close(): Promise<void>
}

function startRunning({ id, since, db, tally }: RunningOptions): Running {
  const stop = new AbortController()
  const waiting: Waiting[] = []
  let problem: string | null = 'it is being made ready'
  let deciding = false
  const rest = (milliseconds: number): Promise<void> =>
    pause(milliseconds, undefined, { signal: stop.signal, ref: false }).catch(() => undefined)

  const decideWaiting = async (decider: ShadowDecider): Promise<void> => {
    while (!stop.signal.aborted) {
      await rest(gatherMilliseconds)
      const batch = waiting.splice(0, batchMax)
      if (batch.length === 0) continue
      deciding = true
      const begun = performance.now()
      try {
        await decideBatch(decider, batch, tally)
      } catch (error) {
        tally.dropped(batch.length)
        throw error
      } finally {
        deciding = false
      }
      await rest(performance.now() - begun)
    }
  }
  const run = async (): Promise<void> => {
    let again = restartMilliseconds
    while (!stop.signal.aborted) {
      let decider: ShadowDecider | null = null
      try {
        const files = await findShadowFiles(db, id)
        decider = await openShadowDecider(sourceOf(files ?? [], 'the shadow set'), stop.signal)
        problem = null
        again = restartMilliseconds
        await decideWaiting(decider)
      } catch (error) {
        problem = error instanceof Error ? error.message : String(error)
      }
      await decider?.close()
      await rest(again)
      again = Math.min(2 * again, restartMillisecondsMax)
    }
  }
  const done = run()

  return {
    id,
    since,
    problem: () => problem,
    observe: (draft, { entryId }) => {
      const { decision, request, outcome } = draft
      // an intent's outcome comes, and is of the same decision
      if (entryId === null || decision === null || request === null || request === undefined || outcome === 'intent')
        return
      if (waiting.length >= waitingMax) return tally.dropped(1)
      const { principal, action } = request
      waiting.push({ request, made: { entryId, at: draft.call.at, principal, action, decision } })
    },
    idle: async (milliseconds) => {
      const until = performance.now() + milliseconds
      while ((waiting.length > 0 || deciding) && problem === null && performance.now() < until)
        await rest(gatherMilliseconds)
    },
    close: async () => {
      stop.abort()
      await done
      tally.dropped(waiting.splice(0).length)
    },
  }
}

async function decideBatch(
  decider: ShadowDecider,
  batch: readonly Waiting[],
  tally: RunningOptions['tally'],
): Promise<void> {
  const verdicts = await decider.decide(batch.map(({ request }) => request))
  for (const [at, verdict] of verdicts.entries()) {
    const one = batch[at]
    if (one !== undefined) tally.note(one.made, verdict)
  }
}
