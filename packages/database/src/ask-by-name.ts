import pg from 'pg'

/** A statement as the driver is given it. */
interface Named {
  readonly name: string
  readonly text: string
  readonly values: unknown[]
}

/** Whether a statement is given with a name, and so runs at every call. */
export const isNamed = (asked: unknown): asked is Named =>
  typeof asked === 'object' && asked !== null && 'name' in asked && 'text' in asked && 'values' in asked

/** What is used here of the driver's connection. */
interface WireConnection {
  readonly parsedStatements: Record<string, unknown>
  readonly close: (what: { readonly type: 'S'; readonly name: string }) => void
  readonly describe: (what: unknown) => void
  readonly _send: (bytes: Uint8Array) => unknown
}

/** What is used here of the driver's query. */
interface WireQuery {
  prepare(connection: WireConnection): void
  handleError(error: Error, connection: WireConnection): void
  handleRowDescription(message: { readonly fields: readonly unknown[] }): void
  handleCommandComplete(message: unknown, connection: WireConnection): void
}
type Done = (error: Error | null, result: pg.QueryResult) => void

/** The driver's types leave out what it calls itself, and what a query of one's own may do otherwise. */
const DriverQuery = pg.Query as unknown as new (text: string, values: unknown[], done: Done) => WireQuery

/** The columns of what a statement answers, of which there may be none; null: it answers no rows. */
type Fields = readonly unknown[] | null

/** What each statement of a connection answers, as the server has described it once. */
const described = new WeakMap<WireConnection, Map<string, Fields>>()

/**
 * A statement that is described no second time on a connection: what it answers stays the same as long as it is
 * prepared, or the server refuses it. And all that is asked with is sent at once, where the driver sends four messages.
 * Of a call that has the process to itself both took as long as making its entry.
 */
class NamedQuery extends DriverQuery {
  readonly name: string
  #fields: Fields = null

  constructor({ name, text, values }: Named, done: Done) {
    super(text, values, done)
    this.name = name
  }

  override prepare(connection: WireConnection): void {
    const isParsed = connection.parsedStatements[this.name] !== undefined
    const fields = isParsed ? described.get(connection)?.get(this.name) : undefined
    if (fields !== undefined && fields !== null) this.handleRowDescription({ fields })
    const parts: Uint8Array[] = []
    super.prepare(inOne(connection, parts, fields !== undefined))
    connection._send(Buffer.concat(parts))
  }

  override handleError(error: Error, connection: WireConnection): void {
    if (isStale(error)) forget(connection, this.name)
    super.handleError(error, connection)
  }

  override handleRowDescription(message: { readonly fields: readonly unknown[] }): void {
    this.#fields = message.fields
    super.handleRowDescription(message)
  }

  override handleCommandComplete(message: unknown, connection: WireConnection): void {
    const known = described.get(connection) ?? new Map<string, Fields>()
    if (known.size === 0) described.set(connection, known)
    if (!known.has(this.name)) known.set(this.name, this.#fields)
    super.handleCommandComplete(message, connection)
  }
}

/**
 * The same connection, which gathers what is sent, and has nothing described that is. Nor closed: of parameters that
 * cannot be written the driver closes the statement, and goes on to think that it is there.
 */
const inOne = (connection: WireConnection, parts: Uint8Array[], isDescribed: boolean): WireConnection =>
  Object.assign(
    Object.create(connection) as WireConnection,
    { close: () => undefined, _send: (bytes: Uint8Array) => parts.push(bytes) },
    isDescribed ? { describe: () => undefined } : {},
  )

/** PostgreSQL's codes: no statement has the name; another one has it already, of whoever had the connection before. */
const misnamed: ReadonlySet<string | undefined> = new Set(['26000', '42P05'])

/**
 * Whether the server has no such statement any more, or none that answers what it answered when it was prepared: a
 * newer version of us has changed its tables meanwhile. It says so before it does anything.
 */
const isStale = (error: Error): boolean =>
  error instanceof pg.DatabaseError && (misnamed.has(error.code) || error.routine === 'RevalidateCachedQuery')

/** Has it prepared again when it is asked next; the server takes the name away before, if it has it. */
function forget(connection: WireConnection, name: string): void {
  Reflect.deleteProperty(connection.parsedStatements, name)
  described.get(connection)?.delete(name)
  connection.close({ type: 'S', name })
}

/**
 * Asks a statement by a query made of text and values. An object the driver would copy by the descriptors of its
 * properties, and give its promise a second one for the trace of an error: of a call that has the process to itself
 * that takes as long as writing all parameters. One that has gone stale is asked once more, but for within a
 * transaction, which its failure has ended.
 */
export const askByName = (client: pg.PoolClient, named: Named): Promise<pg.QueryResult> =>
  new Promise((resolve, reject) => {
    const mayAskAgain = client.getTransactionStatus() !== 'T'
    const settle: Done = (error, result) => (error ? reject(error) : resolve(result))
    send(client, named, (error, result) => {
      if (error && mayAskAgain && isStale(error)) send(client, named, settle)
      else settle(error, result)
    })
  })

const send = (client: pg.PoolClient, named: Named, done: Done): void => {
  // of many forms: this one the types leave out
  Reflect.apply(pg.Client.prototype.query, client, [new NamedQuery(named, done)])
}
