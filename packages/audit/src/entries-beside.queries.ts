import { namedStatement, type Store } from '@gatehouse/database'
import type { RowVersion } from '@gatehouse/enforcement'
import { CompiledQuery } from 'kysely'
import { appendOf, appendParameters, appendText, type Writing } from './entry.queries.ts'
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
 * As `insertEntries`, with rows beside the entries: one statement, one round trip, and so all of it or nothing. Null,
 * and nothing is written: a row does not stand as it was decided.
 */
export async function insertEntriesBeside(
  db: Store,
  subjectKeys: SubjectKeys,
  { writing, beside, stands }: WritingBeside,
): Promise<readonly SubjectKeyRow[] | null> {
  const { keys, parameters } = appendOf(subjectKeys, writing)
  const { rows } = await db.executeQuery(
    CompiledQuery.raw(textOf(beside, stands), [
      ...parameters,
      ...stands.flatMap(({ id, version }) => [id, version]),
      ...(beside?.parameters ?? []),
    ]),
  )
  return rows.length === 0 ? null : keys
}

const texts = new Map<string, string>()

/** The statement for rows of these tables, the same text each time. */
function textOf(beside: Beside | null, stands: readonly RowVersion[]): string {
  const whole =
    `gatehouse-beside-${[beside?.name ?? 'nothing', ...stands.map(({ table }) => table)].join('-')}` as const
  const known = texts.get(whole) ?? namedStatement(whole, madeOf(beside, stands))
  texts.set(whole, known)
  return known
}

function madeOf(beside: Beside | null, stands: readonly RowVersion[]): string {
  const place = (index: number) => appendParameters + 2 * index
  const held = stands.map(
    ({ table }, index) => `row_${index} as materialized (
      select xmin::text as version from "${table}" where id = $${place(index) + 1} for share)`,
  )
  const asDecided = stands.map((_, index) => `row_${index}.version = $${place(index) + 2}`)
  const moved = beside?.text.replaceAll(
    /\$(\d+)/g,
    (_all, number: string) => `$${place(stands.length) + Number(number)}`,
  )
  return `with ${held.join(', ')},
    stands as materialized (
      select from ${stands.map((_, index) => `row_${index}`).join(', ')} where ${asDecided.join(' and ')}),
    ${moved === undefined ? '' : `beside as (${moved}),`}
    kept as materialized (${appendText} from stands)
    select from kept`
}
