import type { SealedPlace } from '@gatehouse/enforcement'
import type { PersonalValue } from './commitment.ts'
import { sessionPart } from './subject.ts'
import type { KeptPart } from './subject-keys.queries.ts'

/** What opens a person's parts: a sealer, or what a thread makes of the key alone. */
export interface PartOpener {
  unseal(place: SealedPlace, sealed: Uint8Array): Uint8Array
}

/** The values of one entry. Null: these bytes were not sealed for it. */
export type OpenParts = (entryId: string, parts: readonly KeptPart[]) => PersonalValue[] | null

/** Opens parts, each by what opens those under its key. */
export const openingBy =
  (openerOf: (kept: KeptPart) => PartOpener): OpenParts =>
  (entryId, parts) => {
    try {
      return parts.flatMap((kept) => unpacked(openerOf(kept).unseal(placeOfPart(entryId, kept), bytesOf(kept.sealed))))
    } catch {
      return null
    }
  }

/** Bytes as they are, or as JSON brought them. */
export const bytesOf = (kept: KeptPart['sealed']): Uint8Array =>
  typeof kept === 'string' ? Buffer.from(kept, 'hex') : kept

/** Where a key is sealed. */
export const placeOfKey = (id: string): SealedPlace => ({ table: 'audit_subject_key', column: 'sealed', id })

/** Where a part of an entry's personal values is sealed; what a session's entries share, under its key alone. */
export const placeOfPart = (entryId: string, { part, keyId }: Pick<KeptPart, 'part' | 'keyId'>): SealedPlace => ({
  table: 'audit_personal',
  column: 'sealed',
  id: `${part === sessionPart ? keyId : entryId}/${part}`,
})

/** Triples of field, value and salt, as JSON. */
export const packed = (values: readonly PersonalValue[]): Buffer =>
  Buffer.from(
    JSON.stringify(values.map(({ field, value, salt }) => [field, value, Buffer.from(salt).toString('base64url')])),
    'utf8',
  )

function unpacked(bytes: Uint8Array): PersonalValue[] {
  const text = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('utf8')
  const triples = JSON.parse(text) as [string, string, string][] // sealed by `packed`
  return triples.map(([field, value, salt]) => ({ field, value, salt: Buffer.from(salt, 'base64url') }))
}

/** A map that forgets what it learned first. */
export function remembering<T>(max: number): { get(key: string): T | undefined; set(key: string, value: T): void } {
  const map = new Map<string, T>()
  return {
    get: (key) => map.get(key),
    set: (key, value) => {
      map.delete(key)
      map.set(key, value)
      const oldest = map.keys().next()
      if (map.size > max && oldest.done !== true) map.delete(oldest.value)
    },
  }
}
