import { checkPersonal } from './check-entry.ts'
import type { PersonalValue } from './commitment.ts'
import type { OpenParts } from './sealed-parts.ts'
import { parseStoredEntry } from './stored-entry.ts'
import { sessionPart } from './subject.ts'
import type { KeptPart } from './subject-keys.queries.ts'

/** An entry with its personal values as they are kept. */
export interface WithParts {
  readonly id: string
  readonly entry: string
  readonly parts: readonly KeptPart[]
}

/**
 * The personal values of an entry. Null: what is kept beside it is not its own. What a session's entries share would
 * open beside any entry under the same key, so it is held to what this one commits to.
 */
export function openCommitted(open: OpenParts, { id, entry, parts }: WithParts): PersonalValue[] | null {
  const values = open(id, parts)
  if (values === null || parts.every(({ part }) => part !== sessionPart)) return values
  return checkPersonal(parseStoredEntry(entry), values).length === 0 ? values : null
}
