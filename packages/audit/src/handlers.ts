import { Refusal } from '@gatehouse/contract'
import type { Store } from '@gatehouse/database'
import type { Directory, Handler, HandlersOf } from '@gatehouse/enforcement'
import { createTurns } from '@gatehouse/kit'
import { anonymize } from './anonymize.ts'
import type { Change } from './change.ts'
import { readNewestCheckpoint } from './checkpoint.queries.ts'
import type { EraseDeps } from './erase-person.ts'
import { exportHandlers, type ExportDeps } from './export/export-handlers.ts'
import { identify } from './identify.ts'
import type { KeepOutside } from './outside-ledgers.ts'
import { createPseudonyms } from './pseudonyms.ts'
import { readerOf } from './reader.ts'
import { findEntry } from './search.queries.ts'
import { presentedTo, searchAudit } from './search.ts'
import { auditStats } from './stats.ts'
import type { SubjectKeys } from './subject-keys.ts'
import { tailAudit, type TailDeps } from './tail.ts'
import { proofHandlers } from './tree/proof-handlers.ts'
import { emptyRoot } from './verify.ts'
import { verifyRecord } from './verify-record.ts'
import type { VerifyThreads } from './verify-threads.ts'
import { holdHandlers, type HoldDeps } from './retention/hold-handlers.ts'
import { retentionHandlers, type RetentionDeps } from './retention/retention-handlers.ts'
import { sinkHandlers, type SinkHandlerDeps } from './sinks/sink-handlers.ts'
import { viewHandlers, type ViewDeps } from './view-handlers.ts'
import { cosignedCheckpoint } from './witness/cosigned-checkpoint.ts'

export interface AuditHandlerDeps
  extends TailDeps, ExportDeps, SinkHandlerDeps, ViewDeps, EraseDeps, RetentionDeps, HoldDeps {
  /** Where a whole audit log may be read: its statements take long, and hold no connection that calls wait for. */
  readonly records: Store
  readonly subjectKeys: SubjectKeys
  readonly directory: Directory<Store>
  readonly change: Change
  readonly outside: KeepOutside
  /** Absent: the audit log is verified in this process's only thread. */
  readonly verifyThreads?: VerifyThreads
}

/**
 * Verifications that may wait for the one that runs. Each reads the whole record, so two at once only slow each other
 * down.
 */
const verificationsWaitingMax = 8

/** Everything that is asked of the audit log. */
export function auditHandlers(
  given: Omit<AuditHandlerDeps, 'pseudonyms'>,
): HandlersOf<'audit' | 'auditSink' | 'auditView'> {
  const deps: AuditHandlerDeps = { ...given, pseudonyms: createPseudonyms(given) }
  return {
    ...viewHandlers(deps),
    ...exportHandlers(deps),
    ...proofHandlers(deps),
    ...sinkHandlers(deps),
    ...retentionHandlers(deps),
    ...holdHandlers(deps),
    'audit.search': searchAudit(deps),
    'audit.stats': auditStats(deps),
    'audit.tail': tailAudit(deps),
    'audit.get': get(deps),
    'audit.identify': identify(deps),
    'audit.verify': verify(deps),
    'audit.checkpoint': checkpoint(deps),
    'audit.anonymize': anonymize(deps),
  }
}

const get =
  (deps: AuditHandlerDeps): Handler<'audit.get'> =>
  async (permit) => {
    const row = permit.slice === null ? null : await findEntry(deps, permit.slice.resource.id)
    if (row === null) throw new Refusal('not-found')
    return presentedTo(readerOf(deps, permit), row)
  }

const verify = ({ records, key, subjectKeys, verifyThreads }: AuditHandlerDeps): Handler<'audit.verify'> => {
  const turns = createTurns()
  return async ({ input }) => {
    if (turns.waiting() >= verificationsWaitingMax)
      throw new Refusal('unavailable', { hint: 'others ask for the same; try again in a minute' })
    const verdict = await turns.take(() =>
      verifyRecord({
        db: records,
        key,
        subjectKeys,
        remembered: input.remembered ?? null,
        ...(verifyThreads && { threads: verifyThreads }),
      }),
    )
    return { ...verdict, root: verdict.root.toString('base64'), problems: [...verdict.problems] }
  }
}

const checkpoint =
  ({ db, key, witnesses }: AuditHandlerDeps): Handler<'audit.checkpoint'> =>
  async () => {
    const newest = await readNewestCheckpoint(db)
    return {
      ...(await cosignedCheckpoint(db, witnesses)),
      size: newest?.size ?? 0,
      root: (newest?.root ?? emptyRoot).toString('base64'),
      at: newest?.signedAt ?? null,
      checkpoint: newest?.note ?? null,
      publicKey: key.publicKey,
    }
  }
