/**
 * Kinds of rows with clocks that people wait for: each such row has a workflow of its own while anything of it is to
 * come.
 */
export const rowClockKinds = ['break-glass', 'emergency-session', 'incident', 'key-rotation'] as const
export type RowClockKind = (typeof rowClockKinds)[number]

/** Names and ids of workflows, without any schema library: the workflow bundle takes this file. */
export const workflowIds = {
  leaseExpiry: (backend: string): string => `lease-expiry/${backend}`,
  leaseRevocation: (leaseId: string): string => `lease-revocation/${leaseId}`,
  rowClock: (kind: RowClockKind, id: string): string => `${kind}/${id}`,
  sshReconcile: 'ssh-reconcile',
  sshCaAdvance: 'ssh-ca-advance',
  signingKeyAdvance: 'signing-key-advance',
  revocationPrune: 'revocation-prune',
  auditPrune: 'audit-prune',
  kmsKeyDestroy: 'kms-key-destroy',
  kmsKeyRotate: 'kms-key-rotate',
  secretReconcile: 'secret-reconcile',
  leaseWarn: 'lease-warn',
  breakGlassCheck: 'break-glass-check',
} as const

/** The one task queue. */
export const taskQueue = 'gatehouse'

/** How long Temporal waits for one run of a schedule. What a run does is bounded below that. */
export const scheduledRunSeconds = 240

/**
 * An activity of which nothing was heard for so long has died with its worker, and is begun anew by another. Long
 * enough for a worker whose processor is somebody else's for a while, short enough for a person who waits.
 */
export const activitySilenceSeconds = 15
