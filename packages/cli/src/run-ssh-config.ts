import { operations } from '@gatehouse/contract'
import type { Cli } from './cli.ts'
import { flagError } from './cli-error.ts'
import { readContexts } from './contexts.ts'
import type { Arguments, FlagValue } from './parse-arguments.ts'
import { printable } from './printable.ts'
import { checkInput } from './run-operation.ts'
import { flagsOf } from './operation-flags.ts'
import { showJson } from './show-output.ts'
import { shellWord } from './ssh-arguments.ts'
import { jumpsOf } from './ssh-doors.ts'
import { refreshHosts } from './ssh-hosts.ts'
import { sshPlace, type SshPlace } from './ssh-place.ts'

/** What people ask for with each connection, as flags of `ssh proxy`. */
const passedOn = ['purpose', 'workspace', 'ttl', 'jump'] as const

/** Prints the lines of `~/.ssh/config` by which plain ssh, and all that goes through it, gets certificates. */
export const runSshConfig = async (cli: Cli, { values }: Arguments): Promise<number> => {
  checkTerms(values)
  jumpsOf(values['jump'])
  const names = namesOf(values['names'])
  const client = await cli.client()
  const place = sshPlace(cli.config, client.server)
  await refreshHosts(client, place, cli.now())
  const { hosts } = await place.read()
  const program = await programWords(cli)
  const snippet = snippetOf({ server: client.server.url, program, place, names, terms: termsOf(values) })
  if (cli.options.form === 'json')
    showJson(cli, { snippet, hosts: hosts.map(({ name }) => name), directory: place.directory })
  else cli.terminal.out(snippet)
  cli.terminal.talk(
    `${hosts.length === 1 ? '1 host' : `${hosts.length} hosts`} · keep it in a file, and put at the top of ` +
      '~/.ssh/config: Include FILE\n',
  )
  return 0
}

const checkTerms = (values: Readonly<Record<string, FlagValue>>): void => {
  const operation = operations['sshKey.generate']
  const { workspace, purpose, ttlSeconds } = values
  const given = { host: 'any', purpose: purpose ?? 'ssh', workspace, ttlSeconds }
  checkInput(
    operation,
    flagsOf(operation),
    Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined)),
  )
}

/** Patterns of ssh's for names of ours: nothing that could end the line or the word. */
const namesOf = (value: FlagValue | undefined): string => {
  const names = Array.isArray(value) ? value.map(String) : []
  for (const name of names)
    if (!/^[a-z0-9*?][a-z0-9*?._-]{0,63}$/.test(name))
      throw flagError('names', `\`${printable(name)}\` is no pattern of host names such as db-*`)
  return names.length === 0 ? '*' : names.join(',')
}

const termsOf = (values: Readonly<Record<string, FlagValue>>): readonly string[] =>
  passedOn.flatMap((name) => {
    const value = values[name === 'ttl' ? 'ttlSeconds' : name]
    return value === undefined ? [] : [`--${name}`, Array.isArray(value) ? value.join(',') : String(value)]
  })

/** This program, and by what it finds the same server and account from any directory and for any program. */
const programWords = async ({ config, options, ...cli }: Cli): Promise<readonly string[]> => {
  const context = options.contextName ?? (config.url === null ? (await readContexts(config.configHome)).current : null)
  const { url } = await cli.server()
  const variables = {
    GATEHOUSE_CONFIG_HOME: config.environment['GATEHOUSE_CONFIG_HOME'] ? config.configHome : null,
    GATEHOUSE_CA: config.ca,
    GATEHOUSE_URL: context === null ? url : null,
  }
  const set = Object.entries(variables).flatMap(([name, value]) => (value === null ? [] : [`${name}=${value}`]))
  return [
    ...(set.length === 0 ? [] : ['/usr/bin/env', ...set]),
    process.execPath,
    process.argv[1] ?? 'gatehouse',
    ...(context === null ? [] : ['--context', context]),
  ]
}

interface Snippet {
  readonly server: string
  readonly program: readonly string[]
  readonly place: SshPlace
  readonly names: string
  readonly terms: readonly string[]
}

/**
 * The first test costs no start of ours and knows hosts from earlier; the second asks the server for new ones. What
 * stands in `Include` is read after them, so a host that has just been found has its account, too.
 */
const snippetOf = ({ server, program, place, names, terms }: Snippet): string => {
  const fromEarlier = `ssh-keygen -F '%h' -f ${shellPath(place.knownHostsPath)}`
  const known = `${fromEarlier} || ${commandText([...program, 'ssh', 'known'])} '%h'`
  // a shell reads it: what somebody types before the `@` is one word, whatever an older ssh lets them type
  const proxy = `${commandText([...program, 'ssh', 'proxy'])} '%h' '%p' --login '%r' ${commandText(terms)}`.trimEnd()
  return [
    `# Hosts of Gatehouse (${server}): ssh and what goes through it gets a certificate for each connection, and`,
    '# takes only the pinned host key. All other hosts are left as they are. Put it before all else.',
    `Match originalhost ${names} exec ${configWord(known)}`,
    `    Include ${configWord(place.accountsPath)}`,
    '    HostName %h',
    `    ProxyCommand ${proxy}`,
    `    IdentityAgent ${configWord(`${percentless(place.directory)}/%r@%h`)}`,
    '    IdentityFile none',
    `    UserKnownHostsFile ${configWord(percentless(place.knownHostsPath))}`,
    '    GlobalKnownHostsFile /dev/null',
    '    StrictHostKeyChecking yes',
    '    CheckHostIP no',
    '    UpdateHostKeys no',
    '    VerifyHostKeyDNS no',
    '    PreferredAuthentications publickey',
    '    PasswordAuthentication no',
    '    KbdInteractiveAuthentication no',
    'Match all',
    '',
  ].join('\n')
}

/** Words for a shell, in which ssh expands `%` first. */
const commandText = (words: readonly string[]): string => words.map(shellPath).join(' ')
const shellPath = (word: string): string => percentless(/^[A-Za-z0-9_.,:=@/+-]+$/.test(word) ? word : shellWord(word))
const percentless = (text: string): string => text.replaceAll('%', '%%')

/** One word of ssh's configuration: it knows `"` with backslashes before `"` and `\`. */
const configWord = (text: string): string => `"${text.replace(/["\\]/g, '\\$&')}"`
