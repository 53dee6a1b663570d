import type { Handler } from '@gatehouse/enforcement'
import type { HandlerDeps } from '../deps.ts'
import { countBackupCodes } from '../backup-code/backup-code.queries.ts'
import { resourceId } from '../identifiers.ts'
import { selectGrants } from '../session/session.queries.ts'
import { selectConfirmedTotp } from './authenticator.queries.ts'

/** Says whether a person has enrolled, and whether the role demands it. */
export const mfaStatus = ({ db, settings }: HandlerDeps): Handler<'mfa.status'> => async (permit) => {
  const userId = resourceId(permit)
  const { requiredRoles } = await settings.current()
  const { roles } = await selectGrants(db, userId)
  const enrolled = await selectConfirmedTotp(db, userId)
  const { left } = await countBackupCodes(db, userId)
  return {
    enrolled: enrolled.length > 0, required: roles.some((role) => requiredRoles.includes(role)),
    methods: [...(enrolled.length > 0 ? ['totp' as const] : []), ...(left > 0 ? ['backupCode' as const] : [])], authenticators: enrolled.length,
  }
}
