import { forgetNames, type Transaction } from '@gatehouse/database'
import type { Eraser } from '@gatehouse/enforcement'
import { forgetChanger } from './policy-change.queries.ts'
import { forgetInShadow } from './shadow/shadow.queries.ts'

/** Leaves of who published what only the policies themselves. */
export const policyEraser = {
  erase: async (tx: Transaction, { id }) => {
    await forgetChanger(tx, id)
    await forgetInShadow(tx, id)
    return []
  },
  forgetNames: (tx: Transaction, names) =>
    forgetNames(tx, names, { policy_change: ['reason'], policy_shadow: ['reason'] }),
} satisfies Eraser
