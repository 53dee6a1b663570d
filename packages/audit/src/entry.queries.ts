import type { Store } from '@gatehouse/database'
import { CompiledQuery } from 'kysely'
import type { MadeEntry } from './entry.ts'

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
 * round trip.
 * Entries that are there already are skipped with all that hangs on them, so that a batch whose answer was lost can be
 * sent again.
 */
export async function insertEntries(db: Store, { entries, opened = [], closed = [] }: Writing): Promise<void> {
  const personal = entries.flatMap(({ id, personal: values }) => values.map((value) => ({ id, ...value })))
  await db.executeQuery(
    CompiledQuery.raw(append, [
      entries.map(({ id }) => id),
      entries.map(({ entry }) => entry),
      personal.map(({ id }) => id),
      personal.map(({ field }) => field),
      personal.map(({ value }) => value),
      personal.map(({ salt }) => asBuffer(salt)),
      opened.map(({ id }) => id),
      opened.map(({ deadline }) => deadline),
      closed,
    ]),
  )
}

const append = 'select audit_append($1, $2, $3, $4, $5, $6, $7, $8, $9)'

/** The driver writes only buffers as bytes. */
const asBuffer = (bytes: Uint8Array): Buffer => Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
