import { setTimeout as sleep } from 'node:timers/promises'
import { withConnection } from '@gatehouse/testkit'

/** What a statement of the superuser's answers; rows are columns by name. */
export const rowsOf = (adminUrl: string, statement: string): Promise<Record<string, unknown>[]> =>
  withConnection(adminUrl, async (client) => (await client.query(statement)).rows as Record<string, unknown>[])

/** Asks ten times a second, for twenty seconds, until it is true. */
export async function until(isTrue: () => Promise<boolean>, otherwise: string): Promise<void> {
  for (let tries = 0; tries < 200; tries += 1) {
    if (await isTrue()) return
    await sleep(100)
  }
  throw new TypeError(otherwise)
}

/** Until nothing waits for its place in the audit log and a checkpoint covers all of it. */
export const auditSettled = (adminUrl: string): Promise<void> =>
  until(async () => {
    const [row] = await rowsOf(
      adminUrl,
      'select (select count(*) from audit_pending) as pending, (select max(seq) + 1 from audit_leaf) = (select ' +
        'max(size) from audit_checkpoint) as signed',
    )
    return row?.['pending'] === '0' && row['signed'] === true
  }, 'the sequencer does not come to an end')

/** All rows of all tables, with what stands in them in hexadecimal or Base64 as text besides. */
export async function wholeDatabase(adminUrl: string): Promise<string> {
  const tables = await rowsOf(
    adminUrl,
    "select table_name as name from information_schema.tables where table_schema = 'public'",
  )
  const dumps = await Promise.all(
    tables.map(({ name }) =>
      rowsOf(adminUrl, `select convert_from(convert_to(t::text, 'UTF8'), 'UTF8') as row from ${String(name)} t`),
    ),
  )
  return dumps
    .flat()
    .map(({ row }) => String(row))
    .map(
      (row) =>
        row + row.replaceAll(/\\\\x([0-9a-f]+)/g, (_, hex: string) => Buffer.from(hex, 'hex').toString('latin1')),
    )
    .map(
      (row) =>
        row + row.replaceAll(/[A-Za-z0-9+/]{24,}={0,2}/g, (text) => Buffer.from(text, 'base64').toString('latin1')),
    )
    .join('\n')
}
