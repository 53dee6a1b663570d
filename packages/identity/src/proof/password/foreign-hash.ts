import { scrypt, timingSafeEqual } from 'node:crypto'
import { verify as verifyArgon2 } from '@node-rs/argon2'
import { verify as verifyBcrypt } from '@node-rs/bcrypt'

/** 256 MiB, as the most careful systems use; more of it at once would starve everything else. */
const argon2MemoryKibMax = 262_144
/** Memory times passes: about a second of one core. */
const argon2WorkMax = 1_048_576
const argon2LanesMax = 16
/** Each step doubles: 14 is about a second. Below 4 the algorithm has none. */
const bcryptCost = { min: 4, max: 14 } as const
/** 128 MiB, as OWASP recommends it for scrypt. */
const scryptMemoryBytesMax = 128 * 1024 * 1024
/** Blocks times lanes: twice what OWASP recommends. */
const scryptWorkMax = 2 ** 21
/** A shorter result is guessed, a shorter salt is shared. */
const resultBytes = { min: 16, max: 64 } as const
const saltBytes = { min: 8, max: 64 } as const

/** One algorithm: how its hashes are written, what is wrong with one, and how a password is checked against it. */
interface Algorithm {
  readonly prefix: RegExp
  /** What is wrong with a hash of this algorithm, in words; null: nothing. */
  readonly problem: (hashed: string) => string | null
  /** Only for hashes without a problem. */
  readonly verify: (hashed: string, password: Uint8Array) => Promise<boolean>
}

/** Today's own first. What is not here is not supported, never defaulted. */
const algorithms: readonly Algorithm[] = [
  { prefix: /^\$argon2id\$/, problem: argon2Problem, verify: (hashed, password) => verifyArgon2(hashed, password) },
  { prefix: /^\$2[aby]\$/, problem: bcryptProblem, verify: (hashed, password) => verifyBcrypt(password, hashed) },
  { prefix: /^\$scrypt\$/, problem: scryptProblem, verify: verifyScrypt },
]

/** What is wrong with a hash that somebody brings along; null: it can be checked, at a bounded cost. */
export function foreignHashProblem(hashed: string): string | null {
  const algorithm = algorithms.find(({ prefix }) => prefix.test(hashed))
  return algorithm === undefined
    ? 'a hash of argon2id, bcrypt or scrypt, as `$argon2id$v=19$…`, `$2b$…` or `$scrypt$ln=…`'
    : algorithm.problem(hashed)
}

/** Checks a password against a hash of any algorithm we know. Throws for any other: it was never let in. */
export function verifyHash(hashed: string, password: Uint8Array): Promise<boolean> {
  const algorithm = algorithms.find(({ prefix }) => prefix.test(hashed))
  if (algorithm === undefined) throw new TypeError('a stored hash is of no algorithm that is known')
  return algorithm.verify(hashed, password)
}

export interface Argon2Cost {
  readonly memoryCost: number
  readonly timeCost: number
}

/**
 * More than this times today's work, and a hash is made anew as well: who has it must not be told from others by time,
 * nor cost more.
 */
const costlierMax = 2

/**
 * True when a hash should be made anew at the next right password: another algorithm, weaker than today's, or far
 * costlier.
 */
export function isOutdated(hashed: string, today: Argon2Cost): boolean {
  const cost = argon2CostOf(hashed)
  if (cost === null) return true
  return (
    cost.memoryCost < today.memoryCost ||
    cost.timeCost < today.timeCost ||
    cost.memoryCost * cost.timeCost > costlierMax * today.memoryCost * today.timeCost
  )
}

const argon2Form =
  /^\$argon2id\$v=19\$m=(\d{1,9}),t=(\d{1,9}),p=(\d{1,3})\$([A-Za-z0-9+/]{1,200})\$([A-Za-z0-9+/]{1,200})$/

function argon2CostOf(
  hashed: string,
): (Argon2Cost & { readonly lanes: number; readonly salt: string; readonly result: string }) | null {
  const [, memory, time, lanes, salt, result] = argon2Form.exec(hashed) ?? []
  return salt === undefined || result === undefined
    ? null
    : { memoryCost: Number(memory), timeCost: Number(time), lanes: Number(lanes), salt, result }
}

function argon2Problem(hashed: string): string | null {
  const found = argon2CostOf(hashed)
  if (found === null) return 'argon2id as `$argon2id$v=19$m=…,t=…,p=…$salt$hash`'
  const { memoryCost, timeCost, lanes } = found
  if (lanes < 1 || lanes > argon2LanesMax || timeCost < 1 || memoryCost < 8 * lanes)
    return `argon2id with p from 1 to ${argon2LanesMax}, t from 1 and m from 8 times p`
  if (memoryCost > argon2MemoryKibMax || memoryCost * timeCost > argon2WorkMax)
    return `argon2id that costs less: m at most ${argon2MemoryKibMax}, m times t at most ${argon2WorkMax}`
  return encodingProblem(found)
}

const bcryptForm = /^\$2[aby]\$(\d\d)\$[./A-Za-z0-9]{53}$/
/**
 * 22 characters hold four bits more than a salt, 31 hold two more than a result. With any of those set, a hash is not
 * in its one spelling and the right password never matches it.
 */
const bcryptStrayBitsUnset = /^.{28}[.Oeu].{30}[.CGKOSWaeimquy26]$/

function bcryptProblem(hashed: string): string | null {
  const [, cost] = bcryptForm.exec(hashed) ?? []
  if (cost === undefined) return 'bcrypt as `$2b$12$` with 53 characters behind it'
  if (Number(cost) < bcryptCost.min || Number(cost) > bcryptCost.max)
    return `bcrypt of a cost from ${bcryptCost.min} to ${bcryptCost.max}`
  return bcryptStrayBitsUnset.test(hashed)
    ? null
    : 'bcrypt whose 22nd character of salt is one of `.Oeu` and whose last one has no stray bits: nothing matches ' +
        'this one'
}

const scryptForm = /^\$scrypt\$ln=(\d{1,2}),r=(\d{1,3}),p=(\d{1,3})\$([A-Za-z0-9+/]{1,200})\$([A-Za-z0-9+/]{1,200})$/

function scryptFactsOf(
  hashed: string,
): {
  readonly N: number
  readonly r: number
  readonly p: number
  readonly salt: string
  readonly result: string
} | null {
  const [, ln, r, p, salt, result] = scryptForm.exec(hashed) ?? []
  return salt === undefined || result === undefined
    ? null
    : { N: 2 ** Number(ln), r: Number(r), p: Number(p), salt, result }
}

function scryptProblem(hashed: string): string | null {
  const found = scryptFactsOf(hashed)
  if (found === null) return 'scrypt as `$scrypt$ln=…,r=…,p=…$salt$hash`'
  const { N, r, p } = found
  if (N < 2 || r < 1 || p < 1) return 'scrypt with ln, r and p from 1'
  if (128 * N * r > scryptMemoryBytesMax || N * r * p > scryptWorkMax)
    return 'scrypt that costs less: ln at most 17 with r=8, and p at most 2 then'
  return encodingProblem(found)
}

function verifyScrypt(hashed: string, password: Uint8Array): Promise<boolean> {
  const found = scryptFactsOf(hashed)
  if (found === null) throw new TypeError('a stored scrypt hash is malformed')
  const { N, r, p, salt } = found
  const result = Buffer.from(found.result, 'base64')
  return new Promise((resolve, reject) => {
    // what scrypt itself needs, and what OpenSSL counts beside it
    scrypt(
      password,
      Buffer.from(salt, 'base64'),
      result.length,
      { N, r, p, maxmem: 128 * r * (N + p + 2) + 1024 },
      (error, derived) => {
        if (error === null) resolve(timingSafeEqual(derived, result))
        else reject(error)
      },
    )
  })
}

/**
 * Salt and result of a PHC string: base64 without padding, in its one spelling, neither too short nor absurdly long.
 */
function encodingProblem({ salt, result }: { readonly salt: string; readonly result: string }): string | null {
  for (const [text, { min, max }, name] of [
    [salt, saltBytes, 'a salt'],
    [result, resultBytes, 'a hash'],
  ] as const) {
    const bytes = Buffer.from(text, 'base64')
    if (bytes.toString('base64').replaceAll('=', '') !== text) return `${name} in base64 without padding`
    if (bytes.length < min || bytes.length > max) return `${name} of ${min} to ${max} bytes`
  }
  return null
}
