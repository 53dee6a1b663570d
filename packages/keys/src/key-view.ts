import type { Output } from '@gatehouse/contract'
import type { ItemResult, Sealed } from './service/key-service.ts'
import type { CiphertextRow, VersionUsage } from './service/census.queries.ts'
import type { KeyRow } from './service/key.queries.ts'
import { envelopeText } from './envelope.ts'

/** A key, as people and programs see it. */
export const toKey = (row: KeyRow, backends: Output<'kmsKey.get'>['backends']): Output<'kmsKey.get'> => ({
  id: row.id,
  name: row.name,
  workspace: row.workspace_id,
  backend: row.backend,
  quorum: row.quorum,
  backends,
  state: row.state,
  stateSince: row.state_since,
  currentVersion: row.current_version,
  minimumVersion: row.minimum_version,
  deletionGuard: row.deletion_guard,
  deleteAt: row.delete_at,
  createdAt: row.created_at,
})

/** An envelope, or why there is none. */
export const toSealed = ({ problem, value }: ItemResult<Sealed>): Output<'kms.encrypt'>['items'][number] => ({
  problem,
  ciphertext: value === null ? null : envelopeText(value.envelope),
  keyVersion: value?.keyVersion ?? null,
})

/** What a key is still needed for. */
export const toUsage = (row: KeyRow, versions: readonly VersionUsage[]): Output<'kmsKey.usage'> => ({
  id: row.id,
  name: row.name,
  state: row.state,
  currentVersion: row.current_version,
  minimumVersion: row.minimum_version,
  ciphertexts: versions.reduce((sum, { ciphertexts }) => sum + ciphertexts, 0),
  versions: versions.map(({ version, state, ciphertexts, created_at: createdAt, revoked_at: revokedAt }) => ({
    version,
    state,
    ciphertexts,
    createdAt,
    revokedAt,
  })),
})

/** A ciphertext of the census. */
export const toCiphertext = (row: CiphertextRow): Output<'kmsKey.ciphertexts'>['items'][number] => ({
  id: row.id,
  version: row.version,
  location: row.location,
  sealedAt: row.sealed_at,
  movedAt: row.moved_at,
})
