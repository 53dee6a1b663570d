import { isOperationName, operations, publicOperationNames, roles, systemId } from '@gatehouse/contract'
import type { Cli } from './cli.ts'
import type { Client } from './client.ts'
import { pause } from './clock.ts'
import { spellingsOf } from './command.ts'
import type { CommandFacts } from './command-facts.ts'
import { readContexts } from './contexts.ts'
import { shortFlags, withCommonFlags, type Flag } from './flag.ts'
import { kebab } from './words.ts'

/** A person who pressed Tab does not wait longer. */
const LIVE_VALUES_MS_MAX = 1_000
const LIVE_VALUES_MAX = 100

/** What may stand where the last word is being typed: words, flags, values of flags, live values. */
export const candidatesFor = async (
  cli: Cli,
  commands: readonly CommandFacts[],
  words: readonly string[],
): Promise<readonly string[]> => {
  const typed = words.at(-1) ?? ''
  const before = words.slice(0, -1)
  const found = longestCommand(commands, before)
  const all =
    found === null
      ? nextWords(commands, before)
      : await ofCommand(cli, found.command, { before: before.slice(found.length), typed })
  // `auth mfa` goes on where `auth` has commands of its own, too
  const further = found === null ? [] : nextWords(commands, before)
  return [...new Set([...further, ...all])].filter((candidate) => candidate.startsWith(typed))
}

/** The command whose words, or other words, begin the line; of several the one with most of them. */
const longestCommand = (
  commands: readonly CommandFacts[],
  before: readonly string[],
): { readonly command: CommandFacts; readonly length: number } | null =>
  visible(commands)
    .flatMap((command) =>
      spellingsOf(command)
        .filter((words) => words.every((word, index) => before[index] === word))
        .map(({ length }) => ({ command, length })),
    )
    .toSorted((a, b) => b.length - a.length)[0] ?? null

const visible = (commands: readonly CommandFacts[]): readonly CommandFacts[] =>
  commands.filter(({ hidden }) => hidden !== true)

const nextWords = (commands: readonly CommandFacts[], before: readonly string[]): readonly string[] =>
  visible(commands)
    .flatMap(spellingsOf)
    .filter((words) => before.every((word, index) => words[index] === word))
    .map((words) => words[before.length] ?? '')
    .filter((word) => word !== '')

const ofCommand = async (
  cli: Cli,
  command: CommandFacts,
  { before, typed }: { readonly before: readonly string[]; readonly typed: string },
): Promise<readonly string[]> => {
  const flags = withCommonFlags(command.flags)
  const previous = flags.find(({ name }) => `--${name}` === before.at(-1))
  const values = (flag: Flag): Promise<readonly string[]> | readonly string[] =>
    flag.field === 'resource' && resourcePrefixes[command.words[0] ?? ''] !== undefined
      ? resourcesOf(cli, command, actionIn(command, before))
      : valuesOf(cli, command, flag)
  if (previous !== undefined && previous.kind !== 'boolean') return values(previous)
  if (typed.startsWith('-')) return flags.map(({ name }) => `--${name}`)
  const field = command.positionals[looseOf(flags, before).length]
  const flag = command.flags.find((candidate) => candidate.field === field)
  return flag === undefined ? [] : values(flag)
}

/** The words that are neither flags nor their values. */
const looseOf = (flags: readonly Flag[], before: readonly string[]): readonly string[] =>
  before.filter((word, index) => !word.startsWith('-') && !takesValue(flags, before[index - 1] ?? ''))

const takesValue = (flags: readonly Flag[], word: string): boolean => {
  const name = word.startsWith('--') ? word.slice(2) : shortFlags[word.slice(1)]
  return word.startsWith('-') && flags.some((flag) => flag.name === name && flag.kind !== 'boolean')
}

/** The action that a line already names, by its flag or in its place. */
const actionIn = (command: CommandFacts, before: readonly string[]): string => {
  const at = before.indexOf('--action')
  const place = command.positionals.indexOf('action')
  return (at === -1 ? looseOf(withCommonFlags(command.flags), before)[place] : before[at + 1]) ?? ''
}

/** Commands whose thing is of the type that their action is done to, and how they write that type before it. */
const resourcePrefixes: Readonly<Record<string, (type: string) => string>> = {
  policy: (type) => `${type}:`,
  approval: () => '',
}

/** The things that an operation can be done to; none of what only the platform knows. */
const resourcesOf = async (cli: Cli, { words }: CommandFacts, action: string): Promise<readonly string[]> => {
  if (!isOperationName(action)) return []
  const type = operations[action].authorize.resource
  const source = liveValues[kebab(type.charAt(0).toLowerCase() + type.slice(1))]
  const live = source === undefined ? [] : await withinTime(cli.client().then(source))
  const things = type === 'System' ? [systemId] : live
  const prefix = resourcePrefixes[words[0] ?? '']?.(type) ?? ''
  return things.map((thing) => `${prefix}${thing}`)
}

const valuesOf = async (
  cli: Cli,
  { words }: CommandFacts,
  { choices, field, name }: Flag,
): Promise<readonly string[]> => {
  if (choices.length > 0) return choices
  const [noun = ''] = words
  const kind = field === 'id' ? noun : name
  if (kind === 'context' || (noun === 'context' && field === 'name'))
    return Object.keys((await readContexts(cli.config.configHome)).contexts)
  if (kind === 'action') return publicOperationNames
  const source = liveValues[`${words.join(' ')} ${kind}`] ?? liveValues[kind]
  return source === undefined ? [] : withinTime(cli.client().then(source))
}

/** Where the values of a field, or the ids of a noun, come from; a command may be choosier than its noun. */
const liveValues: Readonly<Record<string, (client: Client) => Promise<readonly string[]>>> = {
  host: (client) => hostNames(client),
  'ssh-host': (client) => hostNames(client),
  lease: async (client) => idsOf((await client.call('lease.list', { state: 'active', first: LIVE_VALUES_MAX })).items),
  'ssh-key': async (client) =>
    idsOf((await client.call('sshKey.list', { state: 'deployed', first: LIVE_VALUES_MAX })).items),
  'ssh-certificate': async (client) =>
    idsOf((await client.call('sshCertificate.list', { state: 'active', first: LIVE_VALUES_MAX })).items),
  key: (client) => keyNames(client),
  'kms-key': (client) => keyNames(client),
  backend: (client) => backendNames(client),
  'secret-backend': (client) => backendNames(client),
  'secret-role': (client) => roleNames(client),
  'lease issue role': (client) => roleNames(client),
  'lease run role': (client) => roleNames(client),
  'secret-role update role': (client) => roleNames(client),
  'lock create principal': (client) => userNames(client),
  'lock create role': async (client) => [...roles, ...(await roleNames(client))],
  'lock create key': async (client) =>
    (await client.call('sshCertificate.list', { state: 'active', first: LIVE_VALUES_MAX })).items.map(
      ({ fingerprint }) => fingerprint,
    ),
  lock: async (client) => idsOf((await client.call('lock.list', { first: LIVE_VALUES_MAX })).items),
  session: async (client) => idsOf((await client.call('session.list', { first: LIVE_VALUES_MAX })).items),
  user: (client) => userNames(client),
  requester: (client) => userNames(client),
  resource: (client) => userNames(client),
  'user enable user': async (client) =>
    (await client.call('user.list', { status: 'disabled', first: LIVE_VALUES_MAX })).items.map(
      ({ username }) => username,
    ),
  'user disable user': async (client) =>
    (await client.call('user.list', { status: 'active', first: LIVE_VALUES_MAX })).items.map(
      ({ username }) => username,
    ),
  team: (client) => teamNames(client),
  teams: (client) => teamNames(client),
  workspace: (client) => workspaceNames(client),
  calendar: (client) => workspaceNames(client),
  actor: (client) => userNames(client),
  'policy rollback to': (client) => policySetIds(client),
  'policy files change': (client) => policySetIds(client),
  'policy explain principal': (client) => callers(client),
  'policy evaluate principal': (client) => callers(client),
  alert: async (client) => idsOf((await client.call('alert.list', { state: 'open', first: LIVE_VALUES_MAX })).items),
  'alert-channel': async (client) =>
    (await client.call('alertChannel.list', { first: LIVE_VALUES_MAX })).items.map(({ name }) => name),
  'audit-sink': async (client) =>
    (await client.call('auditSink.list', { first: LIVE_VALUES_MAX })).items.map(({ name }) => name),
  'audit-view': async (client) =>
    (await client.call('auditView.list', { first: LIVE_VALUES_MAX })).items.map(({ name }) => name),
  authenticator: async (client) => idsOf((await client.call('authenticator.list', { first: LIVE_VALUES_MAX })).items),
  'totp remove totp': async (client) =>
    idsOf(
      (await client.call('authenticator.list', { first: LIVE_VALUES_MAX })).items.filter(({ kind }) => kind === 'totp'),
    ),
  'totp confirm totp': async (client) =>
    idsOf(
      (await client.call('authenticator.list', { first: LIVE_VALUES_MAX })).items.filter(
        ({ kind, confirmed }) => kind === 'totp' && !confirmed,
      ),
    ),
  'service-account': async (client) =>
    (await client.call('serviceAccount.list', { first: LIVE_VALUES_MAX })).items.map(({ name }) => name),
  'api-token': async (client) => idsOf((await client.call('apiToken.list', { first: LIVE_VALUES_MAX })).items),
  'api-token revoke api-token': async (client) =>
    idsOf((await client.call('apiToken.list', { state: 'active', first: LIVE_VALUES_MAX })).items),
  approval: async (client) =>
    idsOf((await client.call('approval.list', { state: 'pending', first: LIVE_VALUES_MAX })).items),
  notification: async (client) =>
    idsOf((await client.call('notification.list', { unread: true, first: LIVE_VALUES_MAX })).items),
}

const userNames = async (client: Client): Promise<readonly string[]> =>
  (await client.call('user.list', { first: LIVE_VALUES_MAX })).items.map(({ username }) => username)

const callers = async (client: Client): Promise<readonly string[]> =>
  (await userNames(client)).map((name) => `User:${name}`)

const policySetIds = async (client: Client): Promise<readonly string[]> =>
  idsOf((await client.call('policy.history', { first: LIVE_VALUES_MAX })).items)

const workspaceNames = async (client: Client): Promise<readonly string[]> =>
  (await client.call('workspace.list', { first: LIVE_VALUES_MAX })).items.map(({ name }) => name)

const teamNames = async (client: Client): Promise<readonly string[]> =>
  (await client.call('team.list', { first: LIVE_VALUES_MAX })).items.map(({ name }) => name)

const hostNames = async (client: Client): Promise<readonly string[]> =>
  (await client.call('sshHost.list', { first: LIVE_VALUES_MAX })).items.map(({ name }) => name)

const keyNames = async (client: Client): Promise<readonly string[]> =>
  (await client.call('kmsKey.list', { first: LIVE_VALUES_MAX })).items.map(({ name }) => name)

const backendNames = async (client: Client): Promise<readonly string[]> =>
  (await client.call('secretBackend.list', { first: LIVE_VALUES_MAX })).items.map(({ name }) => name)

const roleNames = async (client: Client): Promise<readonly string[]> =>
  (await client.call('secretRole.list', { first: LIVE_VALUES_MAX })).items.map(({ name }) => name)

const idsOf = (items: readonly { readonly id: string }[]): readonly string[] => items.map(({ id }) => id)

const withinTime = (values: Promise<readonly string[]>): Promise<readonly string[]> => {
  const late = new AbortController()
  return Promise.race([values, pause(LIVE_VALUES_MS_MAX, late.signal).then(() => [])]).finally(() => late.abort())
}
