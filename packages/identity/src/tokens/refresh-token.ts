import { createHash } from 'node:crypto'
import { secret, type Secret } from '@gatehouse/contract'
import type { Random } from '@gatehouse/enforcement'

/** A typed prefix, so that scanners of leaked secrets know one when they see it. */
const prefix = 'ghr_'

/** 256 bits: not to be guessed, so a fast hash is enough to look it up by. */
const randomBytes = 32

const form = new RegExp(`^${prefix}[A-Za-z0-9_-]{43}$`)

export interface NewRefreshToken {
  readonly token: Secret<string>
  readonly hash: Buffer
}

export function createRefreshToken(random: Random): NewRefreshToken {
  const token = prefix + Buffer.from(random.bytes(randomBytes)).toString('base64url')
  return { token: secret(token), hash: hashOf(token) }
}

/**
 * The hash to look a presented token up by; null: it is not one of ours. The whole text is hashed, so there are no
 * second spellings.
 */
export const refreshTokenHash = (token: string): Buffer | null => (form.test(token) ? hashOf(token) : null)

const hashOf = (token: string): Buffer => createHash('sha256').update(token).digest()
