import { sql, type Kysely, type PostgresPool, type Transaction as KyselyTransaction } from 'kysely'
import { UnavailableError } from '@gatehouse/kit'
import { beginSpan, type OpenSpan, type SpanStart } from '@gatehouse/kit/tracing'
import pg from 'pg'
import { TogetherDialect } from './alike-statements.ts'
import { HoldingKysely, NestedCheckoutError, isNestedCheckout } from './nested-checkout.ts'
import { preparing } from './named-statement.ts'
import type { Schema } from './schema.ts'
import { tellReasons } from './statement-errors.ts'

/** The pool of the runtime login, or a transaction on it. */
export type Store = Kysely<Schema>
export type Transaction = KyselyTransaction<Schema>

/** Connections for ordinary calls. 2–4 per core saturate PostgreSQL; reserved ones come on top. */
export const poolSizeDefault = 10

/**
 * How long a statement may take. What is ordinary and takes longer is a bug or an attack. A migration, or the reading
 * of a whole audit log, may take long on a slow disk.
 */
const statementMilliseconds = { ordinary: 15_000, long: 900_000 } as const

/** The server cuts a statement; we do, this much later, where the server has lost power and cuts nothing. */
const clientGraceMilliseconds = 5_000

/** A transaction that waits so long for its process has lost it; its locks are somebody else's by now. */
const idleInTransactionMilliseconds = 30_000

/** Waiting longer than this for a connection is `unavailable` to the caller. */
const connectTimeoutMilliseconds = 5_000

/**
 * How soon each end notices that the other is gone without a word: 10 s of silence, then a probe every 5 s, three
 * times. Without it the server keeps a dead leader's locks for two hours (tcp_keepalive_time of Linux).
 */
const keepAlive = { idleSeconds: 10, intervalSeconds: 5, count: 3 } as const

export interface StoreOptions {
  readonly name: string
  readonly size?: number
  /** What its statements are; absent: ordinary. */
  readonly statements?: keyof typeof statementMilliseconds
  /** A connection that asks nothing for so long is ended by the server, with whatever it holds. Absent: never. */
  readonly idleMilliseconds?: number
  /**
   * Told when a transaction's own work asks for a second connection of its pool. Absent: that work fails, as in tests.
   * A process in production says so in its log, and goes on.
   */
  readonly onNestedCheckout?: (error: NestedCheckoutError) => void
}

/** Opens a pool. Numbers beyond 32 bits (bigint, numeric) come as text, times as `Date`. */
export function openStore(url: string, options: StoreOptions): Store {
  const statementTimeout = statementMilliseconds[options.statements ?? 'ordinary']
  const pool = new pg.Pool({
    ...connectionTo(url, options),
    max: options.size ?? poolSizeDefault,
    statement_timeout: statementTimeout,
    query_timeout: statementTimeout + clientGraceMilliseconds,
    idle_in_transaction_session_timeout: idleInTransactionMilliseconds,
  })
  // an idle connection that the server closed is not news: the next query opens another
  pool.on('error', () => undefined)
  pool.on('connect', tellReasons)
  return new HoldingKysely<Schema>(pool, { dialect: new TogetherDialect({ pool: watched(pool, options) }) })
}

/** How any connection is made, and how each of its ends learns that the other is gone. */
export const connectionTo = (url: string, options: Pick<StoreOptions, 'name' | 'idleMilliseconds'>) => ({
  connectionString: withServerLimits(url, options),
  application_name: options.name,
  connectionTimeoutMillis: connectTimeoutMilliseconds,
  keepAlive: true,
  keepAliveInitialDelayMillis: keepAlive.idleSeconds * 1000,
})

/** A connection of one purpose (audit writer, sequencer), never lent to requests: a full pool cannot starve it. */
export const openReserved = (url: string, name: string, options: Pick<StoreOptions, 'idleMilliseconds'> = {}): Store =>
  openStore(url, { ...options, size: 1, name })

/** Throws unless the database answers. */
export const pingDatabase = async (db: Store): Promise<void> => void (await sql`select 1`.execute(db))

/** A span for each use of a connection: a transaction, or a statement alone. It says nothing of what was asked. */
export const postgresqlSpan: SpanStart = {
  name: 'postgresql',
  kind: 'client',
  attributes: { 'db.system.name': 'postgresql' },
}

/** Hears each wish for a connection, before it waits for one. */
function watched(pool: pg.Pool, { name, onNestedCheckout = fail }: StoreOptions): PostgresPool {
  const uses = new WeakMap<object, OpenSpan>()
  pool.on('release', (_error, client) => uses.get(client)?.end())
  return {
    options: pool.options,
    connect: async () => {
      if (isNestedCheckout(pool))
        onNestedCheckout(new NestedCheckoutError(`a transaction asked for a second connection of ${name}`))
      const use = beginSpan(postgresqlSpan)
      if (use === null) return preparing(await pool.connect().catch(unavailable))
      const askedAt = performance.now()
      const client = await pool.connect().catch((cause: unknown) => {
        use.end({ failed: true })
        return unavailable(cause)
      })
      uses.set(client, waited(use, askedAt))
      return preparing(client)
    },
    end: () => pool.end(),
  }
}

/** The use of a connection, which says at its end how long it was waited for. */
function waited(use: OpenSpan, askedAt: number): OpenSpan {
  const attributes = { 'gatehouse.connection_wait_ms': Math.round(performance.now() - askedAt) }
  return { end: () => use.end({ attributes }) }
}

/** A pool that is full, and a server that is away, refuse a caller; they are no fault of ours. */
function unavailable(cause: unknown): never {
  throw new UnavailableError('the database has no connection for this now', { cause })
}

function fail(error: Error): never {
  throw error
}

/** The server probes us as we probe it; what the address says already stays. */
function withServerLimits(url: string, { idleMilliseconds }: Pick<StoreOptions, 'idleMilliseconds'>): string {
  const changed = new URL(url)
  const options = [
    changed.searchParams.get('options') ?? '',
    ...(idleMilliseconds === undefined ? [] : [`-c idle_session_timeout=${idleMilliseconds}`]),
    `-c tcp_keepalives_idle=${keepAlive.idleSeconds}`,
    `-c tcp_keepalives_interval=${keepAlive.intervalSeconds}`,
    `-c tcp_keepalives_count=${keepAlive.count}`,
    `-c tcp_user_timeout=${(keepAlive.idleSeconds + keepAlive.intervalSeconds * keepAlive.count) * 1000}`,
  ]
  changed.searchParams.set('options', options.join(' ').trim())
  return changed.toString()
}
