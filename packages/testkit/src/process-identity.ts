import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'

/** A process and when it began: a process id alone is given to a stranger sooner or later. */
export interface ProcessIdentity {
  readonly pid: number
  readonly startedAt: string
}

/** How to end a process: each signal in turn, with the time it is given to work. */
export type SignalPlan = readonly { readonly signal: NodeJS.Signals; readonly waitMs: number }[]

const POLL_MS = 20

/** Names the live process with this id, or answers null when there is none (a zombie is none). */
export const identifyProcess = (pid: number): ProcessIdentity | null => {
  const startedAt = process.platform === 'linux' ? startFromProc(pid) : startFromPs(pid)
  return startedAt === null ? null : { pid, startedAt }
}

/** Says whether this very process still lives, not merely one of the same number. */
export const isRunning = (identity: ProcessIdentity): boolean =>
  identifyProcess(identity.pid)?.startedAt === identity.startedAt

/** Waits until the process is gone; answers false when it outlived the time. */
export const waitForEnd = async (identity: ProcessIdentity, waitMs: number): Promise<boolean> => {
  const deadline = performance.now() + waitMs
  while (isRunning(identity)) {
    if (performance.now() > deadline) return false
    await sleep(POLL_MS)
  }
  return true
}

/** Ends the process by the plan's signals; answers whether it is gone. A process that ended before is fine. */
export const endProcess = async (identity: ProcessIdentity, plan: SignalPlan): Promise<boolean> => {
  for (const { signal, waitMs } of plan) {
    if (!isRunning(identity)) return true
    sendSignal(identity.pid, signal)
    if (await waitForEnd(identity, waitMs)) return true
  }
  return !isRunning(identity)
}

const sendSignal = (pid: number, signal: NodeJS.Signals): void => {
  try {
    process.kill(pid, signal)
  } catch (error) {
    // Between the look and the signal it may have ended, which is what was wanted.
    if (!(error instanceof Error && 'code' in error && error.code === 'ESRCH')) throw error
  }
}

const startFromProc = (pid: number): string | null => {
  const stat = readOrNull(`/proc/${pid}/stat`)
  if (stat === null) return null
  // proc(5): the second field is a name in brackets that may hold spaces; state is the 3rd field, start time the 22nd.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
  if (fields[0] === 'Z' || fields[0] === 'X') return null
  // The start time counts from boot, so that after a reboot it alone could match by chance.
  return `${(readOrNull('/proc/sys/kernel/random/boot_id') ?? '').trim()}:${fields[19] ?? ''}`
}

const startFromPs = (pid: number): string | null => {
  try {
    const [state = 'Z', ...started] = execFileSync('ps', ['-o', 'stat=,lstart=', '-p', String(pid)], {
      encoding: 'utf8',
    })
      .trim()
      .split(/\s+/)
    return state.startsWith('Z') ? null : started.join(' ')
  } catch {
    return null // ps exits with 1 when there is no such process
  }
}

const readOrNull = (path: string): string | null => {
  try {
    return readFileSync(path, 'utf8')
  } catch {
    return null
  }
}
