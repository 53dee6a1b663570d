import { isCommitment } from './commitment.ts'
import type { Recordable } from './recordable.ts'

/**
 * An entry as it lies in the database. Whoever owns the database may have put anything there, so nothing of its shape
 * is believed.
 */
export type StoredEntry = Readonly<Record<string, Recordable>>

/** Reads an entry's text. Null: it is not a JSON object, so not one that we wrote. */
export function parseStoredEntry(entry: string): StoredEntry | null {
  try {
    const parsed: unknown = JSON.parse(entry)
    // JSON.parse makes nothing else
    return typeof parsed === 'object' && parsed !== null && !Array.isArray(parsed) ? (parsed as StoredEntry) : null
  } catch {
    return null
  }
}

/** The value at a path; undefined where there is none. */
export function at(entry: StoredEntry, ...path: readonly string[]): Recordable | undefined {
  let value: Recordable | undefined = entry
  for (const key of path) value = isObject(value) && Object.hasOwn(value, key) ? value[key] : undefined
  return value
}

/** The text at a path; null for anything else that stands there. */
export function textAt(entry: StoredEntry, ...path: readonly string[]): string | null {
  const value = at(entry, ...path)
  return typeof value === 'string' ? value : null
}

/** Where personal values stand beside the input's: each field's name is its path. */
const personalPaths = ['principal.name', 'ip', 'userAgent'] as const
const personalPathOf: ReadonlyMap<string, readonly string[]> = new Map(
  personalPaths.map((path) => [path, path.split('.')]),
)
const inputPrefix = 'input.'

/**
 * Every commitment in an entry by the name of its field. Input fields have names without dots in today's declarations;
 * one with a dot is still one field.
 */
export function commitmentsIn(entry: StoredEntry): ReadonlyMap<string, string> {
  const input = at(entry, 'input')
  const fields: [string, Recordable | undefined][] = [
    ...personalPaths.map((path): [string, Recordable | undefined] => [path, at(entry, ...path.split('.'))]),
    ...Object.entries(isObject(input) ? input : {}).map(([name, value]): [string, Recordable] => [
      `${inputPrefix}${name}`,
      value,
    ]),
  ]
  return new Map(fields.flatMap(([field, value]) => (isCommitment(value) ? [[field, value.c] as const] : [])))
}

/** The commitment of one field, as `commitmentsIn` has it; undefined: there is none. */
export function commitmentIn(entry: StoredEntry, field: string): string | undefined {
  const path =
    personalPathOf.get(field) ?? (field.startsWith(inputPrefix) ? ['input', field.slice(inputPrefix.length)] : null)
  const value = path === null ? undefined : at(entry, ...path)
  return isCommitment(value) ? value.c : undefined
}

/** True for an object, false for a list. */
export const isObject = (value: Recordable | undefined): value is { readonly [key: string]: Recordable } =>
  typeof value === 'object' && value !== null && !Array.isArray(value)
