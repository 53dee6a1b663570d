import { randomBytes, randomUUID } from 'node:crypto'
import type { Store, Transaction } from '@gatehouse/database'
import type { Sealer } from '@gatehouse/enforcement'
import { insertDataKey, lockDataKey, readDataKey, type DataKeyRow } from './data-key.queries.ts'
import type { KeyEncryptionKey } from './kek.ts'
import { KeyError } from './key-error.ts'
import { associatedDataOf, dataKeyBytes, readyKey, seal, unseal, type DataKey } from './wrap.ts'

export interface SealerDeps {
  readonly db: Store
  readonly kek: KeyEncryptionKey
}

/**
 * Opens the data key, making it at the very first boot. Throws `KeyError('kek-mismatch')` when the database was sealed
 * under another
 * key encryption key: starting anyway would leave half of the rows unreadable.
 */
export async function openSealer({ db, kek }: SealerDeps): Promise<Sealer> {
  const row = (await readDataKey(db)) ?? (await createDataKey(db, kek))
  if (row.kek_fingerprint !== kek.fingerprint) {
    throw new KeyError(
      'kek-mismatch',
      `this database is sealed under the key encryption key \`${row.kek_fingerprint}\`, but \`${kek.uri}\` is ` +
        `\`${kek.fingerprint}\`; put the right key there`,
    )
  }
  const dataKey = await kek.unwrap(row.wrapped, purposeOf(row.id))
  if (dataKey.length !== dataKeyBytes) throw new KeyError('unwrap-failed', 'the data key has a wrong length')
  return sealerUnder({ id: row.id, key: dataKey })
}

/** Seals and opens under one data key, each value for its place. */
export function sealerUnder(dataKey: DataKey): Sealer {
  const key = readyKey(dataKey)
  return {
    seal: (place, plaintext) => seal(key, associatedDataOf(place), plaintext),
    unseal: (place, sealed) => unseal(key, associatedDataOf(place), sealed),
    under: sealerUnder,
  }
}

async function createDataKey(db: Store, kek: KeyEncryptionKey): Promise<DataKeyRow> {
  const id = randomUUID()
  // before the transaction: a backend may take its time, and nobody waits behind it
  const wrapped = await kek.wrap(randomBytes(dataKeyBytes), purposeOf(id))
  return db.transaction().execute(async (tx: Transaction) => {
    await lockDataKey(tx)
    const there = await readDataKey(tx)
    if (there !== undefined) return there
    const row = { id, wrapped, kek_fingerprint: kek.fingerprint }
    await insertDataKey(tx, row)
    return row
  })
}

/** A wrapped data key cannot be moved to another row. */
const purposeOf = (id: string): string => associatedDataOf({ table: 'data_key', column: 'wrapped', id })
