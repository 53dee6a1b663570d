import type { PostgresPoolClient } from 'kysely'
import type pg from 'pg'

const opening = '/* '
const closing = ' */'
/** No other statement of ours begins with such a comment. */
const prefix = `${opening}gatehouse-`

/**
 * The text of a statement that each connection parses and plans once, under a name: for what runs at every call. The
 * name stands before it as a comment, so that it is text like any other wherever it is handed on.
 */
export const namedStatement = (name: `gatehouse-${string}`, text: string): string =>
  `${opening}${name}${closing} ${text}`

/** A statement that pg itself was given as an object has its own name. */
const nameOf = (text: unknown): string | null =>
  typeof text === 'string' && text.startsWith(prefix) ? text.slice(opening.length, text.indexOf(closing)) : null

const preparers = new WeakMap<pg.PoolClient, PostgresPoolClient>()

/** A connection that prepares what has a name, once. For one connection always the same. */
export function preparing(client: pg.PoolClient): PostgresPoolClient {
  const known = preparers.get(client)
  if (known !== undefined) return known
  const query = (text: string, values: readonly unknown[]): Promise<pg.QueryResult> => {
    const name = nameOf(text)
    return name === null ? client.query(text, [...values]) : client.query({ name, text, values: [...values] })
  }
  const made = {
    query: query as unknown as PostgresPoolClient['query'], // no cursor is ever asked for: the dialect is given none
    release: (destroy?: boolean) => client.release(destroy),
  }
  preparers.set(client, made)
  return made
}
