import { join } from 'node:path'
import { ConfigError, type Config } from '@gatehouse/config'
import { openDatabaseClock, openStore, refuseOwner, type Store } from '@gatehouse/database'
import { systemRandom, type Clock, type Random, type Sealer } from '@gatehouse/enforcement'
import { ageKek, ensureKek, openSealer } from '@gatehouse/keys'

/** What every process and every command of the server's machine starts from. */
export interface Foundation {
  readonly url: string
  readonly db: Store
  readonly clock: Clock
  readonly random: Random
  readonly sealer: Sealer
  close(): Promise<void>
}

/** Where the key encryption key of a home lies. */
export const kekPath = (home: string): string => join(home, 'keys', 'kek.age')

/**
 * Opens database, clock and sealing. Throws with a sentence for a person when one of them is not right; nothing then
 * stays open.
 */
export async function openFoundation({ runtime }: Config, name: string): Promise<Foundation> {
  if (runtime.databaseUrl === null)
    throw new ConfigError('DATABASE_URL: where the database is, as the runtime login; `npm start` brings one up')
  const url = runtime.databaseUrl.expose()
  const db = openStore(url, { name })
  try {
    await refuseOwner(db)
    const clock = await openDatabaseClock(db)
    await ensureKek(kekPath(runtime.home), db)
    const sealer = await openSealer({ db, kek: await ageKek(kekPath(runtime.home)) })
    return {
      url,
      db,
      clock,
      random: systemRandom(clock),
      sealer,
      close: async () => {
        clock.close()
        await db.destroy()
      },
    }
  } catch (error) {
    await db.destroy()
    throw error
  }
}
