export { canonical } from './canonical.ts'
export { selectDeedsOf, type SessionDeed } from './session-deeds.queries.ts'
export { kindOf } from './entry-kind.ts'
export { askedBytesMax, type ReadAsked, type Unreplayable } from './asked.ts'
export {
  findRecordedDecision,
  recordedDecisions,
  searchDecisions,
  type DecisionFilters,
  type RecordedDecision,
} from './recorded-decision.ts'
export { isSayable, thingInInput } from './asked-facts.ts'
export { loadAuditEntrySlice } from './audit-entry-slice.ts'
export {
  createChange,
  intentDeadlineSeconds,
  type AuditNote,
  type Change,
  type ChangeDeps,
  type EventFacts,
  type Noting,
  type RowsAtOnce,
} from './change.ts'
export type { Beside } from './entries-beside.queries.ts'
export { openCheckpointKey, type CheckpointKey, type SeedFile } from './checkpoint-key.ts'
export { auditHandlers, type AuditHandlerDeps } from './handlers.ts'
export { parsePeriod, parseWhen } from './when.ts'
export { entryVersion, makeEntry } from './entry.ts'
export type { PeopleEverywhere } from './erase-person.ts'
export { keepErasures } from './keep-erasures.ts'
export { keepHolds } from './retention/keep-holds.ts'
export type { EmergencyRemoval } from './retention/retention-handlers.ts'
export { createLedger, type Ledger } from './ledger.ts'
export {
  keepOutside,
  openOutsideLedgers,
  tellOfLedger,
  type KeepOutside,
  type OutsideLedgers,
} from './outside-ledgers.ts'
export { RecordError, type RecordErrorCode } from './record-error.ts'
export { selectRefusalsByHour, type RefusedHour } from './refused-hours.queries.ts'
export { findLastRun } from './last-run.queries.ts'
export { sealOldValues } from './seal-old-values.ts'
export { sealOldUrls } from './sinks/seal-old-urls.ts'
export { logDocuments, type LogDocuments } from './tree/log-documents.ts'
export { openSubjectKeys, type SubjectKeys, type SubjectKeysDeps } from './subject-keys.ts'
export { sequencerTimes, startSequencer, type Sequencer, type SequencerDeps, type SequencerTimes } from './sequencer.ts'
export type { OnRecorded, Written } from './on-recorded.ts'
export { seesEverything } from './sight.ts'
export { createAuditTrail, type AuditTrailDeps, type RunningTrail } from './trail.ts'
export { problemsMax, type ProblemKind, type RecordProblem } from './record-problem.ts'
export { verifyRecord, type RecordCheck, type RecordVerdict } from './verify-record.ts'
export type { VerifyThreads } from './verify-threads.ts'
export { auditDomain, type AuditNeeds, type AuditSettings } from './domain.ts'
