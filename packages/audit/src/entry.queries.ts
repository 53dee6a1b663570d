import type { Store } from '@gatehouse/database'
import { CompiledQuery } from 'kysely'
import type { MadeEntry } from './entry.ts'
import type { SubjectKeyRow } from './subject-keys.queries.ts'
import type { SubjectKeys } from './subject-keys.ts'

/** What one statement writes to the record. */
export interface Writing {
  readonly entries: readonly MadeEntry[]
  /** Intents that wait for an outcome from now on, and until when. */
  readonly opened?: readonly { readonly id: string; readonly deadline: Date }[]
  /** Intents that have their outcome now. */
  readonly closed?: readonly string[]
}

/**
 * Stores entries with their personal values, queues them for the tree, opens and closes intents: one statement, one
 * round trip. Answers the keys that it wrote with them, to be confirmed once the transaction has ended.
 * Entries that are there already are skipped with all that hangs on them, so that a batch whose answer was lost can be
 * sent again.
 */
export async function insertEntries(
  db: Store,
  subjectKeys: SubjectKeys,
  { entries, opened = [], closed = [] }: Writing,
): Promise<readonly SubjectKeyRow[]> {
  const { keys, parts, mentions } = subjectKeys.seal(entries)
  await db.executeQuery(
    CompiledQuery.raw(append, [
      entries.map(({ id }) => id),
      entries.map(({ entry }) => entry),
      keys.map(({ id }) => id),
      keys.map(({ subject }) => subject),
      keys.map(({ name }) => name),
      keys.map(({ sealed }) => sealed),
      parts.map(({ entryId }) => entryId),
      parts.map(({ part }) => part),
      parts.map(({ keyId }) => keyId),
      parts.map(({ sealed }) => sealed),
      parts.map(({ ip }) => ip),
      mentions.map(({ value }) => value),
      mentions.map(({ entryId }) => entryId),
      mentions.map(({ field }) => field),
      opened.map(({ id }) => id),
      opened.map(({ deadline }) => deadline),
      closed,
      entries.map(({ asked }) => asked),
    ]),
  )
  return keys
}

const append = `select audit_append(${Array.from({ length: 18 }, (_, index) => `$${index + 1}`).join(', ')})`
