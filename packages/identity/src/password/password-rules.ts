import { canonicalName } from '../canonical.ts'
import { commonPasswords } from './common-passwords.ts'

/** Eight, because every role needs a second factor (NIST 800-63B-4 §3.1.1.2: 15 where a password stands alone). */
const lengthMin = 8

/** Beyond this nobody types; it bounds the work of hashing. */
const lengthMax = 256

/** What is wrong with a new password, in words for the person; null: nothing. Composition is never judged: it makes passwords worse. */
export function passwordProblem(password: string, username: string): string | null {
  const length = [...password.normalize('NFKC')].length
  if (length < lengthMin) return `at least ${lengthMin} characters`
  if (length > lengthMax) return `at most ${lengthMax} characters`
  if (canonicalName(password) === username) return 'something else than the user name'
  if (commonPasswords.has(password.normalize('NFKC').toLowerCase())) return 'something that is not among the most common passwords'
  return null
}
