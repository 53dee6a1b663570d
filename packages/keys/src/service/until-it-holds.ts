import { Refusal } from '@gatehouse/contract'

/** Between reading a key and writing what rests on it the key may be rotated or disabled: a few times, not for ever. */
const triesMax = 5

/** Thrown in a transaction to undo it: the key has moved, and the call begins again. */
export class KeyMovedError extends Error {
  override readonly name = 'KeyMovedError'
}

/** Tries again while the key moves. */
export async function untilItHolds<T>(attempt: () => Promise<T>): Promise<T> {
  for (let tried = 1; ; tried += 1) {
    try {
      return await attempt()
    } catch (error) {
      if (!(error instanceof KeyMovedError)) throw error
      if (tried === triesMax) throw new Refusal('conflict', { hint: 'the key is being changed: try again' })
    }
  }
}
