import { sql, type RawBuilder } from 'kysely'

/** What a caller is told of a thing that they may not know of, and of one that does not exist. */
export const toldRefusal = 'not-found'

/** How an entry with it reads. Entries are canonical JSON, so no text of a caller's can stand there with its quotes. */
export const toldNothingPattern = `%"refusal":"${toldRefusal}"%`

/**
 * Entries of the caller's own that tell what they were not told. Nothing is found by what is hidden in them, whether
 * the thing exists or not: a filter that finds one and not the other would answer the same question.
 */
export const toldNothing = (principalId: string): RawBuilder<unknown> =>
  sql`(audit_entry.principal_id = ${principalId} and audit_entry.entry like ${toldNothingPattern})`
