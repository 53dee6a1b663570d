import type { Cli } from './cli.ts'
import type { Client } from './client.ts'
import { pause } from './clock.ts'
import type { Command } from './command.ts'
import { readContexts } from './contexts.ts'
import { commonFlags, type Flag } from './flag.ts'

/** A person who pressed Tab does not wait longer. */
const LIVE_VALUES_MS_MAX = 1_000
const LIVE_VALUES_MAX = 100

/** What may stand where the last word is being typed: words, flags, values of flags, live values. */
export const candidatesFor = async (cli: Cli, commands: readonly Command[], words: readonly string[]): Promise<readonly string[]> => {
  const typed = words.at(-1) ?? ''
  const before = words.slice(0, -1)
  const command = commands.filter(({ hidden }) => hidden !== true).find((candidate) => candidate.words.every((word, index) => before[index] === word))
  const all = command === undefined ? nextWords(commands, before) : await ofCommand(cli, command, before.slice(command.words.length), typed)
  return [...new Set(all)].filter((candidate) => candidate.startsWith(typed))
}

const nextWords = (commands: readonly Command[], before: readonly string[]): readonly string[] =>
  commands.filter(({ words, hidden }) => hidden !== true && before.every((word, index) => words[index] === word)).map(({ words }) => words[before.length] ?? '').filter((word) => word !== '')

const ofCommand = async (cli: Cli, command: Command, before: readonly string[], typed: string): Promise<readonly string[]> => {
  const flags = [...command.flags, ...commonFlags]
  const previous = flags.find(({ name }) => `--${name}` === before.at(-1))
  if (previous !== undefined && previous.kind !== 'boolean') return valuesOf(cli, command, previous)
  if (typed.startsWith('-')) return flags.map(({ name }) => `--${name}`)
  const [field] = command.positionals
  const open = field !== undefined && before.every((word) => word.startsWith('-'))
  const flag = open ? command.flags.find((candidate) => candidate.field === field) : undefined
  return flag === undefined ? [] : valuesOf(cli, command, flag)
}

const valuesOf = async (cli: Cli, { words: [noun = ''] }: Command, { choices, field, name }: Flag): Promise<readonly string[]> => {
  if (choices.length > 0) return choices
  const kind = field === 'id' ? noun : name
  if (kind === 'context' || (noun === 'context' && field === 'name')) return Object.keys((await readContexts(cli.config.configHome)).contexts)
  const source = liveValues[kind]
  return source === undefined ? [] : withinTime(cli.client().then(source))
}

/** Where the values of a field, or the ids of a noun, come from. */
const liveValues: Readonly<Record<string, (client: Client) => Promise<readonly string[]>>> = {
  'host': (client) => hostNames(client),
  'ssh-host': (client) => hostNames(client),
  'lease': async (client) => idsOf((await client.call('lease.list', { state: 'active', first: LIVE_VALUES_MAX })).items),
  'ssh-key': async (client) => idsOf((await client.call('sshKey.list', { state: 'deployed', first: LIVE_VALUES_MAX })).items),
  'ssh-certificate': async (client) => idsOf((await client.call('sshCertificate.list', { state: 'active', first: LIVE_VALUES_MAX })).items),
  'session': async (client) => idsOf((await client.call('session.list', { first: LIVE_VALUES_MAX })).items),
  'user': async (client) => (await client.call('user.list', { first: LIVE_VALUES_MAX })).items.map(({ username }) => username),
  'team': async (client) => (await client.call('team.list', { first: LIVE_VALUES_MAX })).items.map(({ name }) => name),
  'workspace': async (client) => (await client.call('workspace.list', { first: LIVE_VALUES_MAX })).items.map(({ name }) => name),
}

const hostNames = async (client: Client): Promise<readonly string[]> =>
  (await client.call('sshHost.list', { first: LIVE_VALUES_MAX })).items.map(({ name }) => name)

const idsOf = (items: readonly { readonly id: string }[]): readonly string[] => items.map(({ id }) => id)

const withinTime = (values: Promise<readonly string[]>): Promise<readonly string[]> => {
  const late = new AbortController()
  return Promise.race([values, pause(LIVE_VALUES_MS_MAX, late.signal).then(() => [])]).finally(() => late.abort())
}
