// Leaves one key encryption key for another. Its parent says by IPC which, is told before each use of either, and
// answers whether it goes on: it may be killed in the middle of what follows.
import { once } from 'node:events'
import { openStore } from '@gatehouse/database'
import { addKeks, ageKek, leaveKek, type KeyEncryptionKey } from '@gatehouse/keys'

/** What it works on. */
export interface Leaving {
  readonly url: string
  readonly adminUrl: string
  /** Files of age identities. */
  readonly from: string
  readonly to: string
}

async function begin({ url, adminUrl, from, to }: Leaving): Promise<void> {
  const db = openStore(url, { size: 2, name: 'leaving' })
  const owner = openStore(adminUrl, { size: 1, name: 'leaving-owner' })
  const [old, next] = [told(await ageKek(from)), told(await ageKek(to))]
  await addKeks({ db, keks: [next, old], record: () => Promise.resolve() })
  await leaveKek({ db, owner, to: next, from: old, record: () => Promise.resolve() })
}

/** The same key, each use of which is told before it. */
function told(kek: KeyEncryptionKey): KeyEncryptionKey {
  const using = async <T>(use: () => Promise<T>): Promise<T> => {
    const goesOn = once(process, 'message')
    process.send?.('used')
    await goesOn
    return use()
  }
  return {
    ...kek,
    wrap: (key, purpose) => using(() => kek.wrap(key, purpose)),
    unwrap: (wrapped, purpose) => using(() => kek.unwrap(wrapped, purpose)),
  }
}

process.once('message', (leaving: Leaving) => {
  begin(leaving).then(
    () => process.exit(0),
    (error: unknown) => {
      console.error(error)
      process.exit(1)
    },
  )
})
