import { AsyncLocalStorage } from 'node:async_hooks'
import { setImmediate as nextTurn } from 'node:timers/promises'
import { serialize } from 'node:v8'
import { UnavailableError } from '@gatehouse/kit'
import { PostgresDialect, type CompiledQuery, type DatabaseConnection, type Driver, type QueryResult } from 'kysely'

/** More than these are several statements: their text stays below a hundred kilobytes. */
const togetherMax = 64

interface Waiting {
  readonly query: CompiledQuery
  readonly done: (result: QueryResult<unknown>) => void
  readonly failed: (error: unknown) => void
}

/**
 * Work whose reads go together: those that are alike and are asked in one turn of the loop are one statement. What it
 * answers to each is what the database would have answered to it alone.
 */
export interface TogetherScope {
  /** By database, then by text. */
  readonly waiting: Map<Driver, Map<string, Waiting[]>>
}

const scopes = new AsyncLocalStorage<TogetherScope>()

/** A scope, for the nested reads of one request. */
export const createTogetherScope = (): TogetherScope => ({ waiting: new Map() })

/** Does work within a scope. Transactions in it are as ever: only reads that stand alone wait for others. */
export const inTogetherScope = <T>(scope: TogetherScope, work: () => T): T => scopes.run(scope, work)

/** Of statements with a name those that it says only read: a function that is selected may write. */
const reads = /^\s*(\/\* gatehouse-read-[\w-]+ \*\/\s+)?(select|with)\s/i
/** What changes something, locks it, or is another thing each time; also a parameter that may be none, in a text. */
const isMore =
  /\b(insert|update|delete|merge|for\s+(no\s+key\s+)?(update|share|key)|pg_\w*lock\w*|nextval|setval|notify|random)\b/i
const quotedParameter = /'[^']*\$\d[^']*'/

/** Whether a statement only reads, and may be one of several in a greater one. */
export const isPlainRead = (text: string): boolean =>
  reads.test(text) && !isMore.test(text) && !quotedParameter.test(text) && !text.includes(';')

/** By these names the rows of several reads are told apart; no table of ours has them. */
const [memberColumn, orderColumn] = ['together_member', 'together_order'] as const

/** Several alike reads as one, each with its own parameters. */
export function asOneStatement(queries: readonly Pick<CompiledQuery, 'sql' | 'parameters'>[]): {
  readonly text: string
  readonly parameters: readonly unknown[]
} {
  const parameters: unknown[] = []
  const parts = queries.map(({ sql: text, parameters: own }, member) => {
    const before = parameters.length
    parameters.push(...own)
    const moved = text.replaceAll(/\$(\d+)/g, (_all, number: string) => `$${Number(number) + before}`)
    const numbers = `${member} as ${memberColumn}, row_number() over () as ${orderColumn}`
    return `select ${numbers}, one.* from (${moved}) as one`
  })
  return { text: parts.join('\nunion all\n'), parameters }
}

type Numbered = Record<string, unknown> & { readonly [memberColumn]: number; readonly [orderColumn]: string }

/** The rows of each, in their order. */
export function asManyAnswers(rows: readonly unknown[], count: number): unknown[][] {
  const answers: unknown[][] = Array.from({ length: count }, () => [])
  // rows of `asOneStatement`
  for (const row of (rows as Numbered[]).toSorted((a, b) => Number(a[orderColumn]) - Number(b[orderColumn]))) {
    const { [memberColumn]: member, [orderColumn]: _order, ...own } = row
    answers[member]?.push(own)
  }
  return answers
}

/** A database whose reads may go together. */
export class TogetherDialect extends PostgresDialect {
  override createDriver(): Driver {
    return together(super.createDriver())
  }
}

/** Takes a connection of its own only when something has to be asked on it. */
class LazyConnection implements DatabaseConnection {
  #real: DatabaseConnection | null = null
  readonly #driver: Driver
  readonly #join: (query: CompiledQuery) => Promise<QueryResult<unknown>>

  constructor(driver: Driver, join: (query: CompiledQuery) => Promise<QueryResult<unknown>>) {
    this.#driver = driver
    this.#join = join
  }

  async open(): Promise<DatabaseConnection> {
    this.#real ??= await this.#driver.acquireConnection()
    return this.#real
  }

  async executeQuery<R>(query: CompiledQuery): Promise<QueryResult<R>> {
    if (this.#real === null && isPlainRead(query.sql)) return (await this.#join(query)) as QueryResult<R>
    return (await this.open()).executeQuery<R>(query)
  }

  async *streamQuery<R>(query: CompiledQuery, chunkSize?: number): AsyncIterableIterator<QueryResult<R>> {
    yield* (await this.open()).streamQuery<R>(query, chunkSize ?? 100)
  }

  async release(): Promise<void> {
    if (this.#real !== null) await this.#driver.releaseConnection(this.#real)
    this.#real = null
  }
}

const realOf = (connection: DatabaseConnection): Promise<DatabaseConnection> =>
  connection instanceof LazyConnection ? connection.open() : Promise.resolve(connection)

function together(driver: Driver): Driver {
  return {
    init: (options) => driver.init(options),
    destroy: (options) => driver.destroy(options),
    acquireConnection: async (options) => {
      const scope = scopes.getStore()
      if (scope === undefined) return driver.acquireConnection(options)
      return new LazyConnection(driver, (query) => joined({ driver, scope }, query))
    },
    releaseConnection: async (connection, options) =>
      connection instanceof LazyConnection ? connection.release() : driver.releaseConnection(connection, options),
    beginTransaction: async (connection, settings) => driver.beginTransaction(await realOf(connection), settings),
    commitTransaction: async (connection) => driver.commitTransaction(await realOf(connection)),
    rollbackTransaction: async (connection) => driver.rollbackTransaction(await realOf(connection)),
    savepoint: async (connection, name, compile) => driver.savepoint?.(await realOf(connection), name, compile),
    rollbackToSavepoint: async (connection, name, compile) =>
      driver.rollbackToSavepoint?.(await realOf(connection), name, compile),
    releaseSavepoint: async (connection, name, compile) =>
      driver.releaseSavepoint?.(await realOf(connection), name, compile),
  }
}

interface Place {
  readonly driver: Driver
  readonly scope: TogetherScope
}

/** Waits for the end of this turn of the loop; the first of its kind asks for all that came until then. */
function joined({ driver, scope }: Place, query: CompiledQuery): Promise<QueryResult<unknown>> {
  const kinds = scope.waiting.get(driver) ?? new Map<string, Waiting[]>()
  scope.waiting.set(driver, kinds)
  const queue = kinds.get(query.sql)
  return new Promise((done, failed) => {
    const one = { query, done, failed }
    if (queue !== undefined) {
      queue.push(one)
      return
    }
    kinds.set(query.sql, [one])
    void nextTurn().then(() => {
      const all = kinds.get(query.sql) ?? []
      kinds.delete(query.sql)
      // who waits is told in any case, or would wait for ever
      return askAll(driver, all).catch((error: unknown) => all.forEach((each) => each.failed(error)))
    })
  })
}

/** Those with the same parameters are one read for all who wait for it. */
async function askAll(driver: Driver, all: readonly Waiting[]): Promise<void> {
  const same = [...Map.groupBy(all, ({ query }) => bytesOf(query.parameters)).values()]
  for (let at = 0; at < same.length; at += togetherMax) await askSome(driver, same.slice(at, at + togetherMax))
}

/**
 * No two values have the same: as JSON a number that is none is null, a time is its text, and a bigint cannot be. What
 * writes itself as a parameter is like nothing else.
 */
function bytesOf(parameters: readonly unknown[]): string | symbol {
  try {
    return serialize(parameters).toString('latin1')
  } catch {
    return Symbol('its own')
  }
}

async function askSome(driver: Driver, groups: readonly (readonly Waiting[])[]): Promise<void> {
  const firsts = groups.flatMap(([first]) => (first === undefined ? [] : [first.query]))
  const answers = await withConnection(driver, (connection) => answersTo(connection, firsts)).catch(
    (error: unknown): Answer[] => firsts.map(() => ({ error })),
  )
  groups.forEach((group, index) => {
    const answer = answers[index] ?? { rows: [] }
    for (const { done, failed } of group) {
      if ('error' in answer) failed(answer.error)
      else done({ rows: [...answer.rows] })
    }
  })
}

type Answer = { readonly rows: readonly unknown[] } | { readonly error: unknown }

/**
 * A read that fails together with others is asked again alone: the failure of one is nobody else's. Not what a lost
 * connection failed, or a statement that took too long: each of them would, one after the other.
 */
async function answersTo(connection: DatabaseConnection, queries: readonly CompiledQuery[]): Promise<Answer[]> {
  const [only] = queries
  if (queries.length > 1 && only !== undefined) {
    const { text, parameters } = asOneStatement(queries)
    const result = await connection.executeQuery({ ...only, sql: text, parameters }).catch((error: unknown): null => {
      if (error instanceof UnavailableError) throw error
      return null
    })
    if (result !== null) return asManyAnswers(result.rows, queries.length).map((rows) => ({ rows }))
  }
  const answers: Answer[] = []
  for (const query of queries)
    answers.push(await connection.executeQuery(query).catch((error: unknown): Answer => ({ error })))
  return answers
}

async function withConnection<T>(driver: Driver, work: (connection: DatabaseConnection) => Promise<T>): Promise<T> {
  const connection = await driver.acquireConnection()
  try {
    return await work(connection)
  } finally {
    await driver.releaseConnection(connection)
  }
}
