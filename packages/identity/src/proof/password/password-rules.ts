import type { IdentityConfig } from '../../shared/config.ts'
import { commonPasswords } from './common-passwords.ts'

/** Beside a second factor (NIST 800-63B-4 §3.1.1.2). */
const lengthMinBesideFactor = 8

/** Where the password stands alone: the same section. */
const lengthMinAlone = 15

/** Beyond this nobody types; it bounds the work of hashing. */
const lengthMax = 256

/**
 * A year and an exclamation mark, or `123` before and after: what every guessing program puts around a common password.
 */
const decorationMax = 5

/** What must be left of a password without the words that anybody knows who knows the account. */
const ownCharactersMin = 6

/** Shorter words are part of others by chance. */
const contextWordMin = 3

/** What everybody knows who wants into this Gatehouse. */
const productName = 'gatehouse'

/** A password that somebody wants to have from now on. */
export interface NewPassword {
  readonly password: string
  /** Canonical. */
  readonly username: string
  /** True when nothing but the password will be asked for: their roles demand no authenticator and they have none. */
  readonly singleFactor: boolean
  /** Further words that are no secret here, such as the issuer's name. */
  readonly contextWords?: readonly string[]
}

/** Names under which this Gatehouse is known: a password made of them is no secret. */
export const contextWordsOf = ({ jwt, mfa }: Pick<IdentityConfig, 'jwt' | 'mfa'>): readonly string[] => [
  jwt.issuer,
  mfa.totpIssuer,
]

/**
 * What a new password should be instead, in words for the person; null: it is good. Composition is never judged: such
 * rules make passwords worse.
 */
export function passwordProblem({ password, username, singleFactor, contextWords = [] }: NewPassword): string | null {
  const text = password.normalize('NFKC')
  const length = [...text].length
  const lengthMin = singleFactor ? lengthMinAlone : lengthMinBesideFactor
  if (length < lengthMin)
    return singleFactor
      ? `at least ${lengthMin} characters, because no second factor stands beside it`
      : `at least ${lengthMin} characters`
  if (length > lengthMax) return `at most ${lengthMax} characters`
  const folded = text.toLowerCase()
  if (isMadeOf(folded, [username])) return 'something else than the user name'
  if (isMadeOf(folded, [username, productName, ...contextWords]))
    return 'something that does not consist of the names of this Gatehouse and its user'
  if (isCommon(folded))
    return 'something that is not among the most common passwords, nor one of them with a few characters around it'
  return null
}

/** True when too little is left without these words. Signs between them add nothing. */
function isMadeOf(folded: string, words: readonly string[]): boolean {
  const known = words
    .map((word) => lettersOf(word.normalize('NFKC').toLowerCase()))
    .filter((word) => word.length >= contextWordMin)
  const letters = lettersOf(folded)
  const rest = known.reduce((left, word) => left.replaceAll(word, ''), letters)
  return rest !== letters && [...rest].length < ownCharactersMin
}

const lettersOf = (text: string): string => text.replace(/[^\p{L}\p{N}]/gu, '')

/** True for a listed password, and for one inside a thin wrapping of digits and signs. */
function isCommon(folded: string): boolean {
  if (commonPasswords.has(folded)) return true
  const core = folded.replace(/^[^\p{L}]+|[^\p{L}]+$/gu, '')
  return core !== '' && [...folded].length - [...core].length <= decorationMax && commonPasswords.has(core)
}
