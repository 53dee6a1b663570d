import type { Output } from '@gatehouse/contract'
import type { ItemResult, Sealed } from './service/key-service.ts'
import type { CiphertextRow, VersionUsage } from './service/census.queries.ts'
import type { KeyRow } from './service/key.queries.ts'
import { envelopeText } from './envelope.ts'
import { closingAt, mayUse, paceOf } from './transitions.ts'

type Listed = Output<'kmsKey.list'>['items'][number]

/** A key, as people and programs see it among others. */
export const toListed = (row: KeyRow, backends: Listed['backends']): Listed => ({
  id: row.id,
  name: row.name,
  workspace: row.workspace_id,
  backend: row.backend,
  quorum: row.quorum,
  backends,
  state: row.state,
  stateSince: row.state_since,
  currentVersion: row.current_version,
  versionSince: row.version_since,
  version: row.current_version,
  minimumVersion: row.minimum_version,
  rotationDays: row.rotation_days,
  rotatesAt: mayUse(row.state, 'rotate') ? row.rotate_at : null,
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

/** What is known of the ciphertexts of a key. */
export interface Used {
  readonly versions: readonly VersionUsage[]
  /** When the current version was made, and how many ciphertexts came over to it since. */
  readonly since: Date
  readonly moved: number
  readonly workflowUrl: string | null
  readonly now: Date
}

/** What a key is still needed for. */
export const toUsage = (row: KeyRow, { versions, workflowUrl, ...used }: Used): Output<'kmsKey.usage'> => ({
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
  leaving: row.minimum_version === row.current_version ? null : toLeaving(row, { versions, ...used }),
  workflowUrl,
})

const toLeaving = (row: KeyRow, { versions, since, moved, now }: Omit<Used, 'workflowUrl'>) => {
  const opened = versions.filter(({ version }) => version >= row.minimum_version && version < row.current_version)
  const left = opened.reduce((sum, { ciphertexts }) => sum + ciphertexts, 0)
  const { settled_since: settled } = row
  const closesAt = left > 0 || settled === null || !mayUse(row.state, 'rotate') ? null : closingAt(settled)
  return { since, moved, left, ...paceOf({ since, moved, left }, now), closesAt }
}

/** A ciphertext of the census. */
export const toCiphertext = (row: CiphertextRow): Output<'kmsKey.ciphertexts'>['items'][number] => ({
  id: row.id,
  version: row.version,
  location: row.location,
  sealedAt: row.sealed_at,
  movedAt: row.moved_at,
})
