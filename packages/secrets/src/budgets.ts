import type { BackendName } from './secret-backend.ts'

/** What one sweep of a backend may take. */
export interface SweepBudget {
  /** So many leases are claimed at once. */
  readonly batchMax: number
  /** So many places (hosts) are contacted side by side. */
  readonly parallelMax: number
  /** So long one place is waited for, with all its leases; one that hangs holds up no other. */
  readonly waitSeconds: number
}

/** Of backends that people configure: some places hang, and hold up no others. */
const configured: SweepBudget = { batchMax: 64, parallelMax: 32, waitSeconds: 25 }

/**
 * One table, from which the rest follows and which a test checks: the longest sweep ends within the claim, so that
 * nobody begins it again; the claim within the intent's deadline, so that its outcome finds its intent; and all of it
 * within the activity, so that Temporal does not start another meanwhile.
 */
export const sweepBudgets: Readonly<Record<BackendName, SweepBudget>> = {
  'ssh-key': { batchMax: 64, parallelMax: 32, waitSeconds: 25 },
  'ssh-certificate': { batchMax: 500, parallelMax: 1, waitSeconds: 0 },
  'ssh-otp': { batchMax: 500, parallelMax: 1, waitSeconds: 0 },
  postgres: configured,
  vault: configured,
  aws: configured,
  upcloud: configured,
}

/**
 * Asking whether revoked credentials are dead: so many at once, so many places side by side, each within its time. The
 * longest round ends within the claim, too.
 */
export const proofBudget: SweepBudget = { batchMax: 48, parallelMax: 24, waitSeconds: 20 }

/** How long the longest sweep takes: as many rounds as there are, each as long as a place may take. */
export const longestSweepSeconds = ({ batchMax, parallelMax, waitSeconds }: SweepBudget): number =>
  Math.ceil(batchMax / parallelMax) * waitSeconds

/** One run sweeps batch after batch; past this it begins no other, and the next run goes on. */
export const sweepRunSeconds = 60

/** A claimed lease is somebody's for this long; a sweeper that was killed has lost its claim afterwards. */
export const claimSeconds = 60

/** How long Temporal waits for one sweep or one retry. */
export const activitySeconds = 150

/**
 * Comparing all backends with all leases: so many side by side, each within its time. All of it ends within the
 * intent's deadline, so that its outcome finds its intent.
 */
export const reconcileBudget = { backendsMax: 96, parallelMax: 32, visitSeconds: 35 } as const
