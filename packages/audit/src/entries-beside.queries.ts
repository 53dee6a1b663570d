import { namedStatement, type Store } from '@gatehouse/database'
import type { RowVersion } from '@gatehouse/enforcement'
import { CompiledQuery } from 'kysely'
import { areSameNow, assumedParameters } from './assumed-callers.ts'
import { appendOf, appendParameters, appendNewText, type Writing } from './entry.queries.ts'
import type { SubjectKeyRow } from './subject-keys.queries.ts'
import type { SubjectKeys } from './subject-keys.ts'

/** Rows that are written by the statement that keeps their entries. */
export interface Beside {
  /** Each connection plans the statement once, by this name. */
  readonly name: string
  /**
   * Inserts them from `stands`, which has one row, or none where nothing is to be written. Its parameters are `$1` and
   * so on, arrays by selects of their own, so that the plan is the same for any number.
   */
  readonly text: string
  readonly parameters: readonly unknown[]
}

/** What is written, and the rows that have to stand as they were decided: they are held shared to the end. */
export interface WritingBeside {
  readonly writing: Writing
  readonly beside: Beside | null
  readonly stands: readonly RowVersion[]
}

/**
 * As `insertEntries`, with rows beside entries that were made just now: one statement, one round trip, and so all of it
 * or nothing. Null, and nothing is written: a row does not stand as it was decided, or a caller is not who they were
 * assumed to be.
 */
export async function insertEntriesBeside(
  db: Store,
  subjectKeys: SubjectKeys,
  { writing, beside, stands }: WritingBeside,
): Promise<readonly SubjectKeyRow[] | null> {
  const { keys, parameters } = appendOf(subjectKeys, writing)
  const { assumed = [] } = writing
  const isAssumed = assumed.length > 0
  const { rows } = await db.executeQuery(
    CompiledQuery.raw(textOf({ beside, stands, isAssumed }), [
      ...parameters,
      ...stands.flatMap(({ id, version }) => [id, version]),
      ...(isAssumed ? assumedParameters(assumed) : []),
      ...(beside?.parameters ?? []),
    ]),
  )
  return rows.length === 0 ? null : keys
}

const texts = new Map<string, string>()

interface Form {
  readonly beside: Beside | null
  readonly stands: readonly RowVersion[]
  /** Whether it looks at callers. */
  readonly isAssumed: boolean
}

/** The statement for rows of these tables, the same text each time. */
function textOf(form: Form): string {
  const { beside, stands, isAssumed } = form
  const parts = [beside?.name ?? 'nothing', ...stands.map(({ table }) => table), ...(isAssumed ? ['if-same'] : [])]
  const whole = `gatehouse-beside-${parts.join('-')}` as const
  const known = texts.get(whole) ?? namedStatement(whole, madeOf(form))
  texts.set(whole, known)
  return known
}

/** So many parameters say who is assumed. */
const assumedCount = 3

function madeOf({ beside, stands, isAssumed }: Form): string {
  const place = (index: number) => appendParameters + 2 * index
  const besides = place(stands.length) + (isAssumed ? assumedCount : 0)
  const held = stands.map(
    ({ table }, index) => `row_${index} as materialized (
      select xmin::text as version from "${table}" where id = $${place(index) + 1} for share)`,
  )
  const conditions = [
    ...stands.map((_, index) => `row_${index}.version = $${place(index) + 2}`),
    ...(isAssumed ? [areSameNow(place(stands.length) + 1)] : []),
  ]
  const moved = beside?.text.replaceAll(/\$(\d+)/g, (_all, number: string) => `$${besides + Number(number)}`)
  return `with ${held.join(', ')},
    stands as materialized (
      select from ${stands.map((_, index) => `row_${index}`).join(', ')} where ${conditions.join(' and ')}),
    ${moved === undefined ? '' : `beside as (${moved}),`}
    kept as materialized (${appendNewText} from stands)
    select from kept`
}
