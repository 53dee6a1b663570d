import { Refusal, type Output } from '@gatehouse/contract'
import { toKeyBackend } from './key-backends-view.ts'
import type { KeysDeps } from './keys-deps.ts'
import { toListed } from './key-view.ts'
import { readKey, selectBackends, selectOpenedVersions, type KeyRow } from './service/key.queries.ts'

/** A key as it stands now. Throws `Refusal('not-found')`. */
export async function keyNow({ db }: Pick<KeysDeps, 'db'>, id: string): Promise<KeyRow> {
  const row = await readKey(db, id)
  if (row === null) throw new Refusal('not-found')
  return row
}

/** Keys with what their backends have of them. */
export async function shownAll(
  { db, ring }: Pick<KeysDeps, 'db' | 'ring'>,
  rows: readonly KeyRow[],
): Promise<Output<'kmsKey.list'>['items']> {
  const standings = await selectBackends(
    db,
    rows.map(({ id }) => id),
  )
  const of = ({ id }: KeyRow) =>
    standings.filter(({ key_id: key }) => key === id).map((one) => toKeyBackend(ring.backends, one))
  return rows.map((row) => toListed(row, of(row)))
}

/** One of them, with the versions that it opens. */
export async function shown(deps: Pick<KeysDeps, 'db' | 'ring'>, row: KeyRow): Promise<Output<'kmsKey.get'>> {
  const [key] = await shownAll(deps, [row])
  if (key === undefined) throw new TypeError('a key was shown')
  const opened = await selectOpenedVersions(deps.db, row)
  return { ...key, versions: opened.map(({ version, created_at: createdAt }) => ({ version, createdAt })) }
}
