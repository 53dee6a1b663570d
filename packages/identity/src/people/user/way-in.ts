import type { Transaction } from '@gatehouse/database'
import type { AnyPermit } from '@gatehouse/enforcement'
import { noteGifts } from '../../directory/gift.queries.ts'
import { callingUser } from '../../shared/identifiers.ts'

/** Notes that somebody gave a person their account, or a way into it: they may be one person (threats D2, D3). */
export const noteWayIn = (
  tx: Transaction,
  { userId, permit, now }: { userId: string; permit: Pick<AnyPermit, 'principal'>; now: Date },
): Promise<void> => noteGifts(tx, { userId, giverId: callingUser(permit).id, gifts: [{ what: 'account' }], now })
