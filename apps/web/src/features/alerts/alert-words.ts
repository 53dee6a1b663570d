import type { Wire } from '@gatehouse/contract'

type Alert = Wire<'alert.list'>['items'][number]
type Channel = Wire<'alertChannel.list'>['items'][number]

/** Severities as options of a filter or a form. */
export const severityOptions: readonly (readonly [string, string])[] = (
  ['critical', 'high', 'medium', 'low'] as const satisfies readonly Alert['severity'][]
).map((severity) => [severity, severity] as const)

const kindWords: Readonly<Record<Channel['kind'], string>> = {
  mail: 'email',
  webhook: 'signed webhook',
  slack: 'Slack',
  pagerduty: 'PagerDuty',
}

/** What a channel is, in words. */
export const channelKindWords = (kind: Channel['kind']): string => kindWords[kind]

/** How a channel stands: failing, working, or never used yet. */
export function channelState({ failingSince, deliveredAt }: Pick<Channel, 'failingSince' | 'deliveredAt'>): string {
  if (failingSince !== null) return 'failing'
  return deliveredAt === null ? 'unused' : 'active'
}

/** What an alert is about, by name where it has one. */
export const aboutWords = ({ about: { type, id, name } }: Pick<Alert, 'about'>): string =>
  type === 'System' ? 'Gatehouse' : `${type} ${name ?? id}`

/** `windowSeconds` as people write it: `Window seconds`. */
export const factName = (name: string): string => {
  const words = name.replaceAll(/[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`)
  return words.charAt(0).toUpperCase() + words.slice(1)
}

/** How a message fared: a state that people read at a glance. */
export const deliveryState = ({ state, attempts }: Alert['deliveries'][number]): string => {
  if (state === 'waiting') return attempts === 0 ? 'sending' : 'retrying'
  return state === 'dead' ? 'not delivered' : 'delivered'
}

/** Where an alert is about something that has a page of its own. */
export function aboutHref({ about: { type, id } }: Pick<Alert, 'about'>): string | null {
  if (type === 'User') return `/people/users/${id}`
  return type === 'Lease' ? `/access/leases/${id}` : null
}
