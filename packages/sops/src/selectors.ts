import { goPattern } from './go-regex.ts'
import { SopsError } from './sops-error.ts'

/** The names of what says which values are encrypted, as metadata and rules have them. At most one is given. */
export const selectorNames = [
  'unencrypted_suffix',
  'encrypted_suffix',
  'unencrypted_regex',
  'encrypted_regex',
  'unencrypted_comment_regex',
  'encrypted_comment_regex',
] as const

export type SelectorName = (typeof selectorNames)[number]

/** Which values are encrypted. */
export interface Selector {
  readonly name: SelectorName
  readonly value: string
}

/** What stock SOPS does where nothing is said. */
export const defaultSelector: Selector = { name: 'unencrypted_suffix', value: '_unencrypted' }

/** The one selector of some fields; null where there is none. Throws `bad-rule` for several. */
export const selectorIn = (fields: Readonly<Record<string, unknown>>): Selector | null => {
  const given = selectorNames.flatMap((name) => {
    const value = fields[name]
    return typeof value === 'string' && value !== '' ? [{ name, value }] : []
  })
  if (given.length > 1)
    throw new SopsError('bad-rule', `only one of ${given.map(({ name }) => `\`${name}\``).join(' and ')} may be given`)
  return given[0] ?? null
}

/** Where a value or a comment stands. */
export interface Position {
  /** The keys above it, its own last; indices of lists do not count. */
  readonly path: readonly string[]
  /** The comments before it, of each level above it, its own level's last. */
  readonly comments: readonly (readonly string[])[]
  /** Whether it is itself the last of the comments. */
  readonly isComment: boolean
}

/** Says of each place whether it is encrypted. */
export const encryptedAt = ({ name, value }: Selector): ((position: Position) => boolean) => {
  if (name === 'unencrypted_suffix') return ({ path }) => !path.some((key) => key.endsWith(value))
  if (name === 'encrypted_suffix') return ({ path }) => path.some((key) => key.endsWith(value))
  const fits = remembered(goPattern(value))
  if (name === 'unencrypted_regex') return ({ path }) => !path.some(fits)
  if (name === 'encrypted_regex') return ({ path }) => path.some(fits)
  if (name === 'unencrypted_comment_regex') return ({ comments }) => !comments.flat().some(fits)
  // the comment that asks for encryption is not encrypted itself
  return ({ comments, isComment }) => (isComment ? comments.flat().slice(0, -1) : comments.flat()).some(fits)
}

/** Keys come again and again, and so do the comments above many values. */
const remembered = (fits: (text: string) => boolean): ((text: string) => boolean) => {
  const answers = new Map<string, boolean>()
  return (text) => {
    const known = answers.get(text)
    if (known !== undefined) return known
    const answer = fits(text)
    answers.set(text, answer)
    return answer
  }
}
