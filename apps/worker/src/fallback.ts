import { setTimeout as sleep } from 'node:timers/promises'
import type { OperationName } from '@gatehouse/contract'
import type { Clock, Enforcer, Random, Schedule, Sweep } from '@gatehouse/enforcement'

/**
 * Temporal's workflows do the sweeping; what is overdue by more than this is swept here, so expiry survives Temporal's
 * absence.
 */
const overdueSeconds = 3
const lookEveryMilliseconds = 1000
/** After a failure: what refuses or breaks each time must not fill the audit log with a line a second. */
const pauseAfterFailureMilliseconds = 10_000
/** A run that is so late is not coming: whoever brings the schedules is away. */
const lateMilliseconds = 60_000

export interface FallbackDeps {
  /** What comes due in rows. */
  readonly sweeps: readonly Sweep[]
  readonly enforcer: Pick<Enforcer, 'internal'>
  readonly clock: Clock
  readonly random: Random
  /** What runs by the clock. */
  readonly schedules: readonly Schedule[]
  /** When an operation last ran to its end, by whomever; null: never. */
  readonly lastRunAt: (operation: OperationName) => Promise<Date | null>
  readonly onError: (error: unknown) => void
}

/** Runs what is late. Each round looks first, so that while all is well it costs one question a second. */
export function startFallback(deps: FallbackDeps): { close(): Promise<void> } {
  const stop = new AbortController()
  const runs = deps.schedules.map((schedule) => runnerOf(deps, schedule))
  const done = (async () => {
    while (!stop.signal.aborted) {
      const rounds = await Promise.allSettled([
        ...deps.sweeps.map((sweep) => sweepIfLate(deps, sweep)),
        ...runs.map((runIfLate) => runIfLate()),
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

async function sweepIfLate({ enforcer, random }: FallbackDeps, sweep: Sweep): Promise<void> {
  const due = await sweep.nextDueInSeconds()
  if (due !== null && due < -overdueSeconds) await sweep.run((name, raw) => enforcer.internal(name, raw, random.id()))
}

/** Answers what runs a schedule's operation when its last run, by whomever, is too long ago. */
function runnerOf({ enforcer, clock, random, lastRunAt }: FallbackDeps, schedule: Schedule): () => Promise<void> {
  const { operation, input, everySeconds } = schedule
  const pauseMilliseconds = everySeconds * 1000 + lateMilliseconds
  const startedAt = clock.now().getTime()
  let lookAt = startedAt // until then it cannot be late, so nothing is asked
  return async () => {
    const now = clock.now().getTime()
    if (now < lookAt) return
    const last = await lastRunAt(operation)
    const dueAt = last === null ? startedAt + lateMilliseconds : last.getTime() + pauseMilliseconds
    lookAt = dueAt > now ? dueAt : now + lateMilliseconds // also when it fails: not each second
    if (dueAt <= now) await enforcer.internal(operation, input, random.id())
  }
}
