import { randomBytes } from 'node:crypto'
import type { Output } from '@gatehouse/contract'
import { createDatabase, withConnection } from '@gatehouse/testkit'

/** A database that people have orders in, and the login that Gatehouse has there. */
export async function startShop() {
  const database = await createDatabase('empty')
  const mark = randomBytes(4).toString('hex') // roles are of the whole server, which has those of other tests
  const [admin, grant, password] = [`gh_admin_${mark}`, `shop_reader_${mark}`, randomBytes(9).toString('hex')]
  await withConnection(database.adminUrl, (client) =>
    client.query(`create role ${admin} login createrole password '${password}'; create role ${grant};
      grant ${grant} to ${admin} with admin option; create table orders (id int);
      grant select on orders to ${grant}; grant usage on schema public to ${grant}`),
  )
  const url = new URL(database.adminUrl)
  url.username = admin
  url.password = password
  return { url: url.href, grant, drop: () => database.drop() }
}

/** Whether a credential logs in now, and reads what it may read. */
export async function logsIn({ url }: Output<'lease.issue'>['material']): Promise<boolean> {
  try {
    await withConnection(url?.expose() ?? '', (client) => client.query('select id from orders'))
    return true
  } catch (error) {
    if (error instanceof Error && 'code' in error && isSqlState(error.code)) return false
    throw error
  }
}

/** What the server itself said, and no socket. */
const isSqlState = (code: unknown): boolean => /^\d[0-9A-Z]{4}$/.test(String(code))
