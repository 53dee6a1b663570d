import { pageOf } from '@gatehouse/contract'
import type { Handler } from '@gatehouse/enforcement'
import type { HandlerDeps } from '../../shared/deps.ts'
import { resourceId, uuidCursor } from '../../shared/identifiers.ts'
import { describeAccount, requireAccount, selectAccounts } from './service-account.queries.ts'

/** Lists programs, newest first. */
export const serviceAccountList =
  ({ db, clock }: HandlerDeps): Handler<'serviceAccount.list'> =>
  async (permit) => {
    const { first, after, status } = permit.input
    const rows = await selectAccounts(db, { first, after: uuidCursor(after), status: status ?? null, now: clock.now() })
    return pageOf(rows.map(describeAccount), first, (account) => [account.createdAt, account.id])
  }

/** One program. */
export const serviceAccountGet =
  ({ db, clock }: HandlerDeps): Handler<'serviceAccount.get'> =>
  async (permit) =>
    describeAccount(await requireAccount(db, { id: resourceId(permit), now: clock.now() }))
