import type { SshAuthorityTable, Store, Transaction } from '@gatehouse/database'
import { sql, type Insertable, type Selectable } from 'kysely'

/** A row of `ssh_authority`. */
export type SshAuthorityRow = Selectable<SshAuthorityTable>

/** Runs the work while no other node makes authorities. */
export const whileMakingAuthorities = <T>(db: Store, work: (tx: Transaction) => Promise<T>): Promise<T> =>
  db.transaction().execute(async (tx) => {
    await holdAuthorities(tx)
    return work(tx)
  })

/** Whoever makes, moves or retires an authority waits here for the one before. */
export async function holdAuthorities(tx: Transaction): Promise<void> {
  await sql`select pg_advisory_xact_lock(hashtext('gatehouse-ssh-authority'))`.execute(tx)
}

/** The authorities in force, or what there is of them. */
export const readAuthorities = (tx: Transaction): Promise<SshAuthorityRow[]> =>
  tx.selectFrom('ssh_authority').selectAll().where('stage', '=', 'current').execute()

/** Every CA of people's certificates, oldest first, without its private key. */
export const selectCas = (db: Store): Promise<Omit<SshAuthorityRow, 'private_key'>[]> =>
  db
    .selectFrom('ssh_authority')
    .select(['id', 'purpose', 'public_key', 'stage', 'staged_at', 'created_at'])
    .where('purpose', '=', 'ca')
    .orderBy('created_at')
    .orderBy('id')
    .execute()

/** One authority with its private key. */
export const readAuthority = (db: Store, id: string): Promise<SshAuthorityRow> =>
  db.selectFrom('ssh_authority').selectAll().where('id', '=', id).executeTakeFirstOrThrow()

/** Writes a new authority. */
export const insertAuthority = (tx: Transaction, row: Insertable<SshAuthorityTable>): Promise<SshAuthorityRow> =>
  tx.insertInto('ssh_authority').values(row).returningAll().executeTakeFirstOrThrow()

/** Moves a CA on, and destroys the private key of one that is retired. */
export async function stageCa(
  tx: Transaction,
  id: string,
  { stage, at }: { readonly stage: SshAuthorityRow['stage']; readonly at: Date },
): Promise<void> {
  await tx
    .updateTable('ssh_authority')
    .set({ stage, staged_at: at, ...(stage === 'retired' ? { private_key: Buffer.alloc(0) } : {}) })
    .where('id', '=', id)
    .execute()
}
