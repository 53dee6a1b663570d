import type { ResourceType } from '@gatehouse/contract'
import type { Schedule } from './schedule.ts'
import type { LoadSlice } from './slice.ts'

/**
 * How rows leave a table. `pruned`: by a schedule, once no decision looks at them. `owner`: by the code that writes
 * them, as part of its work. `parent`: with the row that they hang on. `kept`: they stay.
 */
export type RowsLeave = 'pruned' | 'owner' | 'parent' | 'kept'

/** What the owner of a table answers for it. */
export interface TableCare<Column> {
  readonly rows: RowsLeave
  /** The columns that say something of a person: what an export gives them, and an erasure takes away. */
  readonly personal: readonly Column[]
}

/** The answers for some tables. `Schema` is the database's own type; a column that is not there does not compile. */
export type TableCares<Schema, Name extends keyof Schema> = {
  readonly [T in Name]: TableCare<Extract<keyof Schema[T], string>>
}

/**
 * A domain as one value: what it brings beside its handlers and backends, whose totality their own maps have (`Handlers`,
 * `Backends`). Compose folds all of them, and what is missing in the fold does not compile: a type of resource without a
 * loader, a table without an owner who says how its rows leave it and what of a person stands in it.
 */
export interface Domain<Db, Schema> {
  readonly slices: { readonly [T in ResourceType]?: LoadSlice<Db> }
  /** What of it runs by the clock, with Temporal and without. */
  readonly schedules: readonly Schedule[]
  /** The tables that it owns: nobody else writes to them. */
  readonly tables: Partial<TableCares<Schema, keyof Schema>>
}
