import { createJointWork, type Permit } from '@gatehouse/enforcement'
import type { KeysDeps } from './keys-deps.ts'
import { decidedKey } from './keys-deps.ts'
import { encryptTogether, type ItemResult, type PlainItem, type Sealed } from './service/key-service.ts'

/** A call that is allowed, and what it encrypts. */
export interface EncryptCall {
  readonly permit: Permit<'kms.encrypt'>
  readonly items: readonly PlainItem[]
}

/** Of more a transaction of its own is a small part. */
const sharedItemsMax = 8
/**
 * Encrypts for calls. Small ones of one session on one key that come while a transaction is under way are the next one
 * together, each with an entry of its own.
 */
export function createEncryption(deps: KeysDeps): (call: EncryptCall) => Promise<ItemResult<Sealed>[]> {
  const together = createJointWork((calls: readonly EncryptCall[]) => encryptCalls(deps, calls))
  return async (call) => {
    if (call.items.length <= sharedItemsMax) return together(call)
    const [results = []] = await encryptCalls(deps, [call])
    return results
  }
}

/** Calls of one caller on one key. */
async function encryptCalls(deps: KeysDeps, calls: readonly EncryptCall[]): Promise<ItemResult<Sealed>[][]> {
  const [first] = calls
  if (first === undefined) return []
  const asked = { key: decidedKey(first.permit), calls: calls.map(({ items }) => items) }
  return encryptTogether(deps, asked, (work) =>
    deps.change.together(
      calls.map(({ permit }) => permit),
      async (tx) =>
        (await work(tx)).map((recorded, index) => ({ ...recorded, asked: calls[index]?.items.length ?? 0 })),
      (detail) => ({ detail: { ...detail } }),
    ),
  )
}
