import { AlertKindName, alertKindText, Instant, PolicyChangeKind, Revocability, SecretText } from '@gatehouse/contract'
import {
  durationText,
  exactDuration,
  exactTime,
  revocabilityText,
  secondsOfUnitIn,
  type Revocation,
} from '@gatehouse/kit'
import { z } from 'zod'
import { relativeTime } from './durations.ts'
import { unwrap } from './operation-flags.ts'
import { printable, printableLines } from './printable.ts'
import { label } from './words.ts'

/** How a field is shown, as its schema says. */
export type FieldKind =
  | 'alertKind'
  | 'policyChange'
  | 'filters'
  | 'instant'
  | 'secret'
  | 'epochSeconds'
  | 'behind'
  | 'seconds'
  | 'minutes'
  | 'other'

/** It is said with `revocability`. */
const revocationDelay = 'revokedWithinSeconds'

/** A thing whose credentials die, in words: how and how soon is one thing to say. */
export function withRevocation(item: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>> {
  const { [revocationDelay]: seconds, ...others } = item
  const { data } = Revocability.safeParse(item['revocability'])
  if (data === undefined || typeof seconds !== 'number') return item
  const revocation: Revocation = { revocability: data, revokedWithinSeconds: seconds }
  return { ...others, revocability: revocabilityText(revocation) }
}

/** As long as these words usually are. */
const revocationWidth = revocabilityText({ revocability: 'denies', revokedWithinSeconds: 300 }).length

/** RFC 7662 has its times as seconds since the epoch. */
const epochFields = ['exp', 'iat', 'nbf', 'auth_time']

/** How far what a host has is behind what there is. */
const behindFields = ['listBehindSeconds']

/** The kinds of the fields of an output; none for what is no object. */
export const fieldKindsOf = (output: z.ZodType): Readonly<Record<string, FieldKind>> => {
  const { inner } = unwrap(output)
  if (!(inner instanceof z.ZodObject)) return {}
  return Object.fromEntries(
    Object.entries(inner.shape)
      .filter(([field]) => field !== revocationDelay)
      .map(([field, schema]) => [field, kindOf(field, schema as z.ZodType)]),
  ) // a ZodObject's shape holds classic types here
}

/** The schema of a page's items; null for what is no page. */
export const itemSchemaOf = (output: z.ZodType): z.ZodType | null => {
  if (!(output instanceof z.ZodObject)) return null
  const items: unknown = output.shape['items']
  return items instanceof z.ZodArray ? (items.element as z.ZodType) : null // as above
}

const kindOf = (field: string, schema: z.ZodType): FieldKind => {
  const { inner } = unwrap(schema)
  if (inner === Instant) return 'instant'
  if (inner === AlertKindName) return 'alertKind'
  if (inner === PolicyChangeKind) return 'policyChange'
  if (inner === SecretText || (inner instanceof z.ZodArray && inner.element === SecretText)) return 'secret'
  return epochFields.includes(field) ? 'epochSeconds' : kindByName(field)
}

/** What a field is by its name alone: a length of time says its unit there. */
export const kindByName = (field: string): FieldKind => {
  if (behindFields.includes(field)) return 'behind'
  if (field === 'filters') return 'filters'
  const unit = /^seconds[A-Z]/.test(field) ? 1 : secondsOfUnitIn(field)
  if (unit === null) return 'other'
  return unit === MINUTE ? 'minutes' : 'seconds'
}

/** Enough for `in 119 min`, and for all that is shorter. */
const INSTANT_CHARS = 10

/** How wide a field can get, where its schema knows; 0 where it does not. */
export const widthsOfFields = (output: z.ZodType): Readonly<Record<string, number>> => {
  const { inner } = unwrap(output)
  if (!(inner instanceof z.ZodObject)) return {}
  return Object.fromEntries(
    Object.entries(inner.shape).map(([field, schema]) => [field, widthOf(unwrap(schema as z.ZodType).inner)]),
  ) // as above
}

const widthOf = (schema: z.ZodType): number => {
  if (schema === Revocability) return revocationWidth
  if (schema instanceof z.ZodEnum) return Math.max(...schema.options.map((option) => String(option).length))
  return schema === Instant ? INSTANT_CHARS : 0
}

/** A value in a cell of a table: one line. */
export const cellText = (value: unknown, kind: FieldKind, now: Date): string => {
  const at = instantOf(value, kind)
  return at === null ? printable(plainText(inWords(value, kind))) : relativeTime(at, now)
}

/** When a thing would have ended tells nothing of one that was ended before. */
const endFields = ['expiresAt', 'validBefore']

/** A field of an item in a cell: of what has been ended, when that was, and not when it would have been. */
export const fieldText = (
  item: Readonly<Record<string, unknown>>,
  { column, kind, now }: { readonly column: string; readonly kind: FieldKind; readonly now: Date },
): string => {
  const over = endFields.includes(column) ? earlyEnd(item, now) : null
  return over ?? cellText(item[column], kind, now)
}

/** States in which a thing is over before its time, though nobody kept since when. */
const overStates: readonly unknown[] = ['revoked', 'denied', 'cancelled', 'used']

/** How and when a thing was ended, in words; null: it was not. */
const earlyEnd = (item: Readonly<Record<string, unknown>>, now: Date): string | null => {
  const { endedAt, removedAt, state } = item
  if (typeof endedAt === 'string') return `ended ${cellText(endedAt, 'instant', now)}`
  if (typeof removedAt === 'string') return `removed ${cellText(removedAt, 'instant', now)}`
  return overStates.includes(state) ? String(state) : null
}

/** What a field of a thing is called beside its value. Null: left out, for its end was brought about before. */
export const fieldLabel = (item: Readonly<Record<string, unknown>>, field: string, now: Date): string | null => {
  if (!endFields.includes(field)) return label(field)
  if (earlyEnd(item, now) !== null) return null
  const end = item[field]
  const isPast = field === 'expiresAt' && typeof end === 'string' && Date.parse(end) <= now.getTime()
  return isPast ? 'expired at' : label(field)
}

/** A value beside its label: times exact too, keys with all their lines. */
export const detailText = (value: unknown, kind: FieldKind, now: Date): string => {
  const at = instantOf(value, kind)
  // secrets to be written down, one a line
  if (kind === 'secret' && Array.isArray(value)) return value.map((item) => printable(plainText(item))).join('\n')
  return at === null ? printableLines(plainText(inWords(value, kind))) : `${relativeTime(at, now)} (${exactTime(at)})`
}

const instantOf = (value: unknown, kind: FieldKind): Date | null => {
  if (kind === 'epochSeconds' && typeof value === 'number') return new Date(value * 1000)
  return kind === 'instant' && typeof value === 'string' ? new Date(value) : null
}

const inWords = (value: unknown, kind: FieldKind): unknown => {
  if (kind === 'alertKind' && typeof value === 'string') return alertKindText(value)
  if (kind === 'policyChange') return policyChangeText(value)
  if (kind === 'filters' && typeof value === 'string') return filtersText(value)
  if (typeof value !== 'number') return value
  if (kind === 'behind') return `${durationText(value)} behind`
  if (kind === 'seconds') return lengthText(value)
  return kind === 'minutes' ? exactDuration(value * MINUTE) : value
}

/** How policies came into force, as the control center says it. */
const policyChangeTexts = {
  files: 'from files',
  published: 'published',
  rolledBack: 'rolled back',
} as const satisfies Record<z.infer<typeof PolicyChangeKind>, string>

/** What is no such kind, as that of a newer server, stays. */
const policyChangeText = (kind: unknown): unknown => {
  const { data } = PolicyChangeKind.safeParse(kind)
  return data === undefined ? kind : policyChangeTexts[data]
}

/** The filters of a saved search as people say them: `action lease, from 1d`; what is no such thing stays. */
const filtersText = (json: string): string => {
  try {
    const filters: unknown = JSON.parse(json)
    return typeof filters === 'object' && filters !== null ? fieldsText(filters) : json
  } catch {
    return json
  }
}

const MINUTE = 60

/** Exactly, as it can be typed; what was measured in parts of a second, by its first decimal. */
const lengthText = (seconds: number): string =>
  seconds < MINUTE ? `${Math.round(seconds * 10) / 10} s` : exactDuration(Math.round(seconds))

const plainText = (value: unknown): string => {
  if (value === null || value === undefined || value === '') return '–'
  if (typeof value === 'boolean') return value ? 'yes' : 'no'
  if (Array.isArray(value)) return value.length === 0 ? '–' : value.map(plainText).join(', ')
  // no array and not null
  return typeof value === 'object' ? objectText(value as Record<string, unknown>) : String(value)
}

/** A time as it can be compared; what is none stays. */
const exactly = (value: unknown): unknown => {
  const at = instantOf(value, 'instant')
  return at === null || Number.isNaN(at.getTime()) ? value : exactTime(at)
}

/** A value with its name; a length of time with its unit, a kind of alert in words: `window: 5 min`. */
const factText = (name: string, value: string): string => {
  if (name === 'kind') return `${name}: ${alertKindText(value)}`
  const unit = secondsOfUnitIn(name)
  return unit === null || !/^\d+$/.test(value)
    ? `${name}: ${value}`
    : `${label(name)}: ${exactDuration(Number(value) * unit)}`
}

/** A thing within a thing: what people call it. */
const objectText = (value: Readonly<Record<string, unknown>>): string => {
  if (typeof value['effect'] === 'string')
    return [
      value['effect'],
      ...(Array.isArray(value['policies']) && value['policies'].length > 0
        ? [`by ${value['policies'].join(', ')}`]
        : []),
    ].join(' ')
  if (typeof value['name'] === 'string' && typeof value['value'] === 'string')
    return factText(value['name'], value['value'])
  for (const field of ['username', 'name', 'message', 'fingerprint'] as const)
    if (typeof value[field] === 'string' && value[field] !== '') return value[field]
  if (value['type'] === 'Anonymous') return 'anonymous'
  if (value['type'] === 'System' && 'name' in value) return 'this Gatehouse'
  if (typeof value['type'] === 'string') return `${value['type']} ${plainText(value['id'])}`
  return fieldsText(value)
}

/** What has a kind and a version is a policy set that came into force. */
const kindWithin = (fields: object, field: string): FieldKind =>
  field === 'kind' && 'version' in fields ? 'policyChange' : kindByName(field)

/** Each field with its value, in a line. */
const fieldsText = (fields: object): string =>
  Object.entries(fields)
    .map(
      ([field, inner]) =>
        `${label(field)} ${plainText(field === 'at' ? exactly(inner) : inWords(inner, kindWithin(fields, field)))}`,
    )
    .join(', ')
