import { createHash } from 'node:crypto'
import { secret, type Secret } from '@gatehouse/contract'
import type { Random } from '@gatehouse/enforcement'

/** 128 bits: nobody guesses one within its minutes, so a fast hash is enough to look it up by. */
const randomBytes = 16

/**
 * How many hexadecimal digits stand between hyphens. It is the form of a UUID and says nothing else of one:
 * `vault-ssh-helper` asks about no password of another form.
 */
const groups = [8, 4, 4, 4, 12] as const

const group = groups.map((length) => `([0-9a-f]{${length}})`)
const form = new RegExp(`^${group.join('-')}$`)
const split = new RegExp(`^${group.join('')}$`)

/** A new password, as a person can type it, and what is kept of it. */
export function createOtp(random: Random): { readonly otp: Secret<string>; readonly hash: Buffer } {
  const digits = Buffer.from(random.bytes(randomBytes)).toString('hex')
  const text = (split.exec(digits) ?? []).slice(1).join('-')
  return { otp: secret(text), hash: hashOf(text) }
}

/**
 * The hash to look a shown password up by; null: it cannot be one of ours. Only hashes are compared, so that how long
 * it takes tells nothing of a password.
 */
export const otpHash = (shown: Secret<string>): Buffer | null =>
  form.test(shown.expose()) ? hashOf(shown.expose()) : null

const hashOf = (text: string): Buffer => createHash('sha256').update(text).digest()
