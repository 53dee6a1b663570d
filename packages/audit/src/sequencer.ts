import { setTimeout as sleep } from 'node:timers/promises'
import { openReserved, wasSilentTooLong, type Store } from '@gatehouse/database'
import type { Clock, Random } from '@gatehouse/enforcement'
import type { CheckpointKey } from './checkpoint-key.ts'
import { insertCheckpoint, pruneCheckpoints } from './checkpoint.queries.ts'
import { closeOverdueIntents } from './close-intents.ts'
import { becomeSequencer, clearQueue, moveToLeaves, tryToLead } from './leaf.queries.ts'
import { RecordError } from './record-error.ts'
import { loadState, type SequencerState, type Signed } from './sequencer-state.ts'
import type { SubjectKeys } from './subject-keys.ts'
import { growNodes, tileWidth } from './tree/tree-hashes.ts'
import { appendAll, packRange, rootOf } from './verify.ts'

/**
 * An entry waits at most this long for its place while there is nothing else to do; with the statement itself under 50
 * ms.
 */
const idleMilliseconds = 35
/**
 * Nothing came for a while: now it is looked so seldom, until an entry is found or this process says that it wrote one.
 * Thirty looks a second are a fiftieth of a processor, all night. An entry of another process that ends the quiet waits
 * a little longer, the next ones do not.
 */
const quietLookMilliseconds = 200
/** Entries per statement: a few milliseconds of work. */
const batchMax = 1024
/** At most this often a checkpoint is signed, so that one is less than a second behind. */
const checkpointEveryMilliseconds = 800
/** How often another node tries to take over; a dead leader's lock is free the moment its connection ends. */
const electionEveryMilliseconds = 500
/** How long after a failure; a restarting database is back within a few of these. */
const recoveryMilliseconds = 500
const intentsEveryMilliseconds = 5_000
/** How often old checkpoints are looked for; so many go in one statement, a few milliseconds of work. */
const pruneEveryMilliseconds = 3_600_000
const prunedRowsMax = 1_000
/** Entries of which the queue still has the room: a few megabytes, cleared away in as many milliseconds. */
const clearedEntriesMin = 5_000

/** Of a sequencer, in milliseconds. */
export interface SequencerTimes {
  /** Nothing came for so long: it looks seldom. */
  readonly quietAfter: number
  /**
   * Who leads asks some thirty times a second, and who would twice. A process that is stopped and not dead keeps its
   * connection, and with it the lock: after this the server takes both away.
   */
  readonly silentMax: number
}

/** The times of every sequencer but those of tests that would wait for them. */
export const sequencerTimes: SequencerTimes = { quietAfter: 5_000, silentMax: 10_000 }

export interface SequencerDeps {
  /** The runtime login; the sequencer opens a connection of its own and takes its role there. */
  readonly url: string
  /** For closing intents, which is done by the runtime's own rights. */
  readonly db: Store
  readonly key: CheckpointKey
  readonly clock: Clock
  readonly random: Random
  readonly subjectKeys: SubjectKeys
  readonly times?: SequencerTimes
  /** Told once of each different failure in a row. A `RecordError` needs a person; others heal by themselves. */
  readonly onError: (error: unknown) => void
}

/** The sequencer of this process; at most one in all processes of a database leads. */
export interface Sequencer {
  /** Null while another one leads. */
  status(): { readonly size: number; readonly signedSize: number } | null
  /** Tells it that an entry was written, so that it does not wait for its look of a quiet time. */
  soon(): void
  /** Resolves once the loop has ended and its connection is gone. */
  close(): Promise<void>
}

/**
 * Starts the loop that gives every entry its place in the tree and signs what the tree has come to. It is plumbing, not
 * an operation:
 * it writes no entries about itself, or it would feed itself for ever.
 */
export function startSequencer(deps: SequencerDeps): Sequencer {
  const stop = new AbortController()
  let state: SequencerState | null = null
  let signed: Signed | null = null
  const told = tellOnce(deps.onError)
  const times = deps.times ?? sequencerTimes
  const pace = createPace(times, stop.signal)

  const lead = async (db: Store): Promise<void> => {
    await becomeSequencer(db)
    state = await loadState(db, deps.key, signed)
    if (state.tail < state.range.size)
      deps.onError(
        new RecordError(
          'leaf-missing',
          `leaves ${state.tail} to ${state.range.size - 1} of the signed log are missing; ` +
            `run \`gatehouse audit verify\``,
        ),
      )
    let signedAt = -checkpointEveryMilliseconds
    const prune = pruneNowAndThen(db)
    const grow = growWhenWhole(db)
    const clear = clearNowAndThen(db)
    while (!stop.signal.aborted) {
      const moved = await moveBatch(db, state)
      state = moved.state
      if (moved.count > 0) {
        pace.soon()
        await clear(moved.count)
      }
      if (state.range.size > state.signedSize && performance.now() - signedAt >= checkpointEveryMilliseconds) {
        signed = await signCheckpoint(db, deps.key, state)
        state = { ...state, signedSize: signed.size }
        signedAt = performance.now()
      }
      const growing = await grow(state.range.size)
      await prune()
      told.recovered()
      if (moved.count < batchMax && !growing)
        await (state.range.size > state.signedSize ? pause(idleMilliseconds, stop.signal) : pace.rest())
    }
  }

  const sweeper = sweepIntents(deps, () => state !== null, stop.signal)
  const running = electionLoop(deps.url, {
    times,
    lead,
    stop: stop.signal,
    ended: () => {
      state = null
    },
    failed: told.failed,
  })
  return {
    status: () => (state === null ? null : { size: state.range.size, signedSize: state.signedSize }),
    soon: pace.soon,
    close: async () => {
      stop.abort()
      pace.soon()
      await Promise.all([running, sweeper])
    },
  }
}

interface Election {
  readonly times: SequencerTimes
  readonly lead: (db: Store) => Promise<void>
  readonly ended: () => void
  readonly failed: (error: unknown) => void
  readonly stop: AbortSignal
}

/** Tries to lead, again and again. Each term has its own connection: lock and role go with it, however it ends. */
async function electionLoop(url: string, { times, lead, ended, failed, stop }: Election): Promise<void> {
  while (!stop.aborted) {
    const store = openReserved(url, 'gatehouse-sequencer', { idleMilliseconds: times.silentMax })
    try {
      await store.connection().execute(async (db) => {
        while (!stop.aborted && !(await tryToLead(db))) await pause(electionEveryMilliseconds, stop)
        if (!stop.aborted) await lead(db)
      })
    } catch (error) {
      // this process stood still, and the lead went to who could take it, as it is meant to: the lag is measured
      if (!wasSilentTooLong(error)) failed(error)
    } finally {
      ended()
      await store.destroy().catch(() => undefined)
    }
    await pause(recoveryMilliseconds, stop)
  }
}

async function moveBatch(db: Store, state: SequencerState): Promise<{ state: SequencerState; count: number }> {
  const { range, tail } = state
  const moved = await moveToLeaves(db, { tail, base: range.size, limit: batchMax })
  if (moved.tail !== tail)
    throw new RecordError(
      'record-moved',
      `the leaves end at ${moved.tail} and not at ${tail} where this sequencer left them; ` +
        `it starts again from the newest checkpoint`,
    )
  if (moved.hashes.length === 0) return { state, count: 0 }
  const grown = appendAll(range, moved.hashes)
  return { state: { ...state, range: grown, tail: grown.size }, count: moved.hashes.length }
}

async function signCheckpoint(db: Store, key: CheckpointKey, { range }: SequencerState): Promise<Signed> {
  const facts = { size: range.size, root: rootOf(range) }
  await insertCheckpoint(db, { ...facts, frontier: packRange(range), note: key.sign(facts) })
  return facts
}

/** Makes hashes of subtrees when one more has become whole, and until none is left to make. */
function growWhenWhole(db: Store): (size: number) => Promise<boolean> {
  let grownTo = -1
  return async (size) => {
    const whole = Math.floor(size / tileWidth)
    if (whole === grownTo) return false
    const growing = await growNodes(db, size)
    if (!growing) grownTo = whole
    return growing
  }
}

/** Prunes a slice when it is time, between two batches; the next at once where more is left. */
function pruneNowAndThen(db: Store): () => Promise<void> {
  let dueAt = -Infinity
  return async () => {
    if (performance.now() < dueAt) return
    if ((await pruneCheckpoints(db, prunedRowsMax)) < prunedRowsMax) dueAt = performance.now() + pruneEveryMilliseconds
  }
}

/** Clears the queue away each time that so many entries have left it. */
function clearNowAndThen(db: Store): (moved: number) => Promise<void> {
  let left = 0
  return async (moved) => {
    left += moved
    if (left < clearedEntriesMin) return
    left = 0
    await clearQueue(db)
  }
}

/** Beside the loop, so that a slow pool never holds up the tree. */
async function sweepIntents(deps: SequencerDeps, isLeader: () => boolean, stop: AbortSignal): Promise<void> {
  while (!stop.aborted) {
    await pause(intentsEveryMilliseconds, stop)
    if (stop.aborted || !isLeader()) continue
    await closeOverdueIntents(deps).catch(deps.onError)
  }
}

/** How long the sequencer rests between two looks. */
function createPace({ quietAfter }: SequencerTimes, stop: AbortSignal) {
  let busyAt = performance.now()
  let wake: AbortController | null = null
  return {
    soon: (): void => {
      busyAt = performance.now()
      wake?.abort()
    },
    rest: async (): Promise<void> => {
      if (performance.now() - busyAt < quietAfter) return pause(idleMilliseconds, stop)
      wake = new AbortController()
      await pause(quietLookMilliseconds, wake.signal)
      wake = null
    },
  }
}

/** The same failure every half second is one piece of news. */
function tellOnce(tell: (error: unknown) => void): { failed: (error: unknown) => void; recovered: () => void } {
  let last: string | null = null
  return {
    failed: (error) => {
      const message = error instanceof Error ? error.message : String(error)
      if (message !== last) tell(error)
      last = message
    },
    recovered: () => {
      last = null
    },
  }
}

/** Ends early, and without an error, when it is time to stop. */
const pause = (milliseconds: number, stop: AbortSignal): Promise<void> =>
  sleep(milliseconds, undefined, { signal: stop }).catch(() => undefined)
