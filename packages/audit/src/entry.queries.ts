import { arrayBytes, namedStatement, type Store } from '@gatehouse/database'
import { CallerMovedError } from '@gatehouse/enforcement'
import { CompiledQuery } from 'kysely'
import { areSame, assumedParameters, isSame, isSameParameters, type AssumedCaller } from './assumed-callers.ts'
import type { MadeEntry } from './entry.ts'
import type { SubjectKeyRow } from './subject-keys.queries.ts'
import type { Sealed, SubjectKeys } from './subject-keys.ts'

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
  const sealed = subjectKeys.seal(writing.entries)
  const { rows, numAffectedRows = 0n } = await db.executeQuery(aloneOf(sealed, writing) ?? manyOf(sealed, writing))
  if (rows.length === 0 && numAffectedRows === 0n)
    throw new CallerMovedError('a caller is not who they were assumed to be')
  return sealed.keys
}

/**
 * Of a read of somebody with a session, which is what comes alone most often, and has nothing else to be kept: a plain
 * row, without lists or a function, each of which cost the database as much (ADR 129). Null: it is something else.
 */
function aloneOf({ keys, mentions, entries: [values] }: Sealed, writing: Writing): CompiledQuery | null {
  const { entries, opened = [], closed = [], areNew = false, assumed = [] } = writing
  const [[entry], [caller]] = [entries, assumed]
  if (entries.length !== 1 || assumed.length !== 1 || entry === undefined || caller === undefined) return null
  if (!areNew || [...keys, ...mentions, ...opened, ...closed].length > 0) return null
  return CompiledQuery.raw(appendOne, [
    entry.id,
    entry.entry,
    entry.asked,
    values?.caller?.part ?? null,
    values?.caller?.keyId ?? null,
    values?.caller?.sealed ?? null,
    values?.caller?.ip ?? null,
    values?.input?.keyId ?? null,
    values?.input?.sealed ?? null,
    ...isSameParameters(caller),
  ])
}

function manyOf(sealed: Sealed, writing: Writing): CompiledQuery {
  const { assumed = [], areNew = false } = writing
  const { plain, ifSame } = areNew ? appendNew : append
  const parameters = parametersOf(sealed, writing)
  return assumed.length === 0
    ? CompiledQuery.raw(plain, parameters)
    : CompiledQuery.raw(ifSame, [...parameters, ...assumedParameters(assumed)])
}

/** What entries are kept with, and the keys that are written. */
export function appendOf(
  subjectKeys: SubjectKeys,
  writing: Writing,
): { readonly keys: readonly SubjectKeyRow[]; readonly parameters: readonly unknown[] } {
  const sealed = subjectKeys.seal(writing.entries)
  return { keys: sealed.keys, parameters: parametersOf(sealed, writing) }
}

function parametersOf(
  { keys, entries: sealed, mentions }: Sealed,
  { entries, opened = [], closed = [] }: Writing,
): unknown[] {
  return [
    arrayBytes.uuid(entries.map(({ id }) => id)),
    arrayBytes.text(entries.map(({ entry }) => entry)),
    arrayBytes.text(entries.map(({ asked }) => asked)),
    arrayBytes.text(sealed.map(({ caller }) => caller?.part ?? null)),
    arrayBytes.uuid(sealed.map(({ caller }) => caller?.keyId ?? null)),
    arrayBytes.bytea(sealed.map(({ caller }) => caller?.sealed ?? null)),
    arrayBytes.bytea(sealed.map(({ caller }) => caller?.ip ?? null)),
    arrayBytes.uuid(sealed.map(({ input }) => input?.keyId ?? null)),
    arrayBytes.bytea(sealed.map(({ input }) => input?.sealed ?? null)),
    arrayBytes.uuid(keys.map(({ id }) => id)),
    arrayBytes.text(keys.map(({ subject }) => subject)),
    arrayBytes.bytea(keys.map(({ name }) => name)),
    arrayBytes.bytea(keys.map((key) => key.sealed)),
    arrayBytes.bytea(mentions.map(({ value }) => value)),
    arrayBytes.uuid(mentions.map(({ entryId }) => entryId)),
    arrayBytes.text(mentions.map(({ field }) => field)),
    opened.map(({ id }) => id),
    opened.map(({ deadline }) => deadline),
    closed,
  ]
}

/** So many parameters `appendNewText` has. */
export const appendParameters = 19
const parameterList = Array.from({ length: appendParameters }, (_, index) => `$${index + 1}`).join(', ')
const appendText = `select audit_keep(false, ${parameterList})`
/** What keeps entries that were made just now. */
export const appendNewText = `select audit_keep(true, ${parameterList})`

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
const appendOne = namedStatement(
  'gatehouse-audit-append-one',
  `insert into audit_intake (entry_id, entry, asked, caller_part, caller_key, caller_sealed, caller_ip, input_key,
      input_sealed)
    select $1::uuid, $2, $3, $4, $5::uuid, $6::bytea, $7::bytea, $8::uuid, $9::bytea where ${isSame(10)}`,
)
