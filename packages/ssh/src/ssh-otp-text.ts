import { createHash } from 'node:crypto'
import { secret, type Secret } from '@gatehouse/contract'
import type { Random } from '@gatehouse/enforcement'

/** Crockford's base 32: no letter that reads as a digit or as another letter. A byte has each of them as often. */
const alphabet = '0123456789abcdefghjkmnpqrstvwxyz'

/** 120 bits: nobody guesses one within its minutes, so a fast hash is enough to look it up by. */
const groups = 6
const groupLength = 4

const form = new RegExp(`^[${alphabet}]{${groupLength}}(?:-[${alphabet}]{${groupLength}}){${groups - 1}}$`)

/** A new password, as a person can type it, and what is kept of it. */
export function createOtp(random: Random): { readonly otp: Secret<string>; readonly hash: Buffer } {
  const group = (): string => Array.from(random.bytes(groupLength), (byte) => alphabet[byte % alphabet.length]).join('')
  const text = Array.from({ length: groups }, group).join('-')
  return { otp: secret(text), hash: hashOf(text) }
}

/**
 * The hash to look a shown password up by; null: it cannot be one of ours. Only hashes are compared, so that how long
 * it takes tells nothing of a password.
 */
export const otpHash = (shown: Secret<string>): Buffer | null =>
  form.test(shown.expose()) ? hashOf(shown.expose()) : null

const hashOf = (text: string): Buffer => createHash('sha256').update(text).digest()
