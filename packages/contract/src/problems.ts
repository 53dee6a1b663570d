import type { z } from 'zod'
import type { FieldProblem } from './refusal.ts'

/** At most this many problems are told at once: enough for a form, too few for a probe. */
const problemsMax = 20

/** Longer lists of choices are not read; the first few say what kind of thing is meant. */
const choicesMax = 12

/** What came of checking an input: the value, or what is wrong with which field, once each, in words for people. */
export type Checked<T> = { readonly data: T } | { readonly problems: readonly FieldProblem[] }

/**
 * Checks a value by a schema of the contract. The only place where a schema's complaint becomes words: gateway, web and
 * command line say the same, and no sentence of the schema library's own reaches a person.
 */
export function checkInput<S extends z.ZodType>(schema: S, value: unknown): Checked<z.output<S>> {
  const result = schema.safeParse(value, { error: wordsOf })
  if (result.success) return { data: result.data }
  const problems = result.error.issues.slice(0, problemsMax).flatMap(problemsOf)
  return { problems: problems.filter(({ path }, at) => problems.findIndex((other) => other.path === path) === at) }
}

function problemsOf(issue: z.core.$ZodIssue): FieldProblem[] {
  if (issue.code === 'invalid_key') return problemsOfName(issue)
  if (issue.code !== 'unrecognized_keys') return [{ path: pathOf(issue.path), message: issue.message }]
  return issue.keys
    .slice(0, problemsMax)
    .map((key) => ({ path: pathOf([...issue.path, key]), message: 'there is no such field' }))
}

/** Of a name in an object what is wrong with that name: what the object should be says nothing of it. */
const problemsOfName = ({ path, issues }: z.core.$ZodIssueInvalidKey): FieldProblem[] =>
  issues.slice(0, 1).map(({ message }) => ({ path: pathOf(path), message }))

/** Names that come from outside stand in paths, so they are cut: a path is a place, not a copy of what was sent. */
const partLengthMax = 64

const pathOf = (path: readonly PropertyKey[]): string =>
  path
    .map((part) =>
      String(part)
        .toWellFormed()
        .replace(/[^\p{L}\p{N}_$-]/gu, '?'),
    )
    .map((part) => (part.length > partLengthMax ? `${part.slice(0, partLengthMax)}…` : part))
    .join('.')

/** What would be right, where a type has no words of its own. */
const wordsOf: z.core.$ZodErrorMap = (issue) => {
  if (issue.input === undefined && issue.code === 'invalid_type') return 'required'
  switch (issue.code) {
    case 'invalid_type':
      return kinds[issue.expected] ?? fallback
    case 'invalid_value':
      return oneOf(issue.values.map(String))
    case 'too_small':
      return `at least ${issue.minimum}${unitOf(issue.origin, issue.minimum)}`
    case 'too_big':
      return `at most ${issue.maximum}${unitOf(issue.origin, issue.maximum)}`
    case 'invalid_format':
      return issue.format === 'datetime' ? 'a time such as 2026-11-30T08:00:00Z' : fallback
    default:
      return fallback
  }
}

const fallback = 'another value; this one does not fit here'

const kinds: Readonly<Partial<Record<string, string>>> = {
  string: 'text',
  number: 'a number',
  int: 'a whole number',
  boolean: 'true or false',
  array: 'a list',
  object: 'an object with named fields',
  record: 'an object with named fields',
}

const unitOf = (origin: string, count: number | bigint): string => {
  if (origin !== 'array') return ''
  return Number(count) === 1 ? ' entry' : ' entries'
}

const oneOf = (values: readonly string[]): string =>
  values.length > choicesMax ? `one of ${values.slice(0, choicesMax).join(', ')}, …` : `one of ${values.join(', ')}`
