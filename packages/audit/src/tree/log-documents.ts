import type { Store } from '@gatehouse/database'
import type { CheckpointKey } from '../checkpoint-key.ts'
import { readNewestCheckpoint } from '../checkpoint.queries.ts'
import type { Witness } from '../witness/ask-witness.ts'
import { cosignedCheckpoint, withCosignatures } from '../witness/cosigned-checkpoint.ts'
import { parseTilePath, readTile } from './tiles.ts'

/**
 * What anybody may read of the audit log: what it has come to, and hashes. They tell nothing of what stands in an
 * entry, but how many there are.
 */
export interface LogDocuments {
  /** C2SP tlog-checkpoint. Null: nothing was signed yet. */
  checkpoint(): Promise<string | null>
  /** The newest one that witnesses co-signed. Null: none did. */
  cosigned(): Promise<string | null>
  /** C2SP verifier key of those who check it. */
  readonly publicKey: string
  /** C2SP tlog-tiles. Null: there is no such tile, or not yet. */
  tile(path: string): Promise<Buffer | null>
}

export const logDocuments = ({
  db,
  key,
  witnesses,
}: {
  readonly db: Store
  readonly key: CheckpointKey
  readonly witnesses: readonly Witness[]
}): LogDocuments => ({
  checkpoint: async () => {
    const newest = await readNewestCheckpoint(db)
    return newest === null ? null : withCosignatures(db, witnesses, newest.note)
  },
  cosigned: async () => (await cosignedCheckpoint(db, witnesses)).cosigned,
  publicKey: key.publicKey,
  tile: async (path) => {
    const place = parseTilePath(path)
    return place === null ? null : readTile(db, place)
  },
})
