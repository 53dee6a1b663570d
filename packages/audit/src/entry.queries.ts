import { arrayBytes, namedStatement, type Store } from '@gatehouse/database'
import { CallerMovedError } from '@gatehouse/enforcement'
import { CompiledQuery } from 'kysely'
import { areSame, assumedParameters, type AssumedCaller } from './assumed-callers.ts'
import type { MadeEntry } from './entry.ts'
import type { SubjectKeyRow } from './subject-keys.queries.ts'
import type { SubjectKeys } from './subject-keys.ts'

/** What one statement writes to the audit log. */
export interface Writing {
  readonly entries: readonly MadeEntry[]
  /** Intents that wait for an outcome from now on, and until when. */
  readonly opened?: readonly { readonly id: string; readonly deadline: Date }[]
  /** Intents that have their outcome now. */
  readonly closed?: readonly string[]
  /**
   * They were made just now and were never sent before. Absent: those that are there already are skipped, with all that
   * hangs on them.
   */
  readonly areNew?: boolean
  /** Callers who must still be who they were assumed to be. */
  readonly assumed?: readonly AssumedCaller[]
}

/**
 * Stores entries with their personal values, queues them for the tree, opens and closes intents: one statement, one
 * round trip. Answers the keys that it wrote with them, to be confirmed once the transaction has ended.
 * A batch whose answer was lost can be sent again, as one whose entries are not new. Throws `CallerMovedError`, and
 * writes nothing, where one of the callers is not who they were assumed to be: the statement looks at them before it
 * writes.
 */
export async function insertEntries(
  db: Store,
  subjectKeys: SubjectKeys,
  writing: Writing,
): Promise<readonly SubjectKeyRow[]> {
  const { assumed = [], areNew = false } = writing
  const { keys, parameters } = appendOf(subjectKeys, writing)
  const { plain, ifSame } = areNew ? appendNew : append
  const { rows } = await db.executeQuery(
    assumed.length === 0
      ? CompiledQuery.raw(plain, [...parameters])
      : CompiledQuery.raw(ifSame, [...parameters, ...assumedParameters(assumed)]),
  )
  if (rows.length === 0) throw new CallerMovedError('a caller is not who they were assumed to be')
  return keys
}

/** What either is asked with, and the keys that it writes. */
export function appendOf(
  subjectKeys: SubjectKeys,
  { entries, opened = [], closed = [] }: Writing,
): { readonly keys: readonly SubjectKeyRow[]; readonly parameters: readonly unknown[] } {
  const { keys, parts, mentions } = subjectKeys.seal(entries)
  const parameters = [
    arrayBytes.uuid(entries.map(({ id }) => id)),
    arrayBytes.text(entries.map(({ entry }) => entry)),
    arrayBytes.uuid(keys.map(({ id }) => id)),
    arrayBytes.text(keys.map(({ subject }) => subject)),
    arrayBytes.bytea(keys.map(({ name }) => name)),
    arrayBytes.bytea(keys.map(({ sealed }) => sealed)),
    arrayBytes.uuid(parts.map(({ entryId }) => entryId)),
    arrayBytes.text(parts.map(({ part }) => part)),
    arrayBytes.uuid(parts.map(({ keyId }) => keyId)),
    arrayBytes.bytea(parts.map(({ sealed }) => sealed)),
    arrayBytes.bytea(parts.map(({ ip }) => ip)),
    arrayBytes.bytea(mentions.map(({ value }) => value)),
    arrayBytes.uuid(mentions.map(({ entryId }) => entryId)),
    arrayBytes.text(mentions.map(({ field }) => field)),
    opened.map(({ id }) => id),
    opened.map(({ deadline }) => deadline),
    closed,
    arrayBytes.text(entries.map(({ asked }) => asked)),
  ]
  return { keys, parameters }
}

/** So many parameters `appendNewText` has. */
export const appendParameters = 18
const parameterList = Array.from({ length: appendParameters }, (_, index) => `$${index + 1}`).join(', ')
const appendText = `select audit_append(${parameterList})`
/** What keeps entries that were made just now. */
export const appendNewText = `select audit_append_new(${parameterList})`

/** Parsed and planned once per connection: it runs at every call. */
const append = {
  plain: namedStatement('gatehouse-audit-append', appendText),
  ifSame: namedStatement('gatehouse-audit-append-if-same', `${appendText} where ${areSame(appendParameters + 1)}`),
}
const appendNew = {
  plain: namedStatement('gatehouse-audit-append-new', appendNewText),
  ifSame: namedStatement(
    'gatehouse-audit-append-new-if-same',
    `${appendNewText} where ${areSame(appendParameters + 1)}`,
  ),
}
