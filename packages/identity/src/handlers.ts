import type { HandlersOf } from '@gatehouse/enforcement'
import { apiTokenHandlers } from './api-token/api-token-handlers.ts'
import { approvalHandlers } from './approval/approval-handlers.ts'
import { completeMfa } from './auth/complete-mfa.ts'
import { login } from './auth/login.ts'
import { logout } from './auth/logout.ts'
import { refresh } from './auth/refresh.ts'
import { stepUpBegin, stepUpComplete } from './auth/step-up.ts'
import { verify } from './auth/verify.ts'
import { whoami } from './auth/whoami.ts'
import { backupCodeStatus } from './backup-code/backup-code-read.ts'
import { backupCodeConfirm, backupCodeRegenerate } from './backup-code/backup-code-write.ts'
import { shareDeps, type IdentityDeps } from './deps.ts'
import { deviceHandlers } from './device/device-handlers.ts'
import { inviteHandlers } from './invite/invite-handlers.ts'
import { passwordChange } from './password/password-change.ts'
import { roleAssign, roleList, roleRemove } from './role/roles.ts'
import { sessionList } from './session/session-list.ts'
import { sessionRevoke, sessionRevokeOthers } from './session/session-revoke.ts'
import { revocationPrune, revocationStats } from './revocation/revocation.ts'
import { settingsHandlers } from './settings/settings-handlers.ts'
import { signingKeyAdvance, signingKeyList, signingKeyRotate } from './signing/signing-key-handlers.ts'
import { teamGet, teamList } from './team/team-read.ts'
import { teamRemove, teamRemoveMember, teamUpdate } from './team/team-change.ts'
import { teamAddMember, teamCreate } from './team/team-write.ts'
import { authenticatorList } from './totp/authenticator-list.ts'
import { authenticatorRemove, authenticatorRename, totpRemove } from './totp/authenticator-write.ts'
import { mfaDisable } from './totp/mfa-disable.ts'
import { mfaStatus } from './totp/mfa-status.ts'
import { mfaVerify } from './totp/mfa-verify.ts'
import { totpConfirm } from './totp/totp-confirm.ts'
import { totpEnroll } from './totp/totp-enroll.ts'
import { userDisable, userEnable, userResetPassword, userUnlock } from './user/user-standing.ts'
import { userDelete, userUpdate } from './user/user-change.ts'
import { userCreate } from './user/user-create.ts'
import { userGet, userList } from './user/user-read.ts'
import { webauthnHandlers } from './webauthn/webauthn-handlers.ts'
import { workspaceGet, workspaceList } from './workspace/workspace-read.ts'

/** The nouns whose operations this package answers. */
export type IdentityNoun =
  | 'auth'
  | 'session'
  | 'password'
  | 'user'
  | 'role'
  | 'team'
  | 'workspace'
  | 'totp'
  | 'mfa'
  | 'authenticator'
  | 'backupCode'
  | 'signingKey'
  | 'revocation'
  | 'webauthn'
  | 'serviceAccount'
  | 'apiToken'
  | 'approval'
  | 'settings'
  | 'notification'

/**
 * Binds every identity operation to its handler. Call once per process: gates and throttle are shared by all of them.
 */
export function identityHandlers(given: IdentityDeps): HandlersOf<IdentityNoun> {
  const deps = shareDeps(given)
  return {
    'auth.login': login(deps),
    'auth.completeMfa': completeMfa(deps),
    'auth.refresh': refresh(deps),
    'auth.logout': logout(deps),
    'auth.verify': verify(deps),
    'auth.whoami': whoami(deps),
    'auth.stepUpBegin': stepUpBegin(deps),
    'auth.stepUpComplete': stepUpComplete(deps),
    'session.list': sessionList(deps),
    'session.revoke': sessionRevoke(deps),
    'session.revokeOthers': sessionRevokeOthers(deps),
    'password.change': passwordChange(deps),
    'totp.enroll': totpEnroll(deps),
    'totp.confirm': totpConfirm(deps),
    'mfa.status': mfaStatus(deps),
    'authenticator.list': authenticatorList(deps),
    'authenticator.rename': authenticatorRename(deps),
    'authenticator.remove': authenticatorRemove(deps),
    'totp.remove': totpRemove(deps),
    'mfa.verify': mfaVerify(deps),
    'mfa.disable': mfaDisable(deps),
    'backupCode.status': backupCodeStatus(deps),
    'backupCode.regenerate': backupCodeRegenerate(deps),
    'backupCode.confirm': backupCodeConfirm(deps),
    'user.create': userCreate(deps),
    'user.list': userList(deps),
    'user.get': userGet(deps),
    'user.disable': userDisable(deps),
    'user.enable': userEnable(deps),
    'user.unlock': userUnlock(deps),
    'user.resetPassword': userResetPassword(deps),
    'user.update': userUpdate(deps),
    'user.delete': userDelete(deps),
    'role.list': roleList(deps),
    'role.assign': roleAssign(deps),
    'role.remove': roleRemove(deps),
    'signingKey.list': signingKeyList(deps),
    'signingKey.rotate': signingKeyRotate(deps),
    'signingKey.advance': signingKeyAdvance(deps),
    'revocation.stats': revocationStats(deps),
    'revocation.prune': revocationPrune(deps),
    'team.create': teamCreate(deps),
    'team.list': teamList(deps),
    'team.get': teamGet(deps),
    'team.addMember': teamAddMember(deps),
    'team.update': teamUpdate(deps),
    'team.remove': teamRemove(deps),
    'team.removeMember': teamRemoveMember(deps),
    'workspace.list': workspaceList(deps),
    'workspace.get': workspaceGet(deps),
    ...webauthnHandlers(deps),
    ...apiTokenHandlers(deps),
    ...deviceHandlers(deps),
    ...inviteHandlers(deps),
    ...approvalHandlers(deps),
    ...settingsHandlers(deps),
  }
}
