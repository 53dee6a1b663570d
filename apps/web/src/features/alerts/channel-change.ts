import type { Raw, Wire } from '@gatehouse/contract'
import { given } from '../../ui/form.ts'

type Channel = Wire<'alertChannel.list'>['items'][number]
type Change = Raw<'alertChannel.update'>

/** What a form changes of a channel: what was left empty, or stays the same, is not sent. */
export function channelChange(
  { id, name, severity, kind }: Pick<Channel, 'id' | 'name' | 'severity' | 'kind'>,
  values: Readonly<Record<string, string>>,
): Change {
  const place = Object.fromEntries(
    (['to', 'url', 'secret', 'routingKey'] as const).flatMap((field) => {
      const text = given(values[`${kind}.${field}`])
      return text === undefined ? [] : [[field, text]]
    }),
  )
  const wanted = given(values['name'])
  return {
    id,
    name: wanted === name ? undefined : wanted,
    // of the list's own options
    severity: values['severity'] === severity ? undefined : (values['severity'] as Change['severity']),
    ...(Object.keys(place).length === 0 ? {} : { [kind]: place }),
    reason: given(values['because']),
  }
}
