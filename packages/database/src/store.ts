import { Kysely, PostgresDialect, type Transaction as KyselyTransaction } from 'kysely'
import pg from 'pg'
import type { Schema } from './schema.ts'

/** The pool of the runtime login, or a transaction on it. */
export type Store = Kysely<Schema>
export type Transaction = KyselyTransaction<Schema>

/** Connections for ordinary calls. 2–4 per core saturate PostgreSQL; reserved ones come on top. */
export const poolSizeDefault = 10

/** A query that takes longer than this is a bug or an attack; it is cut. */
const statementTimeoutMilliseconds = 15_000

/** Waiting longer than this for a connection is `unavailable` to the caller. */
const connectTimeoutMilliseconds = 5_000

/** Opens a pool. Numbers beyond 32 bits (bigint, numeric) come as text, times as `Date`. */
export function openStore(url: string, options: { readonly size?: number; readonly name: string }): Store {
  const pool = new pg.Pool({
    connectionString: url,
    max: options.size ?? poolSizeDefault,
    application_name: options.name,
    connectionTimeoutMillis: connectTimeoutMilliseconds,
    statement_timeout: statementTimeoutMilliseconds,
    keepAlive: true,
  })
  // an idle connection that the server closed is not news: the next query opens another
  pool.on('error', () => undefined)
  // a lent one that dies fails its query, which is news enough; unheard, its own event would end the process
  pool.on('connect', (client) => client.on('error', () => undefined))
  return new Kysely<Schema>({ dialect: new PostgresDialect({ pool }) })
}

/** A connection of one purpose (audit writer, sequencer), never lent to requests: a full pool cannot starve it. */
export const openReserved = (url: string, name: string): Store => openStore(url, { size: 1, name })
