import { allCommands } from './all-commands.ts'
import { openClient, type Client } from './client.ts'
import type { Cli, OutputOptions } from './cli.ts'
import { CliError, errorDocument, errorText, localError, usageError } from './cli-error.ts'
import { commandText, spellingsOf, type Command } from './command.ts'
import type { CliConfig } from './config.ts'
import { findServer, isClearText, type Server } from './find-server.ts'
import { commonFlags } from './flag.ts'
import { helpOf, overview, suggestionFor } from './help.ts'
import { parseArguments, textOf, type Arguments } from './parse-arguments.ts'
import { withSpinner } from './spinner.ts'
import { withStepUp } from './step-up.ts'
import type { Terminal } from './terminal.ts'
import { printableLines } from './printable.ts'

/** Everything that a run takes from outside. */
export interface CliSurroundings {
  readonly words: readonly string[]
  readonly config: CliConfig
  readonly terminal: Terminal
  readonly now: () => Date
  /** Aborted at the end: a call that nobody waits for any more must not keep the process alive. */
  readonly over?: AbortSignal
}

/** With the commands there are. */
type Surroundings = CliSurroundings & { readonly commands: readonly Command[] }

/** Runs one command line and answers its exit code; whatever goes wrong is said on standard error. */
export const runCli = async (surroundings: CliSurroundings): Promise<number> => {
  try {
    const code = await dispatch({ ...surroundings, commands: allCommands() })
    await surroundings.terminal.flush()
    return code
  } catch (error) {
    return sayError(surroundings, error)
  }
}

const sayError = ({ words, terminal }: CliSurroundings, error: unknown): number => {
  const known = error instanceof CliError ? error : unexpected(error)
  terminal.talk(`${wantsJson(words) ? errorDocument(known) : printableLines(errorText(known))}\n`)
  return known.exitCode
}

const unexpected = (error: unknown): CliError =>
  localError(`something went wrong here: ${error instanceof Error ? error.message : String(error)}`, { cause: error })

/** Asked of the plain words, so that a command line that cannot be parsed is refused in JSON, too. */
const wantsJson = (words: readonly string[]): boolean => {
  const end = words.indexOf('--')
  const before = end === -1 ? words : words.slice(0, end)
  return (
    before.includes('--json') ||
    before.includes('--output=json') ||
    before.some((word, index) => (word === '-o' || word === '--output') && before[index + 1] === 'json')
  )
}

const dispatch = async (surroundings: Surroundings): Promise<number> => {
  const { commands } = surroundings
  const words = surroundings.words[0] === 'help' ? [...surroundings.words.slice(1), '--help'] : surroundings.words
  const found = findCommand(words, commands)
  if (found === null) return withoutCommand(surroundings, words)
  const { command, rest } = found
  if (command.verbatim === true && !rest.includes('--help') && !rest.includes('-h'))
    return command.run(cliOf(surroundings, { values: {}, rest: [] }), { values: {}, rest })
  if (wantsHelp(rest)) {
    surroundings.terminal.out(helpOf(command))
    return 0
  }
  const args = parseArguments(rest, {
    flags: [...command.flags, ...commonFlags],
    positionals: command.positionals,
    takesRest: command.rest !== null,
    command: commandText(command),
    ...(command.hint === undefined ? {} : { hint: command.hint }),
  })
  return command.run(cliOf(surroundings, args, command), args)
}

const wantsHelp = (words: readonly string[]): boolean => {
  const end = words.indexOf('--')
  return (end === -1 ? words : words.slice(0, end)).some((word) => word === '--help' || word === '-h')
}

/** The longest command whose words begin the line; flags of everywhere may stand before it. */
const findCommand = (
  words: readonly string[],
  commands: readonly Command[],
): { command: Command; rest: readonly string[] } | null => {
  const lead = leadingFlags(words)
  const line = words.slice(lead)
  const fitting = commands.flatMap((command) =>
    spellingsOf(command)
      .filter((spelling) => spelling.every((word, index) => line[index] === word))
      .map((spelling) => ({ command, spelling })),
  )
  const best = fitting.toSorted((a, b) => b.spelling.length - a.spelling.length)[0]
  return best === undefined
    ? null
    : { command: best.command, rest: [...words.slice(0, lead), ...line.slice(best.spelling.length)] }
}

/** How many words of flags stand before the first word of the command. */
const leadingFlags = (words: readonly string[]): number => {
  let index = 0
  while (words[index]?.startsWith('-') === true && words[index] !== '--') {
    const name = (words[index] ?? '').replace(/^--?/, '')
    const takesValue = commonFlags.some(
      (flag) => flag.kind !== 'boolean' && (flag.name === name || (flag.name === 'output' && name === 'o')),
    )
    index += takesValue ? 2 : 1
  }
  return Math.min(index, words.length)
}

const withoutCommand = (surroundings: Surroundings, words: readonly string[]): Promise<number> | number => {
  const { commands } = surroundings
  const line = words.slice(leadingFlags(words)).filter((word) => !word.startsWith('-'))
  const [noun] = line
  if (words.includes('--version')) return versionOf(surroundings)
  if (noun === undefined && !wantsHelp(words)) return greet(surroundings, words)
  const known = noun !== undefined && commands.some((command) => spellingsOf(command).some(([word]) => word === noun))
  if (wantsHelp(words) && (noun === undefined || known)) {
    surroundings.terminal.out(overview(commands, noun ?? null))
    return 0
  }
  throw unknownCommand(line, commands, known)
}

const unknownCommand = (line: readonly string[], commands: readonly Command[], nounKnown: boolean): CliError => {
  const meant = suggestionFor(line, commands)
  const typed = line.slice(0, 2).join(' ')
  if (meant !== null)
    return usageError(`there is no command \`${typed}\``, { hint: `did you mean gatehouse ${meant}?` })
  return usageError(`there is no command \`${typed}\``, {
    hint: nounKnown ? `gatehouse ${line[0] ?? ''} --help` : 'gatehouse --help',
  })
}

const versionOf = async ({ terminal }: CliSurroundings): Promise<number> => {
  const { cliVersion } = await import('./cli-version.ts')
  terminal.out(`gatehouse ${cliVersion}\n`)
  return 0
}

const greet = async (surroundings: Surroundings, words: readonly string[]): Promise<number> => {
  const args = parseArguments(words, { flags: commonFlags, positionals: [], takesRest: false, command: '' })
  const { runGreeting } = await import('./run-greeting.ts')
  return runGreeting(cliOf(surroundings, args))
}

const optionsOf = ({ values }: Arguments, command?: Command): OutputOptions => ({
  form: values['json'] === true ? 'json' : formOf(values['output']),
  quiet: values['quiet'] === true,
  yes: values['yes'] === true,
  contextName: textOf(values, 'context'),
  totp:
    command?.flags.some(({ field, kind }) => field === 'totp' && kind === 'secret') === true
      ? textOf(values, 'totp')
      : null,
})

const formOf = (text: unknown): OutputOptions['form'] => (text === 'wide' || text === 'json' ? text : 'table')

const cliOf = (surroundings: Surroundings, args: Arguments, command?: Command): Cli => {
  const { config, terminal, now, commands } = surroundings
  const options = optionsOf(args, command)
  const quietly = { ...terminal, talk: options.quiet ? () => {} : terminal.talk }
  let server: Promise<Server> | null = null
  let client: Promise<Client> | null = null
  const cli: Cli = {
    config,
    options,
    now,
    commands,
    terminal: quietly,
    server: () => (server ??= findServer(config, options.contextName)),
    client: () => (client ??= connect(cli, surroundings)),
  }
  return cli
}

const connect = async (cli: Cli, surroundings: CliSurroundings): Promise<Client> => {
  const { terminal } = surroundings
  const server = await cli.server()
  const warn = (text: string): void => terminal.talk(`gatehouse: ${text}\n`)
  if (isClearText(server.url))
    warn(`${server.url} is not encrypted: whoever is on the way can read passwords and tokens`)
  const client = openClient({ config: cli.config, server, now: cli.now, warn, over: surroundings.over })
  return withStepUp(withSpinner(client, cli.terminal), cli)
}
