import { apiTokenSortKeys, decodePosition, invalidField, Refusal, sortedPageOf } from '@gatehouse/contract'
import type { Handler } from '@gatehouse/enforcement'
import type { HandlerDeps } from '../../shared/deps.ts'
import { resourceId } from '../../shared/identifiers.ts'
import { findAccount } from '../service-account/service-account.queries.ts'
import { describeToken, selectToken, selectTokens } from './api-token.queries.ts'

/** Tokens of one owner, newest first: the caller's own unless a person or a program is named. */
export const apiTokenList =
  ({ db, clock }: HandlerDeps): Handler<'apiToken.list'> =>
  async (permit) => {
    const { first, after, user, serviceAccount, state, search, sort = 'newest' } = permit.input
    if (user !== undefined && serviceAccount !== undefined)
      throw invalidField('serviceAccount', 'a person or a program, not both')
    const now = clock.now()
    const owner =
      serviceAccount === undefined
        ? { userId: resourceId(permit) }
        : { accountId: await requireAccountId({ db, reference: serviceAccount }) }
    const rows = await selectTokens(db, {
      owner,
      state: state ?? null,
      now,
      first,
      after: decodePosition(after, sort),
      sort,
      search,
    })
    return sortedPageOf(
      rows.map((row) => describeToken(row, now)),
      first,
      { sort, keys: apiTokenSortKeys },
    )
  }

async function requireAccountId({
  db,
  reference,
}: Pick<HandlerDeps, 'db'> & { readonly reference: string }): Promise<string> {
  const account = await findAccount(db, reference)
  if (account === null) throw invalidField('serviceAccount', `an account that exists; there is no \`${reference}\``)
  return account.id
}

/** One token, never its secret. */
export const apiTokenGet =
  ({ db, clock }: HandlerDeps): Handler<'apiToken.get'> =>
  async (permit) => {
    const row = await selectToken(db, resourceId(permit))
    if (row === null) throw new Refusal('not-found')
    return describeToken(row, clock.now())
  }
