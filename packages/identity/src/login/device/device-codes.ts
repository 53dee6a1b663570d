import { createHash } from 'node:crypto'
import { secret, type Secret } from '@gatehouse/contract'
import type { Random } from '@gatehouse/enforcement'

/** A typed prefix, so that scanners of leaked secrets know one when they see it. */
const prefix = 'ghd_'

/** 256 bits: not to be guessed, so a fast hash is enough to look it up by. */
const randomBytes = 32

const deviceCodeForm = new RegExp(`^${prefix}[A-Za-z0-9_-]{43}$`)

/** Consonants (RFC 8628 §6.1): no vowels, so no words; no digits, so nothing looks like a letter. */
const alphabet = 'BCDFGHJKLMNPQRSTVWXZ'

/** 20^8 codes are 34.5 bits: with five guesses in five minutes, and each code good for ten, nobody comes near one. */
const letters = 8

/** Bytes above the largest multiple of 20 are thrown away: no letter is likelier than another. */
const byteMax = 256 - (256 % alphabet.length)

/** What the device polls with, and what of it is kept. */
export function createDeviceCode(random: Random): { readonly code: Secret<string>; readonly hash: Buffer } {
  const code = prefix + Buffer.from(random.bytes(randomBytes)).toString('base64url')
  return { code: secret(code), hash: hashOf(code) }
}

/** The hash to look a presented device code up by; null: it is not one of ours. */
export const deviceCodeHash = (code: string): Buffer | null => (deviceCodeForm.test(code) ? hashOf(code) : null)

/** What a person reads off the device and types: eight letters as they are kept. */
export function createUserCode(random: Random): string {
  let code = ''
  while (code.length < letters) {
    for (const byte of random.bytes(letters))
      if (byte < byteMax && code.length < letters) code += alphabet[byte % alphabet.length] ?? ''
  }
  return code
}

/**
 * The one spelling of a user code, however it was typed: small letters, dash and spaces are a person's. Null: it is
 * none.
 */
export function canonicalUserCode(typed: string): string | null {
  // ASCII before upper case: a dotless i or a long s shall not become a letter
  if (!/^[A-Za-z -]+$/.test(typed)) return null
  const code = typed.replaceAll(/[ -]/g, '').toUpperCase()
  return code.length === letters && [...code].every((letter) => alphabet.includes(letter)) ? code : null
}

/** A user code as it is shown: two groups are easier to read and to type. */
export const shownUserCode = (code: string): string => `${code.slice(0, letters / 2)}-${code.slice(letters / 2)}`

const hashOf = (code: string): Buffer => createHash('sha256').update(code).digest()
