import { operations, type Raw } from '@gatehouse/contract'
import type { Cli } from './cli.ts'
import { flagError } from './cli-error.ts'
import { readFile } from 'node:fs/promises'
import { resolve } from 'node:path'
import { checkInput } from './run-operation.ts'
import type { Arguments } from './parse-arguments.ts'
import { askOrRequire, secretLines } from './secrets-from-stdin.ts'
import { showOutput } from './show-output.ts'

type Created = Raw<'alertChannel.create'>

/** A text that is asked for, or comes as a line of standard input. */
export interface Wanted {
  readonly field: string
  readonly question: string
}

/** What each kind is made with beside its flags. What lets one post there is never typed on the command line. */
export const wantedOf: Readonly<Record<string, readonly Wanted[]>> = {
  mail: [],
  webhook: [{ field: 'secret', question: 'the secret that it is signed with (whsec_…): ' }],
  slack: [{ field: 'url', question: 'the URL of the incoming webhook: ' }],
  pagerduty: [{ field: 'secret', question: 'the integration key (Events API v2): ' }],
}

/** Makes a channel. Its secret is typed or read: on the command line it would stand in every list of processes. */
export const runAlertChannelCreation = async (cli: Cli, { values }: Arguments): Promise<number> => {
  const operation = operations['alertChannel.create']
  const kind = String(values['kind'])
  const given: Record<string, string> = {}
  for (const name of ['to', 'url'] as const) if (values[name] !== undefined) given[name] = String(values[name])
  refuseStray(kind, given)
  const secrets = await secretsFor(cli, wantedOf[kind] ?? [], values)
  const input = {
    name: values['name'],
    ...(values['severity'] === undefined ? {} : { severity: values['severity'] }),
    ...(values['authority'] === undefined ? {} : { authority: await certificateIn(cli, String(values['authority'])) }),
    [kind]: targetOf(kind, { ...given, ...secrets }),
  }
  checkInput(operation, [], input)
  const client = await cli.client()
  showOutput(cli, operation, await client.call('alertChannel.create', input as Created)) // checked just now
  return 0
}

/** Flags that the kind has nothing to do with, and those that it cannot do without. */
function refuseStray(kind: string, given: Readonly<Record<string, string>>): void {
  if (kind !== 'mail' && given['to'] !== undefined) throw flagError('to', 'is the address of a mail channel')
  if (kind === 'mail' && given['to'] === undefined) throw flagError('to', 'is missing: where the mails go')
  if (kind === 'webhook' && given['url'] === undefined) throw flagError('url', 'is missing: where it is sent to')
  if ((kind === 'mail' || kind === 'slack') && given['url'] !== undefined)
    throw flagError('url', kind === 'slack' ? 'is a secret of Slack: use --secret-stdin' : 'is of webhooks')
}

const targetOf = (kind: string, { to, url, secret }: Readonly<Record<string, string>>): Record<string, unknown> => {
  if (kind === 'mail') return { to }
  if (kind === 'pagerduty') return { routingKey: secret, ...(url === undefined ? {} : { url }) }
  return kind === 'slack' ? { url } : { url, secret }
}

/** Asks for them, or reads them, a line each. */
export const secretsFor = async (
  { terminal }: Cli,
  wanted: readonly Wanted[],
  values: Arguments['values'],
): Promise<Record<string, string>> => {
  if (wanted.length === 0) return {}
  if (values['secretStdin'] === true) {
    const lines = await secretLines(terminal, wanted.length, 'secret-stdin')
    return Object.fromEntries(wanted.map(({ field }, index) => [field, lines[index] ?? '']))
  }
  const asked: Record<string, string> = {}
  for (const { field, question } of wanted)
    asked[field] = await askOrRequire(terminal, { flag: 'secret-stdin', question, echo: 'hidden' })
  return asked
}

/** The certificate in a file. */
export const certificateIn = async ({ config }: Cli, path: string): Promise<string> => {
  try {
    return await readFile(resolve(config.cwd, path), 'utf8')
  } catch {
    throw flagError('authority', `names no file that can be read: ${path}`)
  }
}
