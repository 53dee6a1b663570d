import { operations, type Raw, type Wire } from '@gatehouse/contract'
import type { Cli } from './cli.ts'
import { flagError, usageError } from './cli-error.ts'
import type { Arguments } from './parse-arguments.ts'
import { certificateIn, secretsFor, wantedOf } from './run-alert-channel-creation.ts'
import { checkInput } from './run-operation.ts'
import { showOutput } from './show-output.ts'

type Update = Raw<'alertChannel.update'>
type Channel = Wire<'alertChannel.list'>['items'][number]

/** More channels than there may be. */
const channelsAsked = 100

/** Changes a channel, which people name or give by its id. A new secret is typed or read, as when it was made. */
export const runAlertChannelUpdate = async (cli: Cli, { values }: Arguments): Promise<number> => {
  const operation = operations['alertChannel.update']
  const client = await cli.client()
  const channel = named(await client.call('alertChannel.list', { first: channelsAsked }), String(values['channel']))
  const target = await targetFor(cli, channel, values)
  const input = {
    id: channel.id,
    ...textsOf(values, ['name', 'severity', 'reason']),
    ...onOrOff(values),
    ...(values['authority'] === undefined ? {} : { authority: await certificateIn(cli, String(values['authority'])) }),
    ...(values['systemAuthority'] === true ? { systemAuthority: true } : {}),
    ...(Object.keys(target).length === 0 ? {} : { [channel.kind]: target }),
  }
  checkInput(operation, [], input)
  showOutput(cli, operation, await client.call('alertChannel.update', input as Update)) // checked just now
  return 0
}

function named({ items }: Wire<'alertChannel.list'>, text: string): Channel {
  const exact = items.find(({ id, name }) => id === text || name === text)
  const begun = items.filter(({ id }) => id.startsWith(text.toLowerCase()))
  const [only] = exact === undefined ? begun : [exact]
  if (only === undefined || (exact === undefined && begun.length > 1))
    throw usageError(`\`${text}\` is the name or id of no channel, or of several`, {
      hint: 'gatehouse alert-channel list',
    })
  return only
}

const textsOf = (values: Arguments['values'], names: readonly string[]): Record<string, string> =>
  Object.fromEntries(names.flatMap((name) => (values[name] === undefined ? [] : [[name, String(values[name])]])))

function onOrOff({ on, off }: Arguments['values']): { disabled?: boolean } {
  if (on === true && off === true) throw flagError('off', 'is the opposite of --on')
  if (off === true) return { disabled: true }
  return on === true ? { disabled: false } : {}
}

async function targetFor(cli: Cli, { kind }: Channel, values: Arguments['values']): Promise<Record<string, string>> {
  if (kind !== 'mail' && values['to'] !== undefined) throw flagError('to', `is of mail; this channel is ${kind}`)
  if ((kind === 'mail' || kind === 'slack') && values['url'] !== undefined)
    throw flagError('url', kind === 'slack' ? 'is a secret of Slack: use --secret-stdin' : 'is of webhooks')
  const wantsSecret = values['newSecret'] === true || values['secretStdin'] === true
  const secrets = wantsSecret ? await secretsFor(cli, wantedOf[kind] ?? [], values) : {}
  if (kind === 'pagerduty' && values['url'] !== undefined && !wantsSecret)
    throw flagError('url', 'is changed with the integration key only: add --new-secret or --secret-stdin')
  const { secret, ...rest } = { ...textsOf(values, ['to', 'url']), ...secrets } as Record<string, string>
  if (secret === undefined) return rest
  return { ...rest, [kind === 'pagerduty' ? 'routingKey' : 'secret']: secret }
}
