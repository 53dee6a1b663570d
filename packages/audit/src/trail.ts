import { systemId } from '@gatehouse/contract'
import { holdConnections, openStore } from '@gatehouse/database'
import { anonymous, uid, type AuditDraft, type AuditTrail, type Clock, type Random } from '@gatehouse/enforcement'
import { assumedOf } from './assumed-callers.ts'
import { batchesAtOnce, createBatchWriter, type Queued } from './batch-writer.ts'
import { makeEntry } from './entry.ts'
import type { Ledger } from './ledger.ts'
import type { OnRecorded } from './on-recorded.ts'
import { createReadTallies, type ReadTally } from './read-tally.ts'
import { createRefusalTally, type Tally } from './refusal-tally.ts'
import type { SubjectKeys } from './subject-keys.ts'

export interface AuditTrailDeps {
  /** The runtime login. The trail opens a connection of its own, so that a full pool cannot keep it from writing. */
  readonly url: string
  readonly clock: Clock
  readonly random: Random
  readonly ledger: Ledger
  readonly subjectKeys: SubjectKeys
  /** Told of each outcome, under which id it stands and the seconds until it was durable. Absent: nobody counts. */
  readonly onRecorded?: OnRecorded
  /** Told of counts that could not be written; the refusals themselves were answered long ago. */
  readonly onError: (error: unknown) => void
}

/** The trail of one process. */
export interface RunningTrail extends AuditTrail {
  /** Writes what is still counted or queued, then lets the connection go. */
  close(): Promise<void>
}

/** Counts kept for a database that is away: an hour of a busy node's minutes. */
const lateMax = 1000

/** How often it is looked whether a minute is over. */
const tallyEveryMilliseconds = 1000

/** Opens the audit log for what is not a change: refusals, faults, reads. */
export function createAuditTrail(deps: AuditTrailDeps): RunningTrail {
  const { clock, ledger } = deps
  const db = openStore(deps.url, { size: batchesAtOnce, name: 'gatehouse-audit-writer' })
  const connections = holdConnections(db)
  const writer = createBatchWriter({ connections, subjectKeys: deps.subjectKeys })
  const refusals = createRefusalTally()
  const reads = createReadTallies()
  /** Counts that the database did not take yet. */
  const late: Queued[] = []

  const made = (draft: AuditDraft, intent: string | null): Queued => ({
    entry: makeEntry({
      draft,
      at: clock.now(),
      intent,
      random: deps.random,
      sayOfSession: deps.subjectKeys.sayOfSession,
    }),
    closes: intent,
    isNew: draft.id === undefined, // one that was named before is somebody's who may say so again
    assumed: assumedOf(draft.principal),
  })
  /** Not the first of its kind in its minute. */
  const isCounted = (draft: AuditDraft): boolean =>
    (isStrangersRefusal(draft) && !refusals.isFirst(draft.call, draft.refusal ?? 'unavailable', clock.now())) ||
    !reads.isFirst(draft, clock.now())
  const writeTallies = async (now: Date | null): Promise<void> => {
    const drafts = [
      ...refusals.take(now).map((one) => aggregate(one, deps)),
      ...reads.take(now).map((one) => readsAggregate(one, deps)),
    ]
    const due = [...late.splice(0), ...drafts.map((draft) => made(draft, null))]
    const written = await Promise.allSettled(due.map((one) => writer.write(one)))
    const failed = written.flatMap((result) => (result.status === 'rejected' ? [result.reason] : []))
    for (const reason of failed) deps.onError(reason)
    // tried again under the same id: an attempt that was given up may have been written all the same
    const rejected = due.filter((_, index) => written[index]?.status === 'rejected')
    late.push(...rejected.slice(0, lateMax).map((one) => ({ ...one, isNew: false })))
  }
  const timer = setInterval(() => void writeTallies(clock.now()), tallyEveryMilliseconds)
  timer.unref()

  return {
    record: async (draft) => {
      const { openIntent } = ledger.of(draft.call)
      // what an intent came to closes it, whoever asked: counted alone it would be closed as unknown later; and what is
      // only counted proves no caller
      if (openIntent === null && assumedOf(draft.principal) === null && isCounted(draft)) {
        deps.onRecorded?.(draft, { entryId: null, seconds: null })
        return null
      }
      const begun = performance.now()
      const one = made(draft, openIntent)
      await writer.write(one)
      deps.onRecorded?.(draft, { entryId: one.entry.id, seconds: (performance.now() - begun) / 1000 })
      if (openIntent !== null) ledger.note(draft.call, { state: 'outcome', openIntent: null })
      return one.entry.id
    },
    writtenUnder: (permit) => ledger.of(permit.call).state,
    close: async () => {
      clearInterval(timer)
      await writeTallies(null)
      await writer.drain()
      await connections.letGo()
      await db.destroy()
    },
  }
}

/**
 * A wrong password is never just counted: each one is a fact about somebody's account, and throttled where it comes
 * from.
 */
const isStrangersRefusal = ({ principal, outcome, refusal }: AuditDraft): boolean =>
  principal.type === 'Anonymous' && outcome === 'refused' && refusal !== 'invalid-credentials'

/**
 * One entry for all of them. The address stands where a caller's stands, so that it is committed to and can be erased.
 */
function aggregate({ address, reason, count, from, to }: Tally, { clock, random }: AuditTrailDeps): AuditDraft {
  return {
    action: 'refusals.aggregated',
    outcome: 'refused',
    principal: anonymous,
    resource: uid('System', systemId),
    workspace: null,
    decision: null,
    refusal: reason,
    input: {},
    call: { requestId: random.id(), at: clock.now(), address, userAgent: '', transport: 'internal' },
    detail: { count, from: from.toISOString(), to: to.toISOString() },
  }
}

/** One entry for what a page asked again in a minute, in its session's name. */
const readsAggregate = ({ last, reads, from, to }: ReadTally, { clock, random }: AuditTrailDeps): AuditDraft => ({
  action: 'reads.aggregated',
  outcome: 'allowed',
  principal: last.principal,
  resource: uid('Session', last.principal.type === 'User' ? last.principal.session.id : last.principal.id),
  workspace: null,
  decision: null,
  refusal: null,
  input: {},
  call: { ...last.call, requestId: random.id(), at: clock.now() },
  detail: {
    count: reads.reduce((sum, { count }) => sum + count, 0),
    from: from.toISOString(),
    to: to.toISOString(),
    reads: [...reads],
  },
})
