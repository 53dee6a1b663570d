import { setTimeout as sleep } from 'node:timers/promises'
import { submitOne, type WitnessDeps } from './submit-checkpoint.ts'
import { ensureWitnesses } from './witness.queries.ts'

const lookEveryMilliseconds = 2000
/** After something went wrong here, and not with a witness. */
const pauseAfterFailureMilliseconds = 10_000
/** A witness that hangs keeps nobody from stopping: its claim lapses as if the process had died. */
const closeMillisecondsMax = 2000

/** Shows checkpoints to the witnesses of the settings, until it is closed. Nothing ever waits for it. */
export function startWitnessing(deps: WitnessDeps & { readonly onError: (error: unknown) => void }): {
  close(): Promise<void>
} {
  if (deps.witnesses.length === 0) return { close: () => Promise.resolve() }
  const stop = new AbortController()
  let noted = false
  const round = async (): Promise<number> => {
    try {
      const names = deps.witnesses.map(({ verifier }) => verifier.name)
      if (!noted) await ensureWitnesses(deps.db, names, deps.clock.now())
      noted = true
      return (await submitOne(deps)) ? 0 : lookEveryMilliseconds
    } catch (error) {
      deps.onError(error)
      return pauseAfterFailureMilliseconds
    }
  }
  const run = async (): Promise<void> => {
    while (!stop.signal.aborted) {
      const pause = await round()
      if (pause > 0) await sleep(pause, undefined, { signal: stop.signal }).catch(() => undefined)
    }
  }
  const done = run()
  return {
    close: async () => {
      stop.abort()
      await Promise.race([done, sleep(closeMillisecondsMax, undefined, { ref: false })])
    },
  }
}
