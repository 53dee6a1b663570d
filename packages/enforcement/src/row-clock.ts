import type { RowClockKind } from '@gatehouse/contract'
import type { RunInternal } from './sweep.ts'

/**
 * Rows with clocks that people wait for. Each has a workflow of its own, which waits and calls this; what is due is
 * done by the same steps that the sweep takes. The row decides, so both may do it, and a signal by itself does nothing.
 */
export interface RowClock {
  readonly kind: RowClockKind
  /** Rows of which something is to come, the newest first. */
  livingIds(limit: number): Promise<readonly string[]>
  /** Seconds until something of a row is due, zero or less when it is; null: nothing ever will be. */
  dueInSeconds(id: string): Promise<number | null>
  /** Does what is due of this row and of no other. Answers as above. */
  run(internal: RunInternal, id: string): Promise<number | null>
}

/** A row that waits for people and not for a clock is looked at so often: whoever changes it says so. */
export const rowLookSeconds = 86_400

/** Where Temporal Web is; null: nowhere. */
export type TemporalWeb = { readonly url: string; readonly namespace: string } | null

/** The page of a workflow; null: there is no Temporal Web. */
export function workflowPage(web: TemporalWeb, workflowId: string): string | null {
  if (web === null) return null
  const base = web.url.replace(/\/$/, '')
  return `${base}/namespaces/${encodeURIComponent(web.namespace)}/workflows/${encodeURIComponent(workflowId)}`
}
