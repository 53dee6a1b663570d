import { Refusal } from '@gatehouse/contract'
import type { Permit } from '@gatehouse/enforcement'
import { loadTogetherInLanes } from '@gatehouse/kit'
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
/** Calls of one transaction: as many as one caller may have on their way, and some more. */
const callsMax = 32

/**
 * Encrypts for calls. Small ones of one caller on one key that come while a transaction is under way are the next one
 * together, each with an entry of its own: most of what such a call costs is a transaction. Nobody waits for another
 * caller's.
 */
export function createEncryption(deps: KeysDeps): (call: EncryptCall) => Promise<ItemResult<Sealed>[]> {
  const together = loadTogetherInLanes<EncryptCall, PromiseSettledResult<ItemResult<Sealed>[]>>(
    (calls) => encryptEach(deps, calls),
    callsMax,
  )
  return async (call) => {
    const { permit, items } = call
    if (items.length > sharedItemsMax) return encryptAlone(deps, call)
    const settled = await together(`${permit.principal.type}:${permit.principal.id}/${decidedKey(permit)}`, call)
    if (settled.status === 'rejected') throw settled.reason
    return settled.value
  }
}

/** What is refused to all may be one call's fault: each is asked for by itself then. */
async function encryptEach(
  deps: KeysDeps,
  calls: readonly EncryptCall[],
): Promise<PromiseSettledResult<ItemResult<Sealed>[]>[]> {
  try {
    const all = await encryptCalls(deps, calls)
    return all.map((value) => ({ status: 'fulfilled', value }))
  } catch (reason) {
    if (!(reason instanceof Refusal) || calls.length === 1) return calls.map(() => ({ status: 'rejected', reason }))
    return Promise.allSettled(calls.map((call) => encryptAlone(deps, call)))
  }
}

async function encryptAlone(deps: KeysDeps, call: EncryptCall): Promise<ItemResult<Sealed>[]> {
  const [results = []] = await encryptCalls(deps, [call])
  return results
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
