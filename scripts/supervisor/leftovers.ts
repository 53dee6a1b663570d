import { rmSync } from 'node:fs'
import { endProcess, isRunning } from '@gatehouse/testkit/servers'
import type { SignalPlan } from '@gatehouse/testkit/servers'
import { StartError } from './settings.ts'
import type { Home } from './home.ts'
import { readRunRecord } from './run-record.ts'
import type { ServiceName } from './run-record.ts'

/** How each child is asked to end, first kindly. */
export const STOP_PLANS = {
  gateway: [
    { signal: 'SIGTERM', waitMs: 10_000 },
    { signal: 'SIGKILL', waitMs: 5_000 },
  ],
  worker: [
    { signal: 'SIGTERM', waitMs: 10_000 },
    { signal: 'SIGKILL', waitMs: 5_000 },
  ],
  temporal: [
    { signal: 'SIGTERM', waitMs: 10_000 },
    { signal: 'SIGKILL', waitMs: 5_000 },
  ],
  // SIGINT is PostgreSQL's fast shutdown: it ends the sessions and writes everything out. SIGQUIT leaves that to the
  // next start.
  postgres: [
    { signal: 'SIGINT', waitMs: 20_000 },
    { signal: 'SIGQUIT', waitMs: 5_000 },
    { signal: 'SIGKILL', waitMs: 5_000 },
  ],
} as const satisfies Record<ServiceName, SignalPlan>

/** The order of stopping: whoever uses a server goes before it. */
export const STOP_ORDER: readonly (readonly ServiceName[])[] = [['gateway', 'worker'], ['temporal'], ['postgres']]

/**
 * Ends what a killed supervisor of this state directory left running; its servers are then started anew on the same
 * files.
 * To stop and start them costs a second and makes every child ours again, with an exit we are told of.
 */
export const endLeftovers = async (home: Home, say: (line: string) => void): Promise<void> => {
  rmSync(home.devFile, { force: true }) // it speaks of a system that is no more
  const record = readRunRecord(home)
  for (const group of STOP_ORDER) {
    await Promise.all(group.map((name) => endLeftover(name, record[name], say)))
  }
  rmSync(home.runFile, { force: true })
}

const endLeftover = async (
  name: ServiceName,
  identity: Parameters<typeof isRunning>[0] | undefined,
  say: (line: string) => void,
): Promise<void> => {
  if (!identity || !isRunning(identity)) return
  say(`taking over ${name} (process ${identity.pid}) from a start that was killed`)
  if (!(await endProcess(identity, STOP_PLANS[name])))
    throw new StartError(
      `${name} of an earlier start (process ${identity.pid}) does not end: end it by hand, then start again`,
    )
}
