import { pageOf, type Output } from '@gatehouse/contract'
import type { Handler } from '@gatehouse/enforcement'
import type { HandlerDeps } from '../deps.ts'
import { resourceId, uuidCursor } from '../identifiers.ts'
import { selectAuthenticators, type AuthenticatorRow } from './authenticator.queries.ts'
import { enrolmentSeconds } from './totp-enroll.ts'

/** Lists a person's authenticators, newest first, those that wait for their first code among them. */
export const authenticatorList = ({ db, clock }: HandlerDeps): Handler<'authenticator.list'> => async (permit) => {
  const { first, after } = permit.input
  const notBefore = new Date(clock.now().getTime() - enrolmentSeconds * 1000)
  const rows = await selectAuthenticators(db, { userId: resourceId(permit), notBefore, first, after: uuidCursor(after) })
  return pageOf(rows.map(describeAuthenticator), first, (item) => [item.createdAt, item.id])
}

/** An authenticator as it leaves: never its secret. */
export const describeAuthenticator = (row: AuthenticatorRow): Output<'totp.confirm'> => ({
  id: row.id, kind: row.kind, name: row.name, confirmed: row.confirmed_at !== null, createdAt: row.created_at, lastUsedAt: row.last_used_at, webauthn: null,
})
