/** The search columns of one entry. */
export interface EntryColumns {
  readonly at: string | null
  readonly action: string | null
  readonly outcome: string | null
  readonly principal_id: string | null
  readonly resource_type: string | null
  readonly resource_id: string | null
  readonly workspace: string | null
  readonly session_id: string | null
  readonly effect: string | null
  readonly kind: string | null
}
