import { timingSafeEqual } from 'node:crypto'
import type { Store, Transaction } from '@gatehouse/database'
import { deleteDataKeyWrap, insertDataKey, lockDataKey } from './data-key.queries.ts'
import { dataKeyPurpose, openDataKey } from './data-key.ts'
import type { KeyEncryptionKey } from './kek.ts'
import { KeyError } from './key-error.ts'
import { replaceVersionWrap, selectWrapsUnder, shareVersions } from './service/key.queries.ts'
import { versionPurpose } from './service/version-purpose.ts'
import { wrapProven } from './wrap-proven.ts'

/** Which keys are to open the data key. */
export interface KekAddition {
  readonly db: Store
  readonly keks: readonly KeyEncryptionKey[]
  /** Writes into the audit log, in the transaction that adds this key. */
  readonly record: (tx: Transaction, added: KeyEncryptionKey) => Promise<void>
}

/**
 * Wraps the data key under each of these that has not wrapped it; one of them opens it. From then on any of them does.
 * Resolves to those that were added.
 */
export async function addKeks({ db, keks, record }: KekAddition): Promise<KeyEncryptionKey[]> {
  const { dataKey, wraps } = await openDataKey(db, keks)
  const added: KeyEncryptionKey[] = []
  for (const kek of keks) {
    if (wraps.some(({ kek_fingerprint: fingerprint }) => fingerprint === kek.fingerprint)) continue
    const wrapped = await wrapProven(kek, dataKey.key, dataKeyPurpose(dataKey.id))
    const row = { id: dataKey.id, wrapped, kek_fingerprint: kek.fingerprint, kek_uri: kek.uri }
    const inserted = await db.transaction().execute(async (tx) => {
      await lockDataKey(tx)
      const first = await insertDataKey(tx, row)
      if (first) await record(tx, kek)
      return first
    })
    if (inserted) added.push(kek)
  }
  return added
}

/** From which key to which. Both are at hand. */
export interface KekChange {
  readonly db: Store
  /** The login that owns the tables: no other takes away what a key wrapped. */
  readonly owner: Store
  readonly to: KeyEncryptionKey
  readonly from: KeyEncryptionKey
  /** Writes into the audit log that the old key is left. */
  readonly record: (tx: Transaction) => Promise<void>
}

/**
 * Moves everything from the old key to the new, and then takes away what the old one wrapped. May end at any moment and
 * be called again: until the last step either key opens the data key, and each version is under one of the two.
 * Resolves to how many versions were moved.
 */
export async function leaveKek(change: KekChange): Promise<number> {
  const { db, owner, to, from, record } = change
  const { dataKey, wraps } = await openDataKey(db, [to])
  if (await shareVersions(db, from.fingerprint, to.fingerprint))
    throw new KeyError(
      'kek-mismatch',
      `\`${to.uri}\` has shares of keys that \`${from.uri}\` has other shares of: one key would open what takes ` +
        'several; nothing was changed. Name a key in `[kms]` that is no region',
    )
  const left = wraps.find(({ kek_fingerprint: fingerprint }) => fingerprint === from.fingerprint)
  if (left !== undefined) await requireSame(change, dataKey.key)
  const moved = await moveVersions(change)
  if (left === undefined) return moved
  await db.transaction().execute(record) // before it is done: what is not recorded does not happen
  await deleteDataKeyWrap(owner, left)
  return moved
}

/** Whoever can add a row could have wrapped a key of their own: it must not replace ours. */
async function requireSame({ db, to, from }: KekChange, key: Uint8Array): Promise<void> {
  const { dataKey } = await openDataKey(db, [from])
  if (!timingSafeEqual(dataKey.key, key))
    throw new KeyError('kek-mismatch', `\`${to.uri}\` opens another data key than \`${from.uri}\`: nothing was changed`)
}

/** Few enough that what is read is still there when it is moved. */
const batchMax = 100

async function moveVersions({ db, to, from }: KekChange): Promise<number> {
  for (let moved = 0; ;) {
    const rows = await selectWrapsUnder(db, from.fingerprint, batchMax)
    if (rows.length === 0) return moved
    for (const row of rows) {
      const purpose = versionPurpose(row)
      const wrapped = await wrapProven(to, await from.unwrap(row.wrapped, purpose), purpose)
      if (await replaceVersionWrap(db, row, { fingerprint: to.fingerprint, wrapped })) moved += 1
    }
  }
}
