import { sql } from 'kysely'
import { namesOneOf } from './names-one-of.ts'
import type { Schema } from './schema.ts'
import type { Transaction } from './store.ts'

/** Columns of free text, by their tables. */
export type Texts = { readonly [T in keyof Schema & string]?: readonly (keyof Schema[T] & string)[] }

/** What stands where somebody was named. */
export const erasedText = '[erased]'

/**
 * Takes out whole texts in which one of some names stands, whoever wrote them: what else they say may tell of the same
 * person.
 */
export async function forgetNames(tx: Transaction, names: readonly string[], texts: Texts): Promise<void> {
  for (const [table, columns] of Object.entries(texts))
    for (const column of columns)
      await sql`update ${sql.table(table)} set ${sql.ref(column)} = ${erasedText}
        where ${namesOneOf(names, sql.ref(column))}`.execute(tx)
}
