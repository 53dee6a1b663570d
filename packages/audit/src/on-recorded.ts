import type { AuditDraft } from '@gatehouse/enforcement'

/** Told of each outcome. It must not throw, and what it takes the caller waits for. */
export type OnRecorded = (draft: AuditDraft, written: Written) => void

/** How an outcome came into the audit log. */
export interface Written {
  /** Null: it was counted with others, and has no entry of its own. */
  readonly entryId: string | null
  /** Until it was durable; null as well for what is written with a change. */
  readonly seconds: number | null
}
