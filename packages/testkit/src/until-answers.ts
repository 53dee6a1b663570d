import { setTimeout as sleep } from 'node:timers/promises'
import type { GuardedProcess } from './guarded-process.ts'
import { ServerSetupError } from './server-setup-error.ts'

const READY_TIMEOUT_MS = 60_000
const POLL_MS = 50

/** Waits until a server answers at an address with a success. Throws when it has ended, or a minute has passed. */
export const untilAnswers = async (url: string, server: GuardedProcess): Promise<void> => {
  let over = false
  void server.ended.then(() => (over = true))
  const deadline = performance.now() + READY_TIMEOUT_MS
  for (;;) {
    const answered = await fetch(url).then(
      ({ ok }) => ok,
      () => false,
    )
    if (answered) return
    if (over || performance.now() > deadline) throw new ServerSetupError(`nothing answers at ${url}`)
    await sleep(POLL_MS)
  }
}
