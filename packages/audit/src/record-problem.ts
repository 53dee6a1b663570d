/** What can be wrong with the audit log. */
export type ProblemKind =
  | 'entry-altered'
  | 'column-altered'
  | 'leaf-missing'
  | 'entry-missing'
  | 'personal-altered'
  | 'decision-altered'
  | 'root-mismatch'
  | 'checkpoint-invalid'
  | 'shrunk'
  | 'order'

/** One thing that is wrong with it. */
export interface RecordProblem {
  /** Where in the tree; null for what has no place there. */
  readonly seq: number | null
  readonly kind: ProblemKind
  readonly message: string
}

/** Problems listed; whoever needs more has a rewritten record and no use for a list. */
export const problemsMax = 100
