import type { SshVaultAuthorityTable, Store, Transaction } from '@gatehouse/database'
import { referenceOf } from '@gatehouse/kit'
import { sql, type Selectable } from 'kysely'

/** A row of `ssh_vault_authority`. */
export type VaultAuthorityRow = Selectable<SshVaultAuthorityTable>

/** One that is there, with the token that it is asked by. */
export type StandingAuthority = VaultAuthorityRow & { readonly token: Buffer }

/** Each of them is a CA of others; an organisation has a few. */
export const authoritiesMax = 20

const standing = (row: VaultAuthorityRow | undefined): StandingAuthority | null => {
  const token = row?.token ?? null
  return row === undefined || token === null ? null : { ...row, token }
}

/** An authority that is there, by id or name. */
export async function readVaultAuthority(db: Store, reference: string): Promise<StandingAuthority | null> {
  const { id, name } = referenceOf(reference)
  const { rows } = await sql<VaultAuthorityRow>`select * from ssh_vault_authority
    where removed_at is null and (id = ${id}::uuid or name = ${name})`.execute(db)
  return standing(rows[0])
}

/** All of them, also those that are removed: certificates of theirs are still shown. */
export const allVaultAuthorities = (db: Store): Promise<VaultAuthorityRow[]> =>
  db.selectFrom('ssh_vault_authority').selectAll().execute()

/** One with the number of hosts that it signs for. */
export type CountedAuthority = VaultAuthorityRow & { readonly hosts: number }

/** One page and one row more, the newest first. */
export async function listVaultAuthorities(
  db: Store,
  { first, after }: { readonly first: number; readonly after: { readonly at: Date; readonly id: string } | null },
): Promise<CountedAuthority[]> {
  const { rows } = await sql<CountedAuthority>`select a.*, (select count(*)::int from ssh_host h
      where h.authority_id = a.id and h.removed_at is null) as hosts
    from ssh_vault_authority a where removed_at is null
      and ${after === null ? sql`true` : sql`(created_at, id) < (${after.at}, ${after.id}::uuid)`}
    order by created_at desc, id desc limit ${first + 1}::int`.execute(db)
  return rows
}

/** How an authority is reached and known, as it was proved. */
export type AuthorityPlace = Pick<
  StandingAuthority,
  'id' | 'name' | 'address' | 'mount' | 'role' | 'certificate' | 'token' | 'public_key' | 'checked_at'
>

/** Adds one. False: there is one of its name, or there are too many. The lock on authorities is held. */
export async function insertVaultAuthority(tx: Transaction, one: AuthorityPlace): Promise<boolean> {
  const { rows } = await sql`insert into ssh_vault_authority
      (id, name, address, mount, role, certificate, token, public_key, checked_at, created_at)
    select ${one.id}::uuid, ${one.name}, ${one.address}, ${one.mount}, ${one.role}, ${one.certificate}, ${one.token},
      ${one.public_key}, ${one.checked_at}, ${one.checked_at}
    where (select count(*) from ssh_vault_authority where removed_at is null) < ${authoritiesMax}
    on conflict (name) where removed_at is null do nothing returning id`.execute(tx)
  return rows.length > 0
}

/** Claims one for whoever replaces its token; null: another does. Whoever died is waited for until then. */
export async function beginTokenRotation(
  tx: Transaction,
  { id, now, until }: { readonly id: string; readonly now: Date; readonly until: Date },
): Promise<StandingAuthority | null> {
  const { rows } = await sql<VaultAuthorityRow>`update ssh_vault_authority set rotating_until = ${until}
    where id = ${id}::uuid and removed_at is null
      and (rotating_until is null or rotating_until <= ${now}) returning *`.execute(tx)
  return standing(rows[0])
}

/** Keeps the token that is being put in place. False: the authority was configured anew or removed meanwhile. */
export async function keepNextToken(
  db: Store,
  { id, before, next }: { readonly id: string; readonly before: Buffer; readonly next: Buffer },
): Promise<boolean> {
  const { rows } = await sql`update ssh_vault_authority set next_token = ${next}
    where id = ${id}::uuid and token = ${before} returning id`.execute(db)
  return rows.length > 0
}

/** The token that was being put in place is in place. False: it is not what was being put there any more. */
export async function promoteNextToken(db: Store, id: string, next: Buffer): Promise<boolean> {
  const { rows } = await sql`update ssh_vault_authority
    set token = next_token, next_token = null, rotating_until = null
    where id = ${id}::uuid and next_token = ${next} returning id`.execute(db)
  return rows.length > 0
}

/** Whoever claimed it until then gives it up. What was kept by then stays. */
export async function endTokenRotation(db: Store, { id, until }: { readonly id: string; readonly until: Date }) {
  await sql`update ssh_vault_authority set rotating_until = null
    where id = ${id}::uuid and rotating_until = ${until}`.execute(db)
}

/** All that are there, with the tokens that they are asked by. */
export const standingAuthorities = async (db: Store): Promise<StandingAuthority[]> =>
  (await allVaultAuthorities(db)).flatMap((row) => standing(row) ?? [])

/** Reaches one by another way, or knows it by another key; hosts trust the one before for as long as is said. */
export async function replaceVaultAuthority(
  tx: Transaction,
  { id, name: _, ...place }: AuthorityPlace,
  previous: Pick<VaultAuthorityRow, 'previous_key' | 'previous_until'>,
): Promise<void> {
  await tx
    .updateTable('ssh_vault_authority')
    .set({ ...place, ...previous, next_token: null, rotating_until: null })
    .where('id', '=', id)
    .execute()
}

/** Notes when one last signed as it was asked to. */
export async function noteVaultAuthority(tx: Transaction, id: string, now: Date): Promise<void> {
  await tx.updateTable('ssh_vault_authority').set({ checked_at: now }).where('id', '=', id).execute()
}

/** How many hosts one signs for, and how many certificates of its can still be used. */
export async function countOnAuthority(
  db: Store,
  id: string,
  now: Date,
): Promise<{ readonly hosts: number; readonly certificates: number }> {
  const { rows } = await sql<{ hosts: number; certificates: number }>`select
      (select count(*)::int from ssh_host where authority_id = ${id}::uuid and removed_at is null) as hosts,
      (select count(*)::int from ssh_certificate where authority_id = ${id}::uuid and state = 'active'
        and valid_before > ${now}) as certificates`.execute(db)
  return rows[0] ?? { hosts: 0, certificates: 0 }
}

/** Takes one away, and its token with it. */
export async function removeVaultAuthority(tx: Transaction, id: string, now: Date): Promise<void> {
  await tx
    .updateTable('ssh_vault_authority')
    .set({
      removed_at: now,
      token: null,
      next_token: null,
      rotating_until: null,
      previous_key: null,
      previous_until: null,
    })
    .where('id', '=', id)
    .execute()
}

/** Whether nothing is alive any more that some CA before has signed. */
export async function hasOverdueKeys(db: Store, now: Date): Promise<boolean> {
  const { rows } = await sql`select 1 from ssh_vault_authority where previous_until <= ${now} limit 1`.execute(db)
  return rows.length > 0
}

/** Such CAs are trusted no more. */
export async function forgetOverdueKeys(tx: Transaction, now: Date): Promise<void> {
  await tx
    .updateTable('ssh_vault_authority')
    .set({ previous_key: null, previous_until: null })
    .where('previous_until', '<=', now)
    .execute()
}

/** How many certificates of others than our own CA can still be used at a host. */
export async function countOthersOn(db: Store, hostId: string, now: Date): Promise<number> {
  const { rows } = await sql<{ count: number }>`select count(*)::int as count from ssh_certificate
    where host_id = ${hostId}::uuid and authority_id is not null and state = 'active'
      and valid_before > ${now}`.execute(db)
  return rows[0]?.count ?? 0
}

/** The CAs of the authority that signs for the host with this key, those before them included; none: it has none. */
export async function authorityKeysOf(db: Store, hostFingerprint: string): Promise<string[]> {
  const { rows } = await sql<Pick<VaultAuthorityRow, 'public_key' | 'previous_key'>>`
    select a.public_key, a.previous_key from ssh_host_key k
      join ssh_host h on h.id = k.host_id and h.removed_at is null
      join ssh_vault_authority a on a.id = h.authority_id and a.removed_at is null
    where k.fingerprint = ${hostFingerprint}`.execute(db)
  return rows.flatMap((row) => [row.public_key, ...(row.previous_key === null ? [] : [row.previous_key])])
}

/** Whether a certificate has this serial already, of whatever CA: the revocation list names all of them by all CAs. */
export async function isSerialTaken(db: Store, serial: bigint): Promise<boolean> {
  const row = await db
    .selectFrom('ssh_certificate')
    .select('id')
    .where('serial', '=', String(serial))
    .executeTakeFirst()
  return row !== undefined
}
