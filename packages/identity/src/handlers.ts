import type { HandlersOf } from '@gatehouse/enforcement'
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
import { passwordChange } from './password/password-change.ts'
import { sessionList } from './session/session-list.ts'
import { sessionRevoke, sessionRevokeOthers } from './session/session-revoke.ts'
import { teamGet, teamList } from './team/team-read.ts'
import { teamAddMember, teamCreate } from './team/team-write.ts'
import { authenticatorList } from './totp/authenticator-list.ts'
import { mfaStatus } from './totp/mfa-status.ts'
import { totpConfirm } from './totp/totp-confirm.ts'
import { totpEnroll } from './totp/totp-enroll.ts'
import { userCreate } from './user/user-create.ts'
import { userGet, userList } from './user/user-read.ts'
import { workspaceGet, workspaceList } from './workspace/workspace-read.ts'

/** The nouns whose operations this package answers. */
export type IdentityNoun = 'auth' | 'session' | 'password' | 'user' | 'team' | 'workspace' | 'totp' | 'mfa' | 'authenticator' | 'backupCode'

/** Binds every identity operation to its handler. Call once per process: gates and throttle are shared by all of them. */
export function identityHandlers(given: IdentityDeps): HandlersOf<IdentityNoun> {
  const deps = shareDeps(given)
  return {
    'auth.login': login(deps), 'auth.completeMfa': completeMfa(deps), 'auth.refresh': refresh(deps), 'auth.logout': logout(deps), 'auth.verify': verify(deps),
    'auth.whoami': whoami(deps), 'auth.stepUpBegin': stepUpBegin(deps), 'auth.stepUpComplete': stepUpComplete(deps),
    'session.list': sessionList(deps), 'session.revoke': sessionRevoke(deps), 'session.revokeOthers': sessionRevokeOthers(deps),
    'password.change': passwordChange(deps),
    'totp.enroll': totpEnroll(deps), 'totp.confirm': totpConfirm(deps), 'mfa.status': mfaStatus(deps), 'authenticator.list': authenticatorList(deps),
    'backupCode.status': backupCodeStatus(deps), 'backupCode.regenerate': backupCodeRegenerate(deps), 'backupCode.confirm': backupCodeConfirm(deps),
    'user.create': userCreate(deps), 'user.list': userList(deps), 'user.get': userGet(deps),
    'team.create': teamCreate(deps), 'team.list': teamList(deps), 'team.get': teamGet(deps), 'team.addMember': teamAddMember(deps),
    'workspace.list': workspaceList(deps), 'workspace.get': workspaceGet(deps),
  }
}
