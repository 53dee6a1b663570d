import { createJointWork, type Permit } from '@gatehouse/enforcement'
import type { KeysDeps } from './keys-deps.ts'
import { decidedKey, decidedVersion } from './keys-deps.ts'
import { besideEntries } from './service/census.queries.ts'
import { readKey, type KeyReading } from './service/key.queries.ts'
import { encryptTogether, type ItemResult, type PlainItem, type Recorded, type Sealed } from './service/key-service.ts'

/** A call that is allowed, and what it encrypts. */
export interface EncryptCall {
  readonly permit: Permit<'kms.encrypt'>
  readonly items: readonly PlainItem[]
}

/** Of more a write of its own is a small part. */
const sharedItemsMax = 8

/**
 * Encrypts for calls. Small ones of one session on one key that come while a write is under way are the next one
 * together, each with an entry of its own.
 */
export function createEncryption(given: KeysDeps): (call: EncryptCall) => Promise<ItemResult<Sealed>[]> {
  const deps = { ...given, known: createKnownKeys() }
  const together = createJointWork((calls: readonly EncryptCall[]) => encryptCalls(deps, calls))
  return async (call) => {
    if (call.items.length <= sharedItemsMax) return together(call)
    const [results = []] = await encryptCalls(deps, [call])
    return results
  }
}

interface EncryptDeps extends KeysDeps {
  readonly known: KnownKeys
}

/** Calls of one caller on one key. */
async function encryptCalls(deps: EncryptDeps, calls: readonly EncryptCall[]): Promise<ItemResult<Sealed>[][]> {
  const [first] = calls
  if (first === undefined) return []
  const permits = calls.map(({ permit }) => permit)
  const noted = (recorded: Recorded, index: number) => ({ ...recorded, asked: calls[index]?.items.length ?? 0 })
  const asked = { readKey: () => deps.known.read(deps, first.permit), calls: calls.map(({ items }) => items) }
  return encryptTogether(deps, asked, {
    atOnce: async (key, census, recorded) => {
      // what the calls were decided on says nothing of another moment of the key
      const isWritten =
        decidedVersion(first.permit) === key.row_version &&
        (await deps.change.atOnce(permits, {
          beside: besideEntries(census),
          notes: recorded.map((one, index) => ({ detail: noted(one, index) })),
        }))
      if (!isWritten) deps.known.forget(key.id)
      return isWritten
    },
    inTransaction: (work) =>
      deps.change.together(
        permits,
        async (tx) => (await work(tx)).map(noted),
        (detail) => ({ detail: { ...detail } }),
      ),
  })
}

/** Keys as they stood when they were read last. */
interface KnownKeys {
  /** A key as it stands: read anew, unless its row is the one that is known, as the decision on it has just found. */
  read(deps: Pick<KeysDeps, 'db'>, permit: Permit<'kms.encrypt'>): Promise<KeyReading | null>
  /** Forgets one that has moved since: whoever was decided on it would be told of it again. */
  forget(id: string): void
}

/** So many at once; more keys than a process encrypts under all the time. */
const knownMax = 1000

function createKnownKeys(): KnownKeys {
  const known = new Map<string, KeyReading>()
  return {
    read: async ({ db }, permit) => {
      const id = decidedKey(permit)
      const there = known.get(id)
      if (there !== undefined && there.row_version === decidedVersion(permit)) return there
      known.delete(id)
      const key = await readKey(db, id)
      const [oldest] = known.keys()
      if (oldest !== undefined && known.size >= knownMax) known.delete(oldest)
      if (key !== null) known.set(id, key)
      return key
    },
    forget: (id) => void known.delete(id),
  }
}
