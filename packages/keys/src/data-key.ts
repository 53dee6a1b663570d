import { randomBytes, randomUUID } from 'node:crypto'
import type { Store, Transaction } from '@gatehouse/database'
import { insertDataKey, lockDataKey, readDataKey, type DataKeyRow } from './data-key.queries.ts'
import type { KeyEncryptionKey } from './kek.ts'
import { KeyError } from './key-error.ts'
import { wrapProven } from './wrap-proven.ts'
import { associatedDataOf, dataKeyBytes, type DataKey } from './wrap.ts'

/** The data key, and how it came to be open. */
export interface OpenDataKey {
  readonly dataKey: DataKey
  readonly openedBy: KeyEncryptionKey
  /** As each key encryption key wrapped it, also those that are not at hand. */
  readonly wraps: readonly DataKeyRow[]
  /** What came of those that were asked before. */
  readonly failures: readonly Error[]
}

/**
 * Opens the data key by the first of these keys that does, making it under the first at the very first boot. Throws
 * `KeyError('kek-mismatch')` where none of them has wrapped it: starting anyway would leave half of the rows
 * unreadable.
 */
export async function openDataKey(db: Store, keks: readonly KeyEncryptionKey[]): Promise<OpenDataKey> {
  const there = await readDataKey(db)
  const wraps = there.length === 0 ? await createDataKey(db, keks) : there
  const failures: Error[] = []
  for (const kek of keks) {
    const row = wraps.find(({ kek_fingerprint: fingerprint }) => fingerprint === kek.fingerprint)
    if (row === undefined) continue
    try {
      const key = await kek.unwrap(row.wrapped, dataKeyPurpose(row.id))
      if (key.length !== dataKeyBytes) throw new KeyError('unwrap-failed', 'the data key has a wrong length')
      return { dataKey: { id: row.id, key }, openedBy: kek, wraps, failures }
    } catch (error) {
      failures.push(error instanceof Error ? error : new TypeError('an error that is none', { cause: error }))
    }
  }
  throw failures[0] === undefined ? mismatch(wraps, keks) : whyNone(failures[0], failures.slice(1))
}

/** One by one what each key said. */
const whyNone = (first: Error, others: readonly Error[]): Error =>
  others.length === 0
    ? first
    : new KeyError('unwrap-failed', [first, ...others].map(({ message }) => message).join('; '), { cause: first })

/** Keys that open the data key beside these, as errors name them: those of before, and those that were lost. */
export async function otherKeks(db: Store, keks: readonly KeyEncryptionKey[]): Promise<string[]> {
  const own = new Set(keks.map(({ fingerprint }) => fingerprint))
  return (await readDataKey(db)).flatMap((row) =>
    own.has(row.kek_fingerprint) ? [] : [row.kek_uri ?? row.kek_fingerprint],
  )
}

/** A wrapped data key cannot be moved to another row. */
export const dataKeyPurpose = (id: string): string => associatedDataOf({ table: 'data_key', column: 'wrapped', id })

async function createDataKey(db: Store, keks: readonly KeyEncryptionKey[]): Promise<DataKeyRow[]> {
  const [kek] = keks
  if (kek === undefined) throw new TypeError('a data key needs a key that wraps it')
  const id = randomUUID()
  // before the transaction: a backend may take its time, and nobody waits behind it
  const wrapped = await wrapProven(kek, randomBytes(dataKeyBytes), dataKeyPurpose(id))
  return db.transaction().execute(async (tx: Transaction) => {
    await lockDataKey(tx)
    const there = await readDataKey(tx)
    if (there.length > 0) return there
    const row = { id, wrapped, kek_fingerprint: kek.fingerprint, kek_uri: kek.uri }
    await insertDataKey(tx, row)
    return [row]
  })
}

const mismatch = (wraps: readonly DataKeyRow[], keks: readonly KeyEncryptionKey[]): KeyError =>
  new KeyError(
    'kek-mismatch',
    `this database is sealed under the key encryption key ${wraps.map(named).join(' or ')}, but the settings name ` +
      `${keks.map(({ uri, fingerprint }) => named({ kek_uri: uri, kek_fingerprint: fingerprint })).join(' and ')}; ` +
      'put the right key there, and to change it name the old one in `[kms.second]`',
  )

/** A key, as errors name it. */
export const named = (row: Pick<DataKeyRow, 'kek_uri' | 'kek_fingerprint'>): string =>
  row.kek_uri === null ? `\`${row.kek_fingerprint}\`` : `\`${row.kek_uri}\` (\`${row.kek_fingerprint}\`)`
