import type { Store } from '@gatehouse/database'
import type { CheckpointKey } from '../checkpoint-key.ts'
import { readNewestCheckpoint } from '../checkpoint.queries.ts'
import { parseTilePath, readTile } from './tiles.ts'

/**
 * What anybody may read of the audit log: what it has come to, and hashes. They tell nothing of what stands in an
 * entry, but how many there are.
 */
export interface LogDocuments {
  /** C2SP tlog-checkpoint. Null: nothing was signed yet. */
  checkpoint(): Promise<string | null>
  /** C2SP verifier key of those who check it. */
  readonly publicKey: string
  /** C2SP tlog-tiles. Null: there is no such tile, or not yet. */
  tile(path: string): Promise<Buffer | null>
}

export const logDocuments = ({ db, key }: { readonly db: Store; readonly key: CheckpointKey }): LogDocuments => ({
  checkpoint: async () => (await readNewestCheckpoint(db))?.note ?? null,
  publicKey: key.publicKey,
  tile: async (path) => {
    const place = parseTilePath(path)
    return place === null ? null : readTile(db, place)
  },
})
