import type { Handler } from '@gatehouse/enforcement'
import { revokeApiTokensOf } from '../api-token/api-token.queries.ts'
import type { HandlerDeps } from '../../shared/deps.ts'
import { resourceId } from '../../shared/identifiers.ts'
import { deleteAccount, describeAccount, disableAccount, requireAccount } from './service-account.queries.ts'

/** Shuts a program out. Its tokens die with the commit, its credentials with it or with the sweep that follows. */
export const serviceAccountDisable =
  ({ change, clock, leases }: HandlerDeps): Handler<'serviceAccount.disable'> =>
  async (permit) => {
    const id = resourceId(permit)
    const { reason } = permit.input
    const { row } = await change(
      permit,
      async (tx) => {
        const now = clock.now()
        // also when it was disabled already: whoever asks wants nothing of it left
        await disableAccount(tx, id)
        const tokens = await revokeApiTokensOf(tx, { accountId: id, now, reason })
        return {
          tokens,
          leases: await leases.endAllOf(tx, { principalId: id, reason }),
          row: await requireAccount(tx, { id, now }),
        }
      },
      (done) => ({ detail: { tokensEnded: done.tokens, leasesEnded: done.leases } }),
    )
    leases.hurry()
    return describeAccount(row)
  }

/**
 * Deletes a program's account. Its id is never given again, so what comes after it under the same name has nothing of
 * it (threat A3).
 */
export const serviceAccountDelete =
  ({ change, leases }: HandlerDeps): Handler<'serviceAccount.delete'> =>
  async (permit) => {
    const id = resourceId(permit)
    await change(
      permit,
      async (tx) => {
        const ended = await leases.endAllOf(tx, { principalId: id, reason: permit.input.reason })
        // its tokens go with the row
        await deleteAccount(tx, id)
        return ended
      },
      (ended) => ({ detail: { leasesEnded: ended } }),
    )
    leases.hurry()
    return { id, removed: true }
  }
