import type { Store, Transaction } from '@gatehouse/database'
import { sql } from 'kysely'

/** Keys that a host is to have for its own. */
export interface HostKeyClaim {
  readonly hostId: string
  readonly workspaceId: string
  readonly fingerprints: readonly string[]
  /** Also keys that a removed host of another workspace had. */
  readonly anyWorkspace: boolean
}

/**
 * Makes the keys the host's own: each key belongs to one host in the whole system. Answers those that it could not
 * have, with the host that has them; null where that host was removed and its key stays in its workspace, for its
 * machine may still let in whoever shows a certificate bound to it.
 */
export async function claimHostKeys(
  tx: Transaction,
  { hostId, workspaceId, fingerprints, anyWorkspace }: HostKeyClaim,
): Promise<readonly { readonly fingerprint: string; readonly host_id: string | null }[]> {
  const wanted = [...new Set(fingerprints)].toSorted()
  if (wanted.length === 0) return []
  await tx
    .insertInto('ssh_host_key')
    .values(wanted.map((fingerprint) => ({ fingerprint, host_id: hostId, workspace_id: workspaceId })))
    .onConflict((conflict) =>
      conflict
        .column('fingerprint')
        .doUpdateSet({ host_id: hostId, workspace_id: workspaceId })
        .where('ssh_host_key.host_id', 'is', null)
        .where(sql<boolean>`(ssh_host_key.workspace_id = ${workspaceId} or ${anyWorkspace})`),
    )
    .execute()
  return tx
    .selectFrom('ssh_host_key')
    .select(['fingerprint', 'host_id'])
    .where('fingerprint', 'in', wanted)
    .where((eb) => eb.or([eb('host_id', 'is', null), eb('host_id', '!=', hostId)]))
    .execute()
}

/** Gives up the keys of a host but those to keep. They stay in its workspace. */
export async function releaseHostKeys(
  tx: Transaction,
  { hostId, keep }: { readonly hostId: string; readonly keep: readonly string[] },
): Promise<void> {
  await tx
    .updateTable('ssh_host_key')
    .set({ host_id: null })
    .where('host_id', '=', hostId)
    .where('fingerprint', '<>', sql<string>`all(${[...keep]}::text[])`)
    .execute()
}

/** Those of some keys that a host has. */
export const findHeldKeys = async (db: Store, fingerprints: readonly string[]): Promise<string[]> =>
  fingerprints.length === 0
    ? []
    : (
        await db
          .selectFrom('ssh_host_key')
          .select('fingerprint')
          .where('fingerprint', 'in', fingerprints)
          .where('host_id', 'is not', null)
          .execute()
      ).map(({ fingerprint }) => fingerprint)
