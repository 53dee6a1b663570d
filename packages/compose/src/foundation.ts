import { ConfigError, type Config } from '@gatehouse/config'
import {
  openDatabaseClock,
  openReserved,
  openStore,
  refuseOwner,
  type NestedCheckoutError,
  type Store,
} from '@gatehouse/database'
import { systemRandom, type Clock, type Random, type Sealer } from '@gatehouse/enforcement'
import { openSealer, type KekPlace, type KeyEncryptionKey, type Regions } from '@gatehouse/keys'
import { openKeks } from './open-keks.ts'

/** What every process and every command of the server's machine starts from. */
export interface Foundation {
  readonly url: string
  readonly db: Store
  readonly clock: Clock
  readonly random: Random
  /** The key encryption keys that the settings name and this process has, in their order. */
  readonly keks: readonly KeyEncryptionKey[]
  readonly regions: Regions
  /** Where the settings name them. */
  readonly kekPlaces: readonly KekPlace[]
  /** What whoever looks after the keys should know. */
  readonly keyWarnings: readonly string[]
  readonly sealer: Sealer
  close(): Promise<void>
}

export interface FoundationOptions {
  readonly name: string
  /** Told when a transaction's own work asks for a second connection; absent: that work fails. */
  readonly onNestedCheckout?: (error: NestedCheckoutError) => void
  /** The same key with its uses counted; absent: nobody counts. */
  readonly counted?: (kek: KeyEncryptionKey) => KeyEncryptionKey
}

/** Where the database is. Throws with a sentence for a person when nobody has said. */
export function requireDatabaseUrl({ databaseUrl }: Config['runtime']): string {
  if (databaseUrl === null)
    throw new ConfigError('DATABASE_URL: where the database is, as the runtime login; `npm start` brings one up')
  return databaseUrl.expose()
}

/**
 * Opens database, clock and sealing. Throws with a sentence for a person when one of them is not right; nothing then
 * stays open.
 */
export async function openFoundation(
  config: Config,
  { name, onNestedCheckout, counted = (kek) => kek }: FoundationOptions,
): Promise<Foundation> {
  const { runtime } = config
  const url = requireDatabaseUrl(runtime)
  // in development and in tests the work fails where the mistake is; in production it is said, and goes on
  const db = openStore(url, { name, ...(runtime.dev ? {} : { onNestedCheckout }) })
  // a measurement that waits for its turn measures the wait: nodes would disagree by seconds
  const clockDb = openReserved(url, 'gatehouse-clock')
  const destroy = async (): Promise<void> => {
    await Promise.all([db.destroy(), clockDb.destroy()])
  }
  try {
    await refuseOwner(db)
    const clock = await openDatabaseClock(clockDb)
    const opened = await openKeks(config, db)
    const keks = opened.keks.map((kek) => counted(kek))
    const { sealer, warnings } = await openSealer({ db, keks })
    return {
      url,
      db,
      clock,
      random: systemRandom(clock),
      keks,
      regions: {
        ...opened.regions,
        keks: new Map([...opened.regions.keks].map(([name, kek]) => [name, counted(kek)])),
      },
      kekPlaces: opened.places,
      keyWarnings: [...opened.problems.map(({ message }) => message), ...warnings],
      sealer,
      close: async () => {
        clock.close()
        await destroy()
      },
    }
  } catch (error) {
    await destroy()
    throw error
  }
}
