import { availableParallelism } from 'node:os'
import type { Secret } from '@gatehouse/contract'
import { createGate, type Random } from '@gatehouse/enforcement'
import { hash, hashRaw, type Algorithm } from '@node-rs/argon2'
import { isOutdated, verifyHash } from './foreign-hash.ts'
import { noPassword } from '../../directory/no-password.ts'
import type { PasswordHashing } from '../../shared/ports.ts'

/** What one hash costs. `[password]` of the settings bounds it from below by OWASP's minimum (19 MiB, two passes). */
export interface PasswordCost {
  readonly memoryKib: number
  readonly passes: number
}

/**
 * A step above OWASP's minimum: 46 MiB and two passes cost 30 to 70 ms of one core of today's. `admin calibrate`
 * measures another machine's.
 */
export const passwordCostDefault: PasswordCost = { memoryKib: 47_104, passes: 2 }

/** argon2id (RFC 9106) with one lane: a lane more would take a second core for one guess. */
const shape = {
  // the package's enum is ambient and cannot be imported as a value under type stripping
  algorithm: 2 as Algorithm.Argon2id,
  parallelism: 1,
  outputLen: 32,
} as const

/** What rows are found by never changes: another cost would make every backup code unknown. */
const derivation = {
  ...shape,
  memoryCost: passwordCostDefault.memoryKib,
  timeCost: passwordCostDefault.passes,
} as const

/**
 * Hashing shares its threads with everything else: one core stays free, and who would wait longer than a person does is
 * told so.
 */
const gateOptions = { width: Math.max(1, availableParallelism() - 1), queueMax: 16, waitMillisecondsMax: 2000 } as const

/** How many hashes one process computes at once; its memory for them is this many times that of one. */
export const hashesAtOnce = gateOptions.width

/** Opens password hashing for one process: all of it shares one gate. */
export function createPasswordHashing(random: Random, cost: PasswordCost = passwordCostDefault): PasswordHashing {
  const gate = createGate(gateOptions)
  const parameters = { ...shape, memoryCost: cost.memoryKib, timeCost: cost.passes }
  // of a password that nobody knows, by today's parameters: an unknown name costs what a known one does
  const dummy = hash(random.bytes(32), parameters)
  return {
    hash: (password) => gate(() => hash(bytesOf(password), parameters)),
    matches: async (hashed, password) => {
      const real = hashed === noPassword ? null : hashed
      const against = real ?? (await dummy)
      const matched = await gate(async () => {
        for (const bytes of spellingsOf(password)) if (await verifyHash(against, bytes)) return true
        return false
      })
      return matched && real !== null
    },
    isOutdated: (hashed) => isOutdated(hashed, parameters),
    derive: (text, salt) => gate(() => hashRaw(bytesOf(text), { ...derivation, salt })),
  }
}

/** One password, one spelling: keyboards compose letters differently (NIST 800-63B-4 §3.1.1.2). */
const bytesOf = (password: Secret<string>): Uint8Array => Buffer.from(password.expose().normalize('NFKC'))

/**
 * Our own hashes are of that one spelling; who came with a hash from elsewhere may have it of what the keyboard sent.
 */
function spellingsOf(password: Secret<string>): readonly Uint8Array[] {
  const [normal, typed] = [bytesOf(password), Buffer.from(password.expose())]
  return typed.equals(normal) ? [normal] : [normal, typed]
}
