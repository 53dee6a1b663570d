import { availableParallelism } from 'node:os'
import type { Secret } from '@gatehouse/contract'
import { createGate, type Random } from '@gatehouse/enforcement'
import { hash, hashRaw, type Algorithm } from '@node-rs/argon2'
import { isOutdated, verifyHash } from './foreign-hash.ts'
import { noPassword } from './no-password.ts'

/** argon2id (RFC 9106) a step above OWASP's floor: 46 MiB and two passes cost about 70 ms of one core here. */
const parameters = {
  algorithm: 2 as Algorithm.Argon2id, // the package's enum is ambient and cannot be imported as a value under type stripping
  memoryCost: 47_104,
  timeCost: 2,
  parallelism: 1,
  outputLen: 32,
} as const

/** Hashing shares its threads with everything else: one core stays free, and who would wait longer than a person does is told so. */
const gateOptions = { width: Math.max(1, availableParallelism() - 1), queueMax: 16, waitMillisecondsMax: 2000 } as const

/** Hashes and checks passwords, few at a time. Both throw `Refusal('unavailable')` when too many wait. */
export interface PasswordHashing {
  hash(password: Secret<string>): Promise<string>
  /** Takes as long for a null hash (an unknown name), or none yet, as for one of ours, and answers false. */
  matches(hashed: string | null, password: Secret<string>): Promise<boolean>
  /** True when a right password should be stored anew: by another algorithm than today's, or at another cost. */
  isOutdated(hashed: string): boolean
  /** The same hash for the same text and salt, so that a row can be found by it. */
  derive(text: Secret<string>, salt: Uint8Array): Promise<Buffer>
}

/** Opens password hashing for one process: all of it shares one gate. */
export function createPasswordHashing(random: Random): PasswordHashing {
  const gate = createGate(gateOptions)
  // of a password that nobody knows, by today's parameters: an unknown name costs what a known one does
  const dummy = hash(random.bytes(32), parameters)
  return {
    hash: (password) => gate(() => hash(bytesOf(password), parameters)),
    matches: async (hashed, password) => {
      const real = hashed === noPassword ? null : hashed
      const against = real ?? await dummy
      const matched = await gate(async () => {
        for (const bytes of spellingsOf(password)) if (await verifyHash(against, bytes)) return true
        return false
      })
      return matched && real !== null
    },
    isOutdated: (hashed) => isOutdated(hashed, parameters),
    derive: (text, salt) => gate(() => hashRaw(bytesOf(text), { ...parameters, salt })),
  }
}

/** One password, one spelling: keyboards compose letters differently (NIST 800-63B-4 §3.1.1.2). */
const bytesOf = (password: Secret<string>): Uint8Array => Buffer.from(password.expose().normalize('NFKC'))

/** Our own hashes are of that one spelling; who came with a hash from elsewhere may have it of what the keyboard sent. */
function spellingsOf(password: Secret<string>): readonly Uint8Array[] {
  const [normal, typed] = [bytesOf(password), Buffer.from(password.expose())]
  return typed.equals(normal) ? [normal] : [normal, typed]
}
