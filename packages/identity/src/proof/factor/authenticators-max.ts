import { Refusal } from '@gatehouse/contract'
import type { Store } from '@gatehouse/database'
import { countConfirmed } from '../totp/authenticator.queries.ts'

/** Phone, tablet, key safe and spares, of all kinds together. */
export const authenticatorsMax = 10

/** Throws `conflict` when a person has as many authenticators as they may. Final only while their row is held. */
export async function requireRoomForAnother(db: Store, userId: string): Promise<void> {
  if ((await countConfirmed(db, userId)) >= authenticatorsMax)
    throw new Refusal('conflict', { hint: `at most ${authenticatorsMax} authenticators` })
}
