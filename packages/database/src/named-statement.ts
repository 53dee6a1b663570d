import type { PostgresPoolClient } from 'kysely'
import type pg from 'pg'

const opening = '/* '
const closing = ' */'
/** No other statement of ours begins with such a comment. */
const prefix = `${opening}gatehouse-`

/**
 * The text of a statement that each connection parses and plans once, under a name: for what runs at every call. The
 * name stands before it as a comment, so that it is text like any other wherever it is handed on. A name with `read` is
 * of one that only reads, and may be asked together with others (`alike-statements.ts`).
 */
export const namedStatement = (name: `gatehouse-${string}`, text: string): string =>
  `${opening}${name}${closing} ${text}`

/** A statement that pg itself was given as an object has its own name. */
const nameOf = (text: unknown): string | null =>
  typeof text === 'string' && text.startsWith(prefix) ? text.slice(opening.length, text.indexOf(closing)) : null

type Answer = Pick<pg.QueryResult, 'command' | 'rowCount' | 'rows'>

/**
 * What was answered, of which the driver's own query knows no more. Queries that are done keep one another until the
 * collector looks at all that is old, each with its rows: reading a million in pages, the process grew by all of them.
 */
function detached(result: pg.QueryResult): Answer {
  const { command, rowCount, rows } = result
  result.rows = []
  return { command, rowCount, rows }
}

const preparers = new WeakMap<pg.PoolClient, PostgresPoolClient>()

/** A connection that prepares what has a name, once. For one connection always the same. */
export function preparing(client: pg.PoolClient): PostgresPoolClient {
  const known = preparers.get(client)
  if (known !== undefined) return known
  const query = async (text: string, values: readonly unknown[]): Promise<Answer> => {
    const name = nameOf(text)
    const asked = name === null ? client.query(text, [...values]) : client.query({ name, text, values: [...values] })
    return detached(await asked)
  }
  const made = {
    query: query as unknown as PostgresPoolClient['query'], // no cursor is ever asked for: the dialect is given none
    release: (destroy?: boolean) => client.release(destroy),
  }
  preparers.set(client, made)
  return made
}
