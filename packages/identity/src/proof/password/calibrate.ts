import { hashRaw, type Algorithm } from '@node-rs/argon2'
import type { PasswordCost } from './password-hashing.ts'

/**
 * Memory first, passes after it (RFC 9106 §4): memory is what an attacker's hardware is short of. From OWASP's minimum
 * to what RFC 9106 recommends first is far.
 */
const memoryStepsKib = [19_456, 32_768, 47_104, 65_536, 98_304, 131_072, 262_144] as const

/** Beyond this more memory is the better step. */
const passesMax = 4
const passesMin = 2

/** Other programs run meanwhile: the fastest of a few is what a hash costs. */
const tries = 3

/** What one cost takes on this machine. */
export interface MeasuredCost extends PasswordCost {
  readonly milliseconds: number
}

/**
 * What was measured, dearest last, and the dearest that stays within the target. Null: this machine is too slow even
 * for the minimum.
 */
export interface Calibration {
  readonly measured: readonly MeasuredCost[]
  readonly best: MeasuredCost | null
}

/** Measures argon2id here, one hash at a time. `memoryKibMax` bounds what one hash may take. */
export async function calibratePasswords({
  targetMilliseconds,
  memoryKibMax,
}: {
  targetMilliseconds: number
  memoryKibMax: number
}): Promise<Calibration> {
  const measured: MeasuredCost[] = []
  const fits = async (cost: PasswordCost): Promise<boolean> => {
    const milliseconds = await timeOf(cost)
    measured.push({ ...cost, milliseconds })
    return milliseconds <= targetMilliseconds
  }
  let best: PasswordCost | null = null
  for (const memoryKib of memoryStepsKib.filter((step) => step <= memoryKibMax)) {
    if (!(await fits({ memoryKib, passes: passesMin }))) break
    best = { memoryKib, passes: passesMin }
  }
  for (let passes = passesMin + 1; best !== null && passes <= passesMax; passes += 1) {
    if (!(await fits({ ...best, passes }))) break
    best = { ...best, passes }
  }
  return {
    measured,
    best: measured.findLast((one) => one.memoryKib === best?.memoryKib && one.passes === best.passes) ?? null,
  }
}

async function timeOf({ memoryKib, passes }: PasswordCost): Promise<number> {
  const times: number[] = []
  for (let at = 0; at < tries; at += 1) {
    const start = performance.now()
    await hashRaw('a password that is hashed to see how long it takes', {
      algorithm: 2 as Algorithm.Argon2id,
      memoryCost: memoryKib,
      timeCost: passes,
      parallelism: 1,
      outputLen: 32, // as in password-hashing.ts
    })
    times.push(performance.now() - start)
  }
  return Math.min(...times)
}
