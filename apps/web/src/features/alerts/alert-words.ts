import type { Wire } from '@gatehouse/contract'
import { durationText, isUuid, secondsOfUnitIn, withoutUnit } from '@gatehouse/kit'
import { alertKindTexts } from '../../generated/alert-kinds.ts'
import { kindOptions } from '../leases/lease-words.ts'

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
export function channelState({
  failingSince,
  deliveredAt,
  disabledAt,
}: Pick<Channel, 'failingSince' | 'deliveredAt' | 'disabledAt'>): string {
  if (disabledAt !== null) return 'off'
  if (failingSince !== null) return 'failing'
  return deliveredAt === null ? 'unused' : 'active'
}

/** `BreakGlassRequest` as people say it. */
const typeWords: Readonly<Record<string, string>> = {
  BreakGlassRequest: 'emergency request',
  EmergencySession: 'emergency session',
  ServiceAccount: 'service account',
  Authenticator: 'authenticator',
  Session: 'session',
  Lease: 'lease',
}

/** What is known by whose it is. */
const ownedTypes: readonly string[] = ['BreakGlassRequest', 'EmergencySession', 'Session', 'Authenticator']

/** As short as tells ids of a day apart. */
const shortId = (id: string): string => (isUuid(id) ? id.slice(0, '019a1b2c-3d4e'.length) : id)

/** What an alert is about, by name: its own, that of whom it concerns, or the beginning of its id. */
export function aboutWords({ about: { type, id, name } }: Pick<Alert, 'about'>): string {
  if (type === 'System') return name ?? 'Gatehouse'
  const words = typeWords[type] ?? type
  if (name === null) return `${words} ${shortId(id)}`
  return ownedTypes.includes(type) ? `${words} of ${name}` : `${words} ${name}`
}

/** A fact as people read it: an id by its beginning, a length of time in its units, a backend by what it gives. */
export function factText({ name, value }: Alert['facts'][number]): string {
  const unit = secondsOfUnitIn(name)
  if (unit !== null) return durationText(Number(value) * unit)
  if (name === 'kind') return alertKindWords(value)
  return name === 'backend' ? (credentialWords.get(value) ?? value) : shortId(value)
}

/** What people call a kind of alert; what is no kind stays as it is. */
export const alertKindWords = (kind: string): string => alertWords.get(kind) ?? kind

const alertWords: ReadonlyMap<string, string> = new Map(Object.entries(alertKindTexts))

const credentialWords: ReadonlyMap<string, string> = new Map(kindOptions)

/** `windowSeconds` as people write it: `Window`. */
export const factName = (name: string): string => {
  const words = withoutUnit(name).replaceAll(/[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`)
  return words.charAt(0).toUpperCase() + words.slice(1)
}

/** How a message fared: a state that people read at a glance. */
export const deliveryState = ({ state, attempts }: Alert['deliveries'][number]): string => {
  if (state === 'waiting') return attempts === 0 ? 'sending' : 'retrying'
  return state === 'dead' ? 'not delivered' : 'delivered'
}

const pages: Readonly<Record<string, (id: string) => string>> = {
  User: (id) => `/people/users/${id}`,
  Lease: (id) => `/access/leases/${id}`,
  BreakGlassRequest: (id) => `/emergency/requests/${id}`,
  EmergencySession: (id) => `/emergency/sessions/${id}`,
}
const factPages: Readonly<Record<string, (id: string) => string>> = {
  incident: (id) => `/incidents/${id}`,
  request: (id) => `/emergency/requests/${id}`,
  session: (id) => `/emergency/sessions/${id}`,
  alert: (id) => `/alerts/${id}`,
}

/** Where a fact names something that has a page of its own. */
export const factHref = ({ name, value }: Alert['facts'][number]): string | null =>
  isUuid(value) ? (factPages[name]?.(value) ?? null) : null

/** Where an alert is about something that has a page of its own. */
export function aboutHref({ about: { type, id } }: Pick<Alert, 'about'>): string | null {
  return pages[type]?.(id) ?? null
}
