/**
 * What steers a terminal, breaks a line or reorders what stands beside it, and what nobody can see: controls, line and
 * paragraph separators, bidirectional controls (Unicode UAX #9), half surrogate pairs, format characters and fillers
 * without a shape, characters that are none. The joiners U+200C and U+200D are letters to several scripts, so they are
 * told apart.
 */
const steering = /[\p{Cc}\u2028\u2029\p{Bidi_Control}\p{Cs}\p{Noncharacter_Code_Point}]/u
const shapelessParts = [
  '\\u00ad\\u034f\\u115f\\u1160\\u17b4\\u17b5\\u180e\\u200b',
  '\\u2060-\\u206f\\u3164\\ufeff\\uffa0\\ufff0-\\ufffb',
]
const shapeless = new RegExp(`[${shapelessParts.join('')}]`, 'u')
const shapelessBeyond = /[\u{1bca0}-\u{1bca3}\u{1d173}-\u{1d17a}\u{e0000}-\u{e0fff}]/u
const joiner = /[\u200c\u200d]/u

const isHidden = (character: string): boolean =>
  steering.test(character) || shapeless.test(character) || shapelessBeyond.test(character)

/** Where a text has a character that may not stand in it: which, and after how many others. */
export interface HiddenCharacter {
  /** As people write it: `U+202E`. */
  readonly name: string
  /** Counted from one. */
  readonly place: number
}

/** What a text may have beside plain characters. */
export interface TextAllowance {
  /** Line feeds: where lines are meant. */
  readonly lineBreaks?: true
  /** The zero-width joiner and non-joiner: in prose, never in names. */
  readonly joiners?: true
}

/** The first character of a text that steers, reorders or hides; null: everything in it can be seen as it is. */
export function findHidden(text: string, allowance: TextAllowance = {}): HiddenCharacter | null {
  let place = 0
  for (const character of text) {
    place += 1
    if (character === '\n' && allowance.lineBreaks) continue
    const hidden = isHidden(character) || (allowance.joiners === undefined && joiner.test(character))
    if (hidden) return { name: codePointName(character), place }
  }
  return null
}

const codePointName = (character: string): string =>
  `U+${(character.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, '0')}`

/** Stands where a character was that may not be shown. */
const replacement = '\ufffd'

/**
 * A text as it may be shown, whatever stands in it: one rule for terminal and page. What steers, reorders or hides
 * becomes `\ufffd`.
 */
export const shownText = (text: string): string =>
  findHidden(text, { joiners: true }) === null
    ? text
    : Array.from(text, (character) => (isHidden(character) ? replacement : character)).join('')

/** As `shownText`, but line breaks stay: for texts of several lines. */
export const shownLines = (text: string): string => text.split('\n').map(shownText).join('\n')

/** A value as it may be shown: all texts in it, names of fields included, as `shownLines` has them. */
export function shownValue<T>(value: T): T
export function shownValue(value: unknown): unknown {
  if (typeof value === 'string') return shownLines(value)
  if (Array.isArray(value)) return value.map((item) => shownValue<unknown>(item))
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(Object.entries(value).map(([key, part]) => [shownText(key), shownValue<unknown>(part)]))
}

/** JSON text that says the same and has in it nothing that a terminal would obey: what steers or hides is escaped. */
export const escapedJson = (json: string): string =>
  findHidden(json, { lineBreaks: true, joiners: true }) === null
    ? json
    : Array.from(json, (character) =>
        character !== '\n' && isHidden(character) ? escapeOf(character) : character,
      ).join('')

/** Beyond U+FFFF JSON names the two halves. */
const escapeOf = (character: string): string =>
  character
    .split('')
    .map((half) => `\\u${half.charCodeAt(0).toString(16).padStart(4, '0')}`)
    .join('')

/** How many characters a person would count: code points, so that a letter beyond U+FFFF is one. */
export function countCharacters(text: string): number {
  let count = 0
  for (const _character of text) count += 1
  return count
}
