import { forgetNames, type Transaction } from '@gatehouse/database'
import type { Eraser } from '@gatehouse/enforcement'
import { forgetHolder } from './lease.queries.ts'
import type { Leases } from './leases.ts'
import { deleteLeaseViewsOf, dropViewsNaming } from './saved-lease-view.queries.ts'

/**
 * Ends what a person holds, and leaves of their leases what was done when, and nothing of for whom or why. Views of
 * leases that are theirs or name them go.
 */
export const leaseEraser = (leases: Leases) =>
  ({
    erase: async (tx: Transaction, { id, reason }) => {
      await leases.endAllOf(tx, { principalId: id, reason })
      await forgetHolder(tx, id)
      await deleteLeaseViewsOf(tx, id)
      return []
    },
    forgetNames: async (tx: Transaction, names) => {
      await forgetNames(tx, names, { lease: ['purpose', 'reason', 'last_error'] })
      await dropViewsNaming(tx, names)
    },
  }) satisfies Eraser
