import { allCommands } from './all-commands.ts'
import { openClient, type Client } from './client.ts'
import type { Cli, OutputOptions } from './cli.ts'
import { CliError, errorDocument, errorText, localError, usageError } from './cli-error.ts'
import { commandText, type Command } from './command.ts'
import type { CliConfig } from './config.ts'
import { findCommand, isGroup, leadingFlags } from './find-command.ts'
import { findServer, isClearText, type Server } from './find-server.ts'
import { commonFlags, withCommonFlags } from './flag.ts'
import { groupOverview, helpOf, overview } from './help.ts'
import { parseArguments, textOf, type Arguments } from './parse-arguments.ts'
import { withSpinner } from './spinner.ts'
import { withStepUp } from './step-up.ts'
import { suggestionFor } from './suggestion.ts'
import type { Terminal } from './terminal.ts'
import { trustCa } from './trust-ca.ts'
import { printableLines } from './printable.ts'
import { withExplanation } from './why-denied.ts'

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

const sayError = async ({ words, terminal }: CliSurroundings, error: unknown): Promise<number> => {
  const known = error instanceof CliError ? error : unexpected(error)
  const flags = findCommand(words, allCommands())?.command.flags
  const said = (): Promise<string> =>
    policyWordsFor(known).then((docs) => printableLines(errorText(known, flags, docs)))
  terminal.talk(`${wantsJson(words) ? errorDocument(known) : await said()}\n`)
  return known.exitCode
}

/** What the policies that we ship say; none where nothing was denied: they are much to read for every mistake. */
const policyWordsFor = async ({ code }: CliError): Promise<Readonly<Record<string, string>>> =>
  code === 'forbidden' ? (await import('./generated/policy-words.ts')).policyWords : {}

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
    surroundings.terminal.out(helpOf(command, surroundings.terminal.width))
    return 0
  }
  const args = parseArguments(rest, {
    flags: withCommonFlags(command.flags),
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

const withoutCommand = (surroundings: Surroundings, words: readonly string[]): Promise<number> | number => {
  const { commands } = surroundings
  const lead = leadingFlags(words)
  const line = words.slice(lead).filter((word) => !word.startsWith('-'))
  if (words.slice(0, lead).some((word) => versionFlags.includes(word))) return versionOf(surroundings, words)
  if (line.length === 0) return wantsHelp(words) ? showHelp(surroundings, line) : greet(surroundings, words)
  if (isGroup(line, commands) && !wantsJson(words)) return showHelp(surroundings, line)
  if (wantsHelp(words) && isGroup(line.slice(0, 1), commands)) return showHelp(surroundings, line.slice(0, 1))
  throw unknownCommand(line, commands)
}

const versionFlags = ['-v', '--version']

const showHelp = ({ terminal, commands }: Surroundings, group: readonly string[]): number => {
  const { width } = terminal
  terminal.out(group.length === 0 ? overview(commands, width) : groupOverview(commands, { group, width }))
  return 0
}

const unknownCommand = (line: readonly string[], commands: readonly Command[]): CliError => {
  const typed = upToUnknown(line, commands).join(' ')
  if (isGroup(line, commands))
    return usageError(`\`${typed}\` alone is no command`, { hint: `gatehouse ${typed} lists its commands` })
  const meant = suggestionFor(line, commands)
  if (meant !== null)
    return usageError(`there is no command \`${typed}\``, { hint: `did you mean gatehouse ${meant}?` })
  return usageError(`there is no command \`${typed}\``, {
    hint: isGroup(line.slice(0, 1), commands) ? `gatehouse ${line[0] ?? ''} lists its commands` : 'gatehouse --help',
  })
}

/** The words up to the first that leads nowhere. */
const upToUnknown = (line: readonly string[], commands: readonly Command[]): readonly string[] => {
  const known = line.findIndex((_, index) => !isGroup(line.slice(0, index + 1), commands))
  return known === -1 ? line : line.slice(0, Math.max(known + 1, 2))
}

/** As `gatehouse version` says it. */
const versionOf = async (surroundings: Surroundings, words: readonly string[]): Promise<number> => {
  const rest = words.filter((word) => !versionFlags.includes(word))
  const args = parseArguments(rest, { flags: commonFlags, positionals: [], takesRest: false, command: 'version' })
  const { runVersion } = await import('./run-version.ts')
  return runVersion(cliOf(surroundings, args))
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
    // before anything is asked of it
    server: () => (server ??= trustCa(config).then(() => findServer(config, options.contextName))),
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
  return withExplanation(withStepUp(withSpinner(client, cli.terminal), cli))
}
