import type { HandlersOf } from '@gatehouse/enforcement'
import { apiTokenHandlers } from './programs/api-token/api-token-handlers.ts'
import { approvalHandlers } from './approvals/approval-handlers.ts'
import { completeMfa } from './login/complete-mfa.ts'
import { login } from './login/login.ts'
import { logout } from './login/logout.ts'
import { refresh } from './login/refresh.ts'
import { stepUpBegin, stepUpComplete } from './login/step-up.ts'
import { passkeyBegin, passkeyComplete } from './login/passkey.ts'
import { verify } from './login/verify.ts'
import { whoami } from './login/whoami.ts'
import { backupCodeStatus } from './proof/backup-code/backup-code-read.ts'
import { backupCodeConfirm, backupCodeRegenerate } from './proof/backup-code/backup-code-write.ts'
import { shareDeps } from './share-deps.ts'
import type { IdentityDeps } from './shared/deps.ts'
import { lockHandlers } from './people/lock/lock-handlers.ts'
import { deviceHandlers } from './login/device/device-handlers.ts'
import { inviteHandlers } from './people/invite/invite-handlers.ts'
import { passwordChange } from './proof/password/password-change.ts'
import { roleAssign, roleList, roleRemove } from './people/role/roles.ts'
import { sessionList } from './session/session-list.ts'
import { sessionRevoke, sessionRevokeOthers } from './session/session-revoke.ts'
import { revocationPrune, revocationStats } from './upkeep/revocation.ts'
import { settingsHandlers } from './people/settings/settings-handlers.ts'
import { signingKeyAdvance, signingKeyList, signingKeyRotate } from './upkeep/signing-key-handlers.ts'
import { teamGet, teamList } from './people/team/team-read.ts'
import { teamRemove, teamRemoveMember, teamUpdate } from './people/team/team-change.ts'
import { teamAddMember, teamCreate } from './people/team/team-write.ts'
import { authenticatorList } from './proof/totp/authenticator-list.ts'
import { authenticatorRemove, authenticatorRename, totpRemove } from './proof/totp/authenticator-write.ts'
import { mfaDisable } from './proof/totp/mfa-disable.ts'
import { mfaStatus } from './proof/totp/mfa-status.ts'
import { mfaVerify } from './proof/totp/mfa-verify.ts'
import { totpConfirm } from './proof/totp/totp-confirm.ts'
import { totpEnroll } from './proof/totp/totp-enroll.ts'
import { userDisable, userEnable, userResetPassword, userUnlock } from './people/user/user-standing.ts'
import { userDelete, userUpdate } from './people/user/user-change.ts'
import { mfaReset } from './people/user/mfa-reset.ts'
import { userCreate } from './people/user/user-create.ts'
import { userGet, userList } from './people/user/user-read.ts'
import { webauthnHandlers } from './proof/webauthn/webauthn-handlers.ts'
import { workspaceHandlers } from './people/workspace/workspace-handlers.ts'

/** The nouns whose operations this package answers. */
export type IdentityNoun =
  | 'auth'
  | 'session'
  | 'password'
  | 'user'
  | 'role'
  | 'team'
  | 'workspace'
  | 'environment'
  | 'calendar'
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
  | 'lock'

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
    'auth.passkeyBegin': passkeyBegin(deps),
    'auth.passkeyComplete': passkeyComplete(deps),
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
    'mfa.reset': mfaReset(deps),
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
    ...workspaceHandlers(deps),
    ...webauthnHandlers(deps),
    ...apiTokenHandlers(deps),
    ...deviceHandlers(deps),
    ...inviteHandlers(deps),
    ...approvalHandlers(deps),
    ...settingsHandlers(deps),
    ...lockHandlers(deps),
  }
}
