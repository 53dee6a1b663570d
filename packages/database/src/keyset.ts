import { sql, type RawBuilder } from 'kysely'

/** One order of a list: by what, which way, and how a cursor's key is compared with it. */
export interface ListOrder {
  readonly column: RawBuilder<unknown>
  readonly direction: 'asc' | 'desc'
  readonly keyOf: (key: string) => RawBuilder<unknown>
}

/** By a time. */
export const byTime = (column: string, direction: 'asc' | 'desc'): ListOrder => ({
  column: sql.ref(column),
  direction,
  keyOf: (key) => sql`${key}::timestamptz`,
})

/** By a name, from A to Z, without case, in the order of bytes: the same in every database. */
export const byName = (column: string): ListOrder => ({
  column: sql`lower(${sql.ref(column)}) collate "C"`,
  direction: 'asc',
  keyOf: (key) => sql`lower(${key}::text) collate "C"`,
})

export interface Keyset {
  readonly order: ListOrder
  /** The column that tells items with one key apart. */
  readonly id: string
  readonly after: { readonly key: string; readonly id: string } | null
}

/** The condition that a list goes on after a cursor. It stands on the index of the order. */
export function goesOn({ order, id, after }: Keyset): RawBuilder<boolean> {
  if (after === null) return sql<boolean>`true`
  const [place, key] = [sql`(${order.column}, ${sql.ref(id)})`, sql`(${order.keyOf(after.key)}, ${after.id}::uuid)`]
  return order.direction === 'asc' ? sql<boolean>`${place} > ${key}` : sql<boolean>`${place} < ${key}`
}

/** What stands after `order by`. */
export const inOrder = ({ order, id }: Pick<Keyset, 'order' | 'id'>): RawBuilder<unknown> =>
  order.direction === 'asc'
    ? sql`${order.column} asc, ${sql.ref(id)} asc`
    : sql`${order.column} desc, ${sql.ref(id)} desc`

/** True where one of the columns holds the text, without case; nothing is a wildcard. */
export function holdsText(columns: readonly string[], text: string | undefined): RawBuilder<boolean> {
  if (text === undefined || text === '') return sql<boolean>`true`
  const found = columns.map(
    (column) => sql`position(lower(${text}::text) in lower(coalesce(${sql.ref(column)}, ''))) > 0`,
  )
  return sql<boolean>`(${sql.join(found, sql` or `)})`
}
