import { forgetNames, type Transaction } from '@gatehouse/database'
import type { Eraser } from '@gatehouse/enforcement'
import { forgetHolder } from './lease.queries.ts'
import type { Leases } from './leases.ts'

/** Ends what a person holds, and leaves of their leases what was done when, and nothing of for whom or why. */
export const leaseEraser = (leases: Leases) =>
  ({
    erase: async (tx: Transaction, { id, reason }) => {
      await leases.endAllOf(tx, { principalId: id, reason })
      await forgetHolder(tx, id)
      return []
    },
    forgetNames: (tx: Transaction, names) => forgetNames(tx, names, { lease: ['purpose', 'reason', 'last_error'] }),
  }) satisfies Eraser
