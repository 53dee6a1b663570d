import { randomBytes } from 'node:crypto'
import { createDatabase, startRelay } from '@gatehouse/testkit'
import pg from 'pg'

/** A database of somebody else, in which Gatehouse makes logins. */
export interface TargetDatabase {
  /** As whom Gatehouse logs in there. */
  readonly url: string
  readonly password: string
  /** The SQL role that it can give away. */
  readonly grant: string
  /** What a login of this URL reads there. */
  orders(url: string): Promise<readonly unknown[]>
  drop(): Promise<void>
}

async function withClient<T>(connectionString: string, work: (client: pg.Client) => Promise<T>): Promise<T> {
  const client = new pg.Client({ connectionString })
  await client.connect()
  try {
    return await work(client)
  } finally {
    await client.end()
  }
}

/** Makes a database with one order in it, and a login that may give others the right to read it. */
export async function startTargetDatabase(): Promise<TargetDatabase> {
  const database = await createDatabase('empty')
  const mark = randomBytes(4).toString('hex')
  const [admin, grant, password] = [`gh_web_${mark}`, `shop_reader_${mark}`, randomBytes(12).toString('hex')]
  await withClient(database.adminUrl, (client) =>
    client.query(
      `create role ${admin} login createrole password '${password}'; create role ${grant};
      grant ${grant} to ${admin} with admin option;
      create table orders (id int); insert into orders values (7); grant select on orders to ${grant}`,
    ),
  )
  // it lies in the PostgreSQL of the gateway, whose own port leads to no backend
  const relay = await startRelay(database.adminUrl)
  const url = new URL(database.adminUrl)
  url.host = new URL(relay.address).host
  url.username = admin
  url.password = password
  return {
    url: url.href,
    password,
    grant,
    orders: async (as) =>
      (await withClient(as, (client) => client.query<{ id: number }>('select id from orders'))).rows,
    drop: async () => {
      await relay.cut()
      await database.drop()
    },
  }
}
