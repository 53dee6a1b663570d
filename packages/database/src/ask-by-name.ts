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

/**
 * Asks a statement by the driver's own query, made of text and values. An object it would copy by the descriptors of
 * its properties, and give its promise a second one for the trace of an error: of a call that has the process to
 * itself that takes as long as writing all parameters.
 */
export const askByName = (client: pg.PoolClient, { name, text, values }: Named): Promise<pg.QueryResult> =>
  new Promise((resolve, reject) => {
    const query = new pg.Query(text, values, (error, result) => (error ? reject(error) : resolve(result)))
    // of many forms: this one the types leave out
    Reflect.apply(pg.Client.prototype.query, client, [Object.assign(query, { name })])
  })
