import { exactDuration, secondsOfUnitIn, withoutUnit } from '@gatehouse/kit'

/** One value that a change has moved. */
export interface Moved {
  readonly field: string
  readonly from: string
  readonly to: string
}

/** One value as it was asked for, or as it came out. */
export type NamedValue = readonly [name: string, value: string]

/** What an entry holds beyond its own fields, in the parts that people look for. */
export interface EntryParts {
  readonly moved: readonly Moved[]
  readonly input: readonly NamedValue[]
  readonly result: readonly NamedValue[]
  readonly client: string | null
  readonly policyVersion: string | null
  /** The entry that began what this one closes. */
  readonly intent: string | null
}

type Fields = Readonly<Record<string, unknown>>

const isFields = (value: unknown): value is Fields =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

const textOr = (value: unknown): string | null => (typeof value === 'string' && value !== '' ? value : null)

/** A field's value in words: of a length of time with its unit. */
function fieldValueWords(name: string, value: unknown): string {
  const unit = secondsOfUnitIn(name)
  return unit !== null && typeof value === 'number' && value >= 0 ? exactDuration(value * unit) : valueWords(value)
}

/** A value in words: lists by commas, nothing as `none`. */
function valueWords(value: unknown): string {
  if (value === null || value === undefined || value === '') return 'none'
  if (Array.isArray(value)) return value.length === 0 ? 'none' : value.map(valueWords).join(', ')
  if (typeof value === 'boolean') return value ? 'yes' : 'no'
  return typeof value === 'object' ? JSON.stringify(value) : String(value)
}

const isMoved = (value: unknown): value is Fields & { field: string } =>
  isFields(value) && typeof value['field'] === 'string' && 'from' in value && 'to' in value

/** `sessionIdleSeconds` → `session idle`, whose value has the unit; parts of a path stay apart. */
export const fieldWords = (name: string): string =>
  withoutUnit(name)
    .split('.')
    .map((part) => (/^[A-Z]/.test(part) ? part : part.replace(/([a-z])([A-Z])/g, '$1 $2').toLowerCase()))
    .join(' · ')

/** What was asked for where it was taken out with somebody who was erased. */
const erasedWords = 'removed when a person was erased'

const valuesOf = (fields: unknown, erased: readonly string[] = []): readonly NamedValue[] =>
  Object.entries(isFields(fields) ? fields : {}).map(([name, value]) => [
    fieldWords(name),
    erased.includes(`input.${name}`) ? erasedWords : fieldValueWords(name, value),
  ])

/** An entry's rest, told apart; nothing of a text that is no JSON. `erased`: fields that an erasure took out. */
export function partsOf(detail: string, erased: readonly string[] = []): EntryParts {
  const whole = fieldsIn(detail)
  const result = isFields(whole['detail']) ? whole['detail'] : {}
  const { moved, ...rest } = result
  return {
    moved: (Array.isArray(moved) ? moved : [])
      .filter(isMoved)
      .map(({ field, from, to }) => ({
        field: fieldWords(field),
        from: fieldValueWords(field, from),
        to: fieldValueWords(field, to),
      })),
    input: valuesOf(whole['input'], erased),
    result: valuesOf(rest),
    client: textOr(whole['userAgent']),
    policyVersion: textOr(whole['policyVersion']),
    intent: textOr(whole['intent']),
  }
}

function fieldsIn(text: string): Fields {
  try {
    const value: unknown = JSON.parse(text)
    return isFields(value) ? value : {}
  } catch {
    return {}
  }
}
