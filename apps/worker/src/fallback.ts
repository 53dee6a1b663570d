import { setTimeout as sleep } from 'node:timers/promises'
import type { Clock, Enforcer, Random } from '@gatehouse/enforcement'
import type { BackendName, Leases } from '@gatehouse/secrets'

/**
 * Temporal's workflows do the sweeping; what is overdue by more than this is swept here, so expiry survives Temporal's
 * absence.
 */
const overdueSeconds = 3
const lookEveryMilliseconds = 1000
/** After a failure: what refuses or breaks each time must not fill the record with a line a second. */
const pauseAfterFailureMilliseconds = 10_000
/**
 * Hosts are compared with their leases every five minutes by a schedule; a minute late means that the schedule is not
 * running.
 */
const reconcileAfterMilliseconds = 6 * 60_000

export interface FallbackDeps {
  readonly backends: readonly BackendName[]
  readonly leases: Pick<Leases, 'nextDueInSeconds'>
  readonly enforcer: Pick<Enforcer, 'internal'>
  readonly clock: Clock
  readonly random: Random
  /** When hosts were last reconciled, by whomever. */
  readonly reconciledAt: () => Promise<Date | null>
  readonly onError: (error: unknown) => void
}

/** Runs what is late. Each round looks first, so that while all is well it costs one question a second. */
export function startFallback(deps: FallbackDeps): { close(): Promise<void> } {
  const stop = new AbortController()
  const startedAt = deps.clock.now()
  const done = (async () => {
    while (!stop.signal.aborted) {
      const rounds = await Promise.allSettled([
        ...deps.backends.map((backend) => sweepIfLate(deps, backend)),
        reconcileIfLate(deps, startedAt),
      ])
      const failed = rounds.filter((round) => round.status === 'rejected')
      for (const { reason } of failed) deps.onError(reason)
      await sleep(failed.length > 0 ? pauseAfterFailureMilliseconds : lookEveryMilliseconds, undefined, {
        signal: stop.signal,
      }).catch(() => undefined)
    }
  })()
  return {
    close: async () => {
      stop.abort()
      await done
    },
  }
}

async function sweepIfLate({ leases, enforcer, random }: FallbackDeps, backend: BackendName): Promise<void> {
  const due = await leases.nextDueInSeconds(backend)
  if (due !== null && due < -overdueSeconds) await enforcer.internal('lease.expire', { backend }, random.id())
}

async function reconcileIfLate(
  { enforcer, clock, random, reconciledAt }: FallbackDeps,
  startedAt: Date,
): Promise<void> {
  const last = (await reconciledAt()) ?? startedAt
  if (clock.now().getTime() - last.getTime() > reconcileAfterMilliseconds)
    await enforcer.internal('sshHost.reconcile', {}, random.id())
}
