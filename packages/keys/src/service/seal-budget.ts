import { Refusal } from '@gatehouse/contract'
import type { Store } from '@gatehouse/database'
import { sealsPerKeyMax } from '../nonces.ts'
import { claimSeals } from './key.queries.ts'

/** So many are taken at once: of 2^32 a process that dies wastes nothing, and a hundred calls cost one update. */
const blockSize = 1024

/** Counts how often each version seals, over all processes. */
export interface SealBudget {
  /** Takes the right to seal so often. Throws `Refusal('conflict')` where one version is not good for that. */
  take(version: { readonly keyId: string; readonly version: number }, count: number): Promise<void>
}

/** Opens the budget of a process. Called outside of transactions: what it takes is taken, whatever comes of it. */
export function createSealBudget(db: Store): SealBudget {
  const left = new Map<string, number>()
  return {
    take: async ({ keyId, version }, count) => {
      const name = `${keyId}/${version}`
      const there = left.get(name) ?? 0
      if (there >= count) {
        left.set(name, there - count)
        return
      }
      const block = Math.max(count, blockSize)
      const claimed = (size: number) => claimSeals(db, { keyId, version, count: size, max: sealsPerKeyMax })
      if (await claimed(block)) {
        left.set(name, (left.get(name) ?? 0) + block - count) // others may have taken of it meanwhile
        return
      }
      // near the end a whole block is too much, and the call itself may not be
      if (!(await claimed(count)))
        throw new Refusal('conflict', { hint: 'this version of the key has sealed as often as it may: rotate the key' })
    },
  }
}
