import { spellingsOf } from './command.ts'
import type { CommandFacts } from './command-facts.ts'
import { begins } from './find-command.ts'
import { nearest } from '@gatehouse/kit'
import { singular } from './words.ts'

type Spelling = readonly string[]

/** The command, or the noun, that was probably meant by words that are none; null where none is near. */
export const suggestionFor = (typed: readonly string[], commands: readonly CommandFacts[]): string | null => {
  const spellings = commands.filter(({ hidden }) => hidden !== true).flatMap(spellingsOf)
  const [first = '', second = ''] = typed
  const meant =
    turnedAround(first, second, spellings) ??
    withoutNoun(typed, spellings) ??
    nextWords(typed, nounFor(first, spellings, second), spellings)
  return meant === null || begins(typed, meant) ? null : meant.join(' ')
}

/** `list leases` is `lease list`. */
const turnedAround = (verb: string, noun: string, spellings: readonly Spelling[]): Spelling | null => {
  const meant = noun === '' ? null : nounFor(noun, spellings)
  return spellings.find((words) => words.length === 2 && words[0] === meant && words[1] === verb) ?? null
}

/** `whoami` is `auth whoami`, where no other noun has that verb. */
const withoutNoun = ([verb, ...more]: readonly string[], spellings: readonly Spelling[]): Spelling | null => {
  const found = spellings.filter((words) => words.length === 2 && words[1] === verb)
  return found.length === 1 && more.length === 0 ? (found[0] ?? null) : null
}

/**
 * The noun itself, its singular, one that has the word as a part (`host`: `ssh-host`), or the nearest. Of several with
 * that part, the one that has the verb (`key generate`: `ssh-key generate`).
 */
const nounFor = (word: string, spellings: readonly Spelling[], verb = ''): string | null => {
  const nouns = [...new Set(spellings.map(([noun = '']) => noun))].toSorted((a, b) => a.length - b.length)
  const one = singular(word)
  const having = nouns.filter((noun) => noun.split('-').includes(one))
  return (
    nouns.find((noun) => noun === word || noun === one) ??
    having.find((noun) => spellings.some(([of, has]) => of === noun && has === verb)) ??
    having[0] ??
    nearest(word, nouns)
  )
}

/** The words after the noun, each the nearest to what was typed, as far as there is one. */
const nextWords = (
  typed: readonly string[],
  noun: string | null,
  spellings: readonly Spelling[],
): readonly string[] | null => {
  if (noun === null) return null
  const words = [noun]
  for (const word of typed.slice(1)) {
    const options = spellings.filter((spelling) => begins(spelling, words)).map((spelling) => spelling[words.length])
    const meant = nearest(
      word,
      options.filter((option) => option !== undefined),
    )
    if (meant === null) break
    words.push(meant)
  }
  return words
}
