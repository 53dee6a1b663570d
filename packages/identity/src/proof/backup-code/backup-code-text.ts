import { secret, type Secret } from '@gatehouse/contract'
import type { Random } from '@gatehouse/enforcement'
import { createCopyableText, lettersOfCopyable } from '../../shared/copyable-text.ts'

/** Four groups are 80 bits: too many to guess, few enough to type in a hurry. */
const groups = 4

/** A set of codes, printed on one slip of paper. */
export const backupCodeCount = 10

/** The codes of a new set. */
export const createBackupCodes = (random: Random): Secret<string>[] =>
  Array.from({ length: backupCodeCount }, () => secret(createCopyableText(random, groups)))

/** One code, one spelling. Null: no code of ours looks like this. */
export function canonicalBackupCode(code: Secret<string>): Secret<string> | null {
  const letters = lettersOfCopyable(code.expose())
  return /^[a-z2-9]{16}$/.test(letters) ? secret(letters) : null
}
