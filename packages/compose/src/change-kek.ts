import { ConfigError, requireKeyBackends, type Config, type KeyBackend } from '@gatehouse/config'
import type { EventName } from '@gatehouse/contract'
import { openStore, type Transaction } from '@gatehouse/database'
import { uid } from '@gatehouse/enforcement'
import { addKeks, createAgeKek, leaveKek, otherKeks, type KeyEncryptionKey } from '@gatehouse/keys'
import { openKek } from './open-keks.ts'
import { withSeeding } from './seeding.ts'

/** Which keys open the database now, by the names that errors use. */
export interface KeksAdded {
  readonly opens: readonly string[]
  /** Which of them did not before. */
  readonly added: readonly string[]
  /** Keys of before that the settings do not name, and that open it still. */
  readonly others: readonly string[]
}

/**
 * Has the keys of `[kms]` and `[kms.second]` both open the data key. One of them does so already; an age identity is
 * made for the other where its file is missing.
 */
export async function addKeyBackend(config: Config): Promise<KeksAdded> {
  const { first, second } = requireBoth(config)
  return withSeeding(config, async ({ db, change }) => {
    const keks: KeyEncryptionKey[] = []
    for (const backend of [first, second]) {
      // we are here because the other key opened the data key: a new file hides no loss
      if (backend.kind === 'age') await createAgeKek(backend.file)
      keks.push(await openKek(backend))
    }
    const record = (tx: Transaction, { fingerprint }: KeyEncryptionKey): Promise<void> =>
      change.event(tx, eventOf('keyBackend.added', { to: fingerprint }))
    const added = await addKeks({ db, keks, record })
    return { opens: keks.map(({ uri }) => uri), added: added.map(({ uri }) => uri), others: await otherKeks(db, keks) }
  })
}

/** What became of a key that was left. */
export interface KekLeft {
  readonly opens: string
  readonly left: string
  /** Versions of keys that were moved to the other. */
  readonly moved: number
  /** Keys of before that the settings do not name, and that open it still. */
  readonly others: readonly string[]
}

/** Moves what is still under the key of `[kms.second]` to that of `[kms]`, and has the first open nothing any more. */
export async function leaveKeyBackend(config: Config): Promise<KekLeft> {
  const { first, second } = requireBoth(config)
  const { databaseAdminUrl: url } = config.runtime
  if (url === null)
    throw new ConfigError('DATABASE_ADMIN_URL: the owner of the tables; nobody else may take away what a key wrapped')
  const owner = openStore(url.expose(), { size: 1, name: 'gatehouse-change-backend' })
  try {
    return await withSeeding(config, async ({ db, change }) => {
      const [to, from] = [await openKek(first), await openKek(second)]
      const detail = { to: to.fingerprint, from: from.fingerprint }
      const record = (tx: Transaction): Promise<void> => change.event(tx, eventOf('keyBackend.left', detail))
      const moved = await leaveKek({ db, owner, to, from, record })
      return { opens: to.uri, left: from.uri, moved, others: await otherKeks(db, [to]) }
    })
  } finally {
    await owner.destroy()
  }
}

const eventOf = (name: Extract<EventName, `keyBackend.${string}`>, detail: Readonly<Record<string, string>>) => ({
  name,
  resource: uid('System', 'gatehouse'),
  detail,
})

function requireBoth(config: Config): { readonly first: KeyBackend; readonly second: KeyBackend } {
  const { first, second } = requireKeyBackends(config)
  if (second === null)
    throw new ConfigError('kms.second: the other key, beside the one of [kms]; the change needs both')
  return { first, second }
}
