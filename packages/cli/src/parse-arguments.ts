import { usageError } from './cli-error.ts'
import { parseDuration } from '@gatehouse/kit'
import { shortFlags, splitGlued, type Flag } from './flag.ts'
import { flagError } from './cli-error.ts'
import { nearest } from '@gatehouse/kit'

/** What stood on the command line, by field. */
export interface Arguments {
  readonly values: Readonly<Record<string, FlagValue>>
  /** Everything after `--`. */
  readonly rest: readonly string[]
}

/** What a flag, or a word in its place, can stand for. */
export type FlagValue = string | number | boolean | readonly string[]

interface Grammar {
  readonly flags: readonly Flag[]
  /** Fields that may stand without a flag, in order. */
  readonly positionals: readonly string[]
  /** Whether the command takes anything after `--`. */
  readonly takesRest: boolean
  readonly command: string
  /** What to say of words that the command does not know, where its help is not the answer. */
  readonly hint?: string
}

interface Reading {
  readonly values: Record<string, FlagValue>
  readonly loose: string[]
}

/** Turns words into values by the flags' kinds. Everything wrong is exit 2 and names the flag. */
export const parseArguments = (words: readonly string[], grammar: Grammar): Arguments => {
  const end = words.indexOf('--')
  const before = end === -1 ? words : words.slice(0, end)
  const rest = end === -1 ? [] : words.slice(end + 1)
  const reading: Reading = { values: {}, loose: [] }
  for (let index = 0; index < before.length;) index += readWord(before, index, { grammar, reading })
  const loose = grammar.takesRest ? reading.loose : [...reading.loose, ...rest]
  return {
    values: { ...reading.values, ...placeLoose(loose, reading.values, grammar) },
    rest: grammar.takesRest ? rest : [],
  }
}

interface ReadingState {
  readonly grammar: Grammar
  readonly reading: Reading
}

/** `-` is standard input, and no flag begins with a digit: `-1` is a value. */
const isNoFlag = /^-(?:\.?\d.*)?$/

/** Reads one word, or a flag with its value; answers how many words that were. */
const readWord = (words: readonly string[], index: number, { grammar, reading }: ReadingState): number => {
  const word = words[index] ?? ''
  if (!word.startsWith('-') || isNoFlag.test(word)) {
    reading.loose.push(word)
    return 1
  }
  const { name, inline } = splitFlag(word)
  const { flag, negated } = findFlag(name, grammar)
  if (flag.kind === 'boolean') {
    if (inline !== null && inline !== 'true' && inline !== 'false') throw flagError(flag.name, 'takes no value')
    // one that has to be there is an answer, yes or no, and no switch: it may stand beside it as other values do
    const answer = inline === null && !negated && flag.required && isTruth(words[index + 1]) ? words[index + 1] : inline
    reading.values[flag.field] = negated ? false : answer !== 'false'
    return answer === inline ? 1 : 2
  }
  const text = inline ?? words[index + 1]
  if (text === undefined) throw flagError(flag.name, 'needs a value')
  reading.values[flag.field] = addValue({ flag, text, sofar: reading.values[flag.field] })
  return inline === null ? 2 : 1
}

const splitFlag = (word: string): { name: string; inline: string | null } => {
  if (!word.startsWith('--')) return splitGlued(word) ?? { name: shortFlags[word.slice(1)] ?? word, inline: null }
  const equals = word.indexOf('=')
  return equals === -1
    ? { name: word.slice(2), inline: null }
    : { name: word.slice(2, equals), inline: word.slice(equals + 1) }
}

const findFlag = (name: string, { flags, command, hint }: Grammar): { flag: Flag; negated: boolean } => {
  const exact = flags.find((flag) => flag.name === name)
  if (exact !== undefined) return { flag: exact, negated: false }
  const denied = flags.find((flag) => flag.kind === 'boolean' && `no-${flag.name}` === name)
  if (denied !== undefined) return { flag: denied, negated: true }
  const meant = nearest(
    name,
    flags.map((flag) => flag.name),
  )
  const shown = name.startsWith('-') ? name : `--${name}`
  throw usageError(`\`${command}\` has no flag \`${shown}\``, {
    fields: [{ path: name, message: `\`${command}\` has no flag` }],
    hint: typedHint(name, { flags, command }) ?? nearestHint(meant) ?? hint ?? `gatehouse ${command} --help`,
  })
}

const nearestHint = (meant: string | null): string | null => (meant === null ? null : `did you mean --${meant}?`)

/** A type on its own, where a thing is one word of both: filters of the audit log write it as policies do. */
function typedHint(name: string, { flags, command }: Pick<Grammar, 'flags' | 'command'>): string | null {
  const whole = name.replace(/-type$/, '')
  if (whole === name || !flags.some((flag) => flag.name === whole)) return null
  return `--${whole} takes the type with the id, as ${command.startsWith('audit') ? 'Type::id' : 'Type:id'}`
}

const addValue = ({ flag, text, sofar }: { flag: Flag; text: string; sofar: FlagValue | undefined }): FlagValue => {
  if (flag.kind === 'list')
    // only lists are arrays
    return [...(Array.isArray(sofar) ? (sofar as readonly string[]) : []), ...listOf(text, flag)]
  // as above; each is read when the command runs
  if (flag.kind === 'json') return [...(Array.isArray(sofar) ? (sofar as readonly string[]) : []), text]
  if (sofar !== undefined) throw flagError(flag.name, 'is given twice')
  return singleValue(flag, text)
}

const listOf = (text: string, flag: Flag): readonly string[] => {
  const items = text
    .split(',')
    .map((item) => item.trim())
    .filter((item) => item !== '')
  for (const item of items) checkChoice(flag, item)
  return items
}

const singleValue = (flag: Flag, text: string): FlagValue => {
  if (flag.kind === 'duration') {
    const seconds = parseDuration(text)
    if (seconds === null) throw flagError(flag.name, `\`${text}\` is no duration; write 15m, 1h or 3600`)
    return seconds
  }
  if (flag.kind === 'integer') {
    if (!/^-?\d{1,15}$/.test(text)) throw flagError(flag.name, `\`${text}\` is no whole number`)
    return Number(text)
  }
  if (flag.kind === 'choice') checkChoice(flag, text)
  return text
}

const checkChoice = ({ name, choices }: Flag, text: string): void => {
  if (choices.length > 0 && !choices.includes(text))
    throw flagError(name, `\`${text}\` is none of ${choices.join(', ')}`)
}

const isTruth = (text: string | undefined): boolean => text === 'true' || text === 'false'

/** Errors end up in logs: what says of itself that it is a secret of ours is not repeated there. */
const withoutSecret = (text: string): string => text.replaceAll(/(gatehouse_[a-z]+_)[0-9A-Za-z]+/g, '$1…')

/** Gives words without a flag to the positional fields that no flag filled. */
const placeLoose = (
  loose: readonly string[],
  given: Readonly<Record<string, FlagValue>>,
  grammar: Grammar,
): Record<string, FlagValue> => {
  const open = grammar.positionals.filter((field) => given[field] === undefined)
  const extra = loose[open.length]
  if (extra !== undefined)
    throw usageError(`\`${grammar.command}\` does not take \`${withoutSecret(extra)}\``, {
      hint: isTruth(extra)
        ? `a flag that is on or off is written --flag, --flag=${extra} or --no-flag`
        : (grammar.hint ?? `gatehouse ${grammar.command} --help`),
    })
  return Object.fromEntries(
    loose.map((text, index) => [open[index] ?? '', placedValue(text, open[index] ?? '', grammar)]),
  )
}

const placedValue = (text: string, field: string, { flags }: Grammar): FlagValue => {
  const flag = flags.find((candidate) => candidate.field === field)
  return flag === undefined ? text : addValue({ flag, text, sofar: undefined })
}

/** The flags that must be there and are not: exit 2 naming the first. */
export const requireFlags = (values: Readonly<Record<string, FlagValue>>, flags: readonly Flag[]): void => {
  const missing = flags.filter((flag) => flag.required && values[flag.field] === undefined)
  const first = missing[0]
  if (first === undefined) return
  throw usageError(
    `${missing.map(({ name }) => `--${name}`).join(', ')} ${missing.length === 1 ? 'is' : 'are'} missing`,
    { fields: missing.map(({ name }) => ({ path: name, message: 'missing' })) },
  )
}

/** A text value; null when it is not given. */
export const textOf = (values: Readonly<Record<string, FlagValue>>, field: string): string | null => {
  const value = values[field]
  return typeof value === 'string' ? value : null
}
