import type { SshAuthorityTable, Store, Transaction } from '@gatehouse/database'
import { sql, type Insertable, type Selectable } from 'kysely'

/** A row of `ssh_authority`. */
export type SshAuthorityRow = Selectable<SshAuthorityTable>

/** Runs the work while no other node makes authorities. */
export const whileMakingAuthorities = <T>(db: Store, work: (tx: Transaction) => Promise<T>): Promise<T> =>
  db.transaction().execute(async (tx) => {
    await sql`select pg_advisory_xact_lock(hashtext('gatehouse-ssh-authority'))`.execute(tx)
    return work(tx)
  })

/** The authorities, or what there is of them. */
export const readAuthorities = (tx: Transaction): Promise<SshAuthorityRow[]> =>
  tx.selectFrom('ssh_authority').selectAll().execute()

/** Writes a new authority. */
export const insertAuthority = (tx: Transaction, row: Insertable<SshAuthorityTable>): Promise<SshAuthorityRow> =>
  tx.insertInto('ssh_authority').values(row).returningAll().executeTakeFirstOrThrow()
