import type { Assurance } from '@gatehouse/contract'
import { commandText } from './command.ts'
import type { CommandFacts } from './command-facts.ts'
import { choicesBeside, commonFlags, placeholderOf, shortFlags, type Flag } from './flag.ts'
import { begins } from './find-command.ts'
import { kebab } from './words.ts'

const assuranceText = {
  none: 'needs no log-in',
  pw: 'needs a log-in',
  mfa: 'needs a session with a second factor',
  su: 'needs a second factor proved in the last minutes: gatehouse auth step-up --totp CODE',
} as const satisfies Record<Assurance, string>

/** Paging stands apart: nobody reads it first. */
const pagingFields = ['first', 'after']

/** `--help` of one command: what it does, usage, examples, flags by groups, assurance. `width`: of the terminal. */
export const helpOf = (command: CommandFacts, width: number | null = null): string => {
  const required = command.flags.filter((flag) => flag.required)
  const paging = command.flags.filter(({ field }) => pagingFields.includes(field))
  const optional = command.flags.filter((flag) => !flag.required && !paging.includes(flag))
  return [
    ...wrapped(command.summary, width),
    '',
    `usage: ${usageOf(command)}`,
    '',
    'examples',
    ...examplesOf(command).map((line) => `  ${line}`),
    '',
    ...group('required', required, width),
    ...group('options', optional, width),
    ...group('paging', paging, width),
    ...group(
      'everywhere',
      commonFlags.filter(({ name }) => !command.flags.some((flag) => flag.name === name)),
      width,
    ),
    ...(command.aliases.length === 0
      ? []
      : [`also: ${command.aliases.map((alias) => `gatehouse ${alias}`).join(' · ')}`]),
    ...(command.assurance === null ? [] : [assuranceText[command.assurance]]),
    '',
  ].join('\n')
}

/** One line: words, positional fields, flags that must be there, what may follow. */
export const usageOf = (command: CommandFacts): string => {
  const places = command.positionals.map((field) => {
    const flag = command.flags.find((candidate) => candidate.field === field)
    return flag?.required === false ? `[${kebab(field).toUpperCase()}]` : kebab(field).toUpperCase()
  })
  const needed = command.flags
    .filter((flag) => flag.required && !command.positionals.includes(flag.field))
    .map((flag) => `--${flag.name} ${placeholderOf(flag)}`)
  const others = command.flags.some((flag) => !flag.required && !command.positionals.includes(flag.field))
    ? ['[flags]']
    : []
  return [
    'gatehouse',
    commandText(command),
    ...places,
    ...needed,
    ...others,
    ...(command.rest === null ? [] : [`[-- ${command.rest}]`]),
  ].join(' ')
}

/** At least three lines: what the command declares, and the forms that every command has. */
const examplesOf = (command: CommandFacts): readonly string[] => {
  const own = command.examples.map(
    (example) => `gatehouse ${commandText(command)}${example === '' ? '' : ` ${example}`}`,
  )
  const first = own[0] ?? `gatehouse ${commandText(command)}`
  const plain = first.replace(/ (--json|--quiet|-o wide)\b.*/, '')
  const forms = command.verbatim === true ? [] : [`${plain} --json`, `${plain} --quiet`, `${plain} -o wide`]
  const dashes = first.includes(' -- ')
  return [...new Set([...own, ...(dashes ? [] : forms)])].slice(0, Math.max(3, own.length))
}

/** Narrower than this an explanation stands below its flag, not beside it. */
const EXPLANATION_CHARS_MIN = 24

const group = (title: string, flags: readonly Flag[], width: number | null): readonly string[] => {
  if (flags.length === 0) return []
  const lines = flags.map((flag) => ({ head: headOf(flag), text: explanationOf(flag) }))
  return [title, ...columnsOf(lines, { width, chars: charsOf(lines) }), '']
}

/** Something to type and what it does. */
interface Explained {
  readonly head: string
  readonly text: string
}

const charsOf = (lines: readonly Explained[]): number => Math.max(...lines.map(({ head }) => head.length))

/**
 * Heads in one column of so many characters, what they do beside them, within the terminal's width; below them where
 * there is no room.
 */
const columnsOf = (
  lines: readonly Explained[],
  { width, chars }: { readonly width: number | null; readonly chars: number },
): readonly string[] => {
  const beside = 2 + chars + 2
  const below = width !== null && width - beside < EXPLANATION_CHARS_MIN
  return lines.flatMap((line) => {
    const head = `  ${line.head}`
    const indent = below ? 6 : beside
    const parts = wrapped(line.text, width === null ? null : width - indent)
    const rest = parts.map((part) => ' '.repeat(indent) + part)
    return below ? [head, ...rest] : [`${head.padEnd(beside)}${parts[0] ?? ''}`.trimEnd(), ...rest.slice(1)]
  })
}

/** Breaks a text between words; one that is longer than a line stays whole. */
const wrapped = (text: string, width: number | null): readonly string[] => {
  if (width === null || text.length <= width) return text === '' ? [] : [text]
  const lines: string[] = []
  for (const word of text.split(' ')) {
    const last = lines.at(-1)
    if (last !== undefined && last.length + 1 + word.length <= width) lines[lines.length - 1] = `${last} ${word}`
    else lines.push(word)
  }
  return lines
}

const headOf = (flag: Flag): string => {
  const short = Object.entries(shortFlags).find(([, name]) => name === flag.name)?.[0]
  return `${short === undefined ? '' : `-${short}, `}--${flag.name} ${placeholderOf(flag)}`.trimEnd()
}

const explanationOf = (flag: Flag): string => {
  const { help, defaultText } = flag
  const choices = choicesBeside(flag)
  const values = choices.length > 0 ? [`of ${choices.join(', ')}`] : []
  return [help, ...values, ...(defaultText === null ? [] : [`default ${defaultText}`])]
    .filter((part) => part !== '')
    .join(' · ')
}

/** Every command with what it does, by noun. `width`: of the terminal. */
export const overview = (commands: readonly CommandFacts[], width: number | null = null): string =>
  [
    ...wrapped('gatehouse: short-lived credentials, decided by policy, every call in the audit log', width),
    '',
    ...usagesOf('gatehouse COMMAND', width),
    '',
    ...blocksOf(
      visible(commands).map((command) => ({ head: commandText(command), text: command.summary })),
      width,
    ),
  ].join('\n')

/** The commands that begin with some words, with the other names that begin with them. `width`: of the terminal. */
export const groupOverview = (
  commands: readonly CommandFacts[],
  { group, width }: { readonly group: readonly string[]; readonly width: number | null },
): string => {
  const lines = visible(commands)
    .flatMap((command) => [
      { head: commandText(command), text: command.summary },
      ...command.aliases.map((alias) => ({ head: alias, text: `same as ${commandText(command)}` })),
    ])
    .filter(({ head }) => begins(head.split(' '), group))
  return [...usagesOf(`gatehouse ${group.join(' ')} COMMAND`, width), '', ...blocksOf(lines, width)].join('\n')
}

/** How a command is called and how its help is, in one line where there is room. */
const usagesOf = (usage: string, width: number | null): readonly string[] => {
  const line = `usage: ${usage} [flags]   ·   ${usage} --help`
  if (width === null || line.length <= width) return [line]
  return [`usage: ${usage} [flags]`, `       ${usage} --help`]
}

const visible = (commands: readonly CommandFacts[]): readonly CommandFacts[] =>
  commands.filter(({ hidden }) => hidden !== true)

/** Lines in columns, a blank line after each noun's. */
const blocksOf = (lines: readonly Explained[], width: number | null): readonly string[] => {
  const nouns = [...new Set(lines.map(({ head }) => head.split(' ')[0]))]
  const chars = charsOf(lines)
  return nouns.flatMap((noun) => {
    const own = lines.filter(({ head }) => head.split(' ')[0] === noun)
    return [...columnsOf(own, { width, chars }), '']
  })
}
