import { pageOf, type Output } from '@gatehouse/contract'
import type { Handler } from '@gatehouse/enforcement'
import type { HandlerDeps } from '../../shared/deps.ts'
import { resourceId, uuidCursor } from '../../shared/identifiers.ts'
import { selectCredentials, type CredentialRow } from '../webauthn/credential.queries.ts'
import { modelOf } from '../webauthn/model-names.ts'
import { selectAuthenticators, type AuthenticatorRow } from './authenticator.queries.ts'
import { enrolmentSeconds } from './totp-enroll.ts'

/** Lists a person's authenticators, newest first, those that wait for their first code among them. */
export const authenticatorList =
  ({ db, clock }: HandlerDeps): Handler<'authenticator.list'> =>
  async (permit) => {
    const { first, after } = permit.input
    const userId = resourceId(permit)
    const notBefore = new Date(clock.now().getTime() - enrolmentSeconds * 1000)
    const rows = await selectAuthenticators(db, { userId, notBefore, first, after: uuidCursor(after) })
    const credentials = new Map(
      (await selectCredentials(db, userId)).map((credential) => [credential.authenticator_id, credential]),
    )
    return pageOf(
      rows.map((row) => describeAuthenticator(row, credentials.get(row.id) ?? null)),
      first,
      (item) => [item.createdAt, item.id],
    )
  }

/** An authenticator as it leaves: never its secret. */
export const describeAuthenticator = (
  row: AuthenticatorRow,
  credential: CredentialRow | null,
): Output<'totp.confirm'> => ({
  id: row.id,
  kind: row.kind,
  name: row.name,
  confirmed: row.confirmed_at !== null,
  createdAt: row.created_at,
  lastUsedAt: row.last_used_at,
  webauthn: credential === null ? null : describeCredential(credential),
})

const describeCredential = (row: CredentialRow): NonNullable<Output<'totp.confirm'>['webauthn']> => ({
  passkey: row.passkey,
  backupEligible: row.backup_eligible,
  backedUp: row.backed_up,
  userVerified: row.user_verified,
  aaguid: row.aaguid,
  model: modelOf(row.aaguid),
  ...(row.suspect_at === null ? {} : { disabledAt: row.suspect_at }),
  ...(row.backup_changed_at === null ? {} : { backupChangedAt: row.backup_changed_at }),
})
