import { secret, type Secret } from '@gatehouse/contract'
import type { Random } from '@gatehouse/enforcement'

/** Without letters and digits that look alike: it is read from a screen and typed. 32 of them, so each stands for five bits. */
const alphabet = 'abcdefghijkmnpqrstuvwxyz23456789'

const groups = 5
const groupLength = 4

/** A random password that a person can copy by hand: 100 bits in groups of four. */
export function createOneTimePassword(random: Random): Secret<string> {
  const letters = [...random.bytes(groups * groupLength)].map((byte) => alphabet[byte % alphabet.length] ?? '')
  return secret(Array.from({ length: groups }, (_, group) => letters.slice(group * groupLength, (group + 1) * groupLength).join('')).join('-'))
}
