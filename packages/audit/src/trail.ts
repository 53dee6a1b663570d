import { systemId } from '@gatehouse/contract'
import { openReserved, type Store } from '@gatehouse/database'
import { anonymous, uid, type AuditDraft, type AuditTrail, type Clock, type Random } from '@gatehouse/enforcement'
import { createBatchWriter } from './batch-writer.ts'
import { makeEntry } from './entry.ts'
import type { Ledger } from './ledger.ts'
import { createRefusalTally, type Tally } from './refusal-tally.ts'

export interface AuditTrailDeps {
  /** The runtime login. The trail opens a connection of its own, so that a full pool cannot keep it from writing. */
  readonly url: string
  readonly clock: Clock
  readonly random: Random
  readonly ledger: Ledger
  /** Told of counts that could not be written; the refusals themselves were answered long ago. */
  readonly onError: (error: unknown) => void
}

/** The trail of one process. */
export interface RunningTrail extends AuditTrail {
  /** Writes what is still counted or queued, then lets the connection go. */
  close(): Promise<void>
}

/** How often it is looked whether a minute is over. */
const tallyEveryMilliseconds = 1000

/** Opens the record for what is not a change: refusals, faults, reads. */
export function createAuditTrail(deps: AuditTrailDeps): RunningTrail {
  const { clock, ledger } = deps
  const db: Store = openReserved(deps.url, 'gatehouse-audit-writer')
  const writer = createBatchWriter(db)
  const tally = createRefusalTally()

  const write = (draft: AuditDraft, intent: string | null): Promise<void> =>
    writer.write({ entry: makeEntry({ draft, at: clock.now(), intent, random: deps.random }), closes: intent })
  const writeTallies = async (now: Date | null): Promise<void> => {
    const written = await Promise.allSettled(tally.take(now).map((one) => write(aggregate(one, deps), null)))
    for (const result of written) if (result.status === 'rejected') deps.onError(result.reason)
  }
  const timer = setInterval(() => void writeTallies(clock.now()), tallyEveryMilliseconds)
  timer.unref()

  return {
    record: async (draft) => {
      if (isStrangersRefusal(draft) && !tally.isFirst(draft.call, draft.refusal ?? 'unavailable', clock.now())) return
      const { openIntent } = ledger.of(draft.call)
      await write(draft, openIntent)
      if (openIntent !== null) ledger.note(draft.call, { state: 'outcome', openIntent: null })
    },
    writtenUnder: (permit) => ledger.of(permit.call).state,
    close: async () => {
      clearInterval(timer)
      await writeTallies(null)
      await writer.drain()
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
