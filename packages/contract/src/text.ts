import { countCharacters, findHidden, type TextAllowance } from '@gatehouse/kit'
import { z } from 'zod'

/** What a text must look like beyond what every text must. */
export interface TextRule {
  /** What would be right, in words for people: it completes "this has to be …". */
  readonly what: string
  /** Characters (code points); 1 where nothing is said: an empty text is left out, not sent. */
  readonly charactersMin?: number
  readonly charactersMax: number
  /** An empty text is right as well, whatever else is asked of one: it takes away what was there. */
  readonly orNone?: true
  /** So many of them have to be letters, of any script: what somebody is to read says nothing without. */
  readonly lettersMin?: number
  /** What the whole text has to be. The words for it are `what`. */
  readonly form?: (text: string) => boolean
  /** Spellings of one thing become one, before anything is checked. */
  readonly fold?: (text: string) => string
  readonly allow?: TextAllowance
}

/**
 * The one type of all text that comes from outside: composed (NFC), of a declared length, without characters that steer
 * a terminal, reorder a line or cannot be seen. No input of the contract has a bare `z.string()`.
 */
export function textOf(rule: TextRule): z.ZodString {
  const fold = rule.fold ?? ((text: string) => text)
  const wellSized = (text: string): boolean => text.length <= rawLengthMax(rule)
  return z
    .string({ error: (issue) => (issue.input === undefined ? 'required' : rule.what) })
    .overwrite((text) => (wellSized(text) && text.isWellFormed() ? fold(text.normalize('NFC')) : text))
    .superRefine((text, context) => {
      const message = problemOf(rule, text)
      if (message !== null) context.addIssue({ code: 'custom', message, input: text })
    })
}

/**
 * Composing shortens and folding may trim, so a raw text may be longer than what is counted; beyond this it is not
 * looked at, since looking costs time by the byte.
 */
const rawLengthMax = ({ charactersMax }: TextRule): number => 4 * charactersMax + 64

function problemOf(rule: TextRule, text: string): string | null {
  const characters = text.length > rawLengthMax(rule) ? text.length : countCharacters(text)
  if (characters > rule.charactersMax) return `at most ${amount(rule.charactersMax)}; this has ${characters}`
  const hidden = findHidden(text, rule.allow)
  if (hidden !== null) return `${rule.what}, without ${hidden.name} (character ${hidden.place})`
  if (text === '' && rule.orNone === true) return null
  const charactersMin = rule.charactersMin ?? 1
  if (characters < charactersMin) return characters === 0 ? rule.what : `at least ${amount(charactersMin)}`
  if (charactersMin > 0 && text.trim() === '') return rule.what
  if (countLetters(text) < (rule.lettersMin ?? 0)) return `words that say why: at least ${letters(rule.lettersMin)}`
  return rule.form === undefined || rule.form(text) ? null : rule.what
}

const amount = (characters: number): string => `${characters} ${characters === 1 ? 'character' : 'characters'}`

const countLetters = (text: string): number => text.match(/\p{L}/gu)?.length ?? 0
const letters = (count = 1): string => (count === 1 ? 'one letter' : `${count} letters`)

/** Prose of one line: reasons, purposes. A log line stays a line. */
export const lineOf = (charactersMax: number, rest: Partial<TextRule> = {}): z.ZodString =>
  textOf({ what: 'one line of text', charactersMax, allow: { joiners: true }, ...rest })

/** Why something is done, for whoever has to judge it: digits and dots alone are no reason. */
export const reasonOf = (charactersMax: number, rest: Partial<TextRule> = {}): z.ZodString =>
  lineOf(charactersMax, { lettersMin: 1, ...rest })

/** A whole number within bounds, which its messages name both. */
export function wholeNumber({ min, max, unit = '' }: { min: number; max: number; unit?: string }): z.ZodInt {
  const what = `a whole number from ${min} to ${max}${unit === '' ? '' : ` ${unit}`}`
  return z
    .int({ error: (issue) => (issue.input === undefined ? 'required' : what) })
    .min(min, { error: what })
    .max(max, { error: what })
}
