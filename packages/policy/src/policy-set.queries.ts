import type { Store } from '@gatehouse/database'
import type { PolicySet } from './policy-set.ts'
import type { SourceFile } from './policy-source.ts'

/** Keeps what a set was made from; one that is kept already stays as it is. */
export async function keepPolicySet(db: Store, { version, schemaVersion, files }: PolicySet, now: Date): Promise<void> {
  await db
    .insertInto('policy_set')
    .values({ version, schema_version: schemaVersion, files: JSON.stringify(files), first_used_at: now })
    .onConflict((conflict) => conflict.column('version').doNothing())
    .execute()
}

/** A set that was in force once, as its files stood. */
export interface KeptPolicySet {
  readonly version: string
  readonly schemaVersion: string
  readonly files: readonly SourceFile[]
  readonly firstUsedAt: Date
}

/** The files of a version; null: it was never in force here. */
export async function findPolicySet(db: Store, version: string): Promise<KeptPolicySet | null> {
  const row = await db.selectFrom('policy_set').selectAll().where('version', '=', version).executeTakeFirst()
  if (row === undefined) return null
  const { schema_version: schemaVersion, files, first_used_at: firstUsedAt } = row
  return { version, schemaVersion, files: JSON.parse(files) as SourceFile[], firstUsedAt } // our own JSON, insert-only
}
