import { randomUUID } from 'node:crypto'
import { readFileSync } from 'node:fs'
import type { Look } from './transitions.ts'

/** A clock that nobody sets: what went by between two looks of one machine, whatever its calendar says (threat D7). */
export interface Steady {
  /** Which boot of which machine it counts from; of another nothing can be compared. */
  readonly bootId: string
  milliseconds(): number
}

/** The machine's own (CLOCK_MONOTONIC). Where a machine does not say which boot it is, each process is one. */
export const systemSteady = (): Steady => ({
  bootId: readBootId(),
  milliseconds: () => Number(process.hrtime.bigint() / 1_000_000n),
})

function readBootId(): string {
  try {
    return readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim()
  } catch {
    return randomUUID()
  }
}

/** By which clocks a row was last looked at. */
export interface LookedAt {
  readonly boot_id: string
  readonly steady_ms: string
}

/** Both clocks, at this moment. */
export interface Clocks {
  readonly clock: { now(): Date }
  readonly steady: Steady
}

/** A look at a row, by both clocks. */
export const lookAt = ({ boot_id, steady_ms }: LookedAt, { clock, steady }: Clocks): Look => ({
  now: clock.now(),
  measuredMs: boot_id === steady.bootId ? Math.max(0, steady.milliseconds() - Number(steady_ms)) : 0,
})

/** What a look leaves in its row. */
export const lookedAt = ({ steady }: Clocks) => ({
  boot_id: steady.bootId,
  steady_ms: String(Math.round(steady.milliseconds())),
})
