import { z } from 'zod'
import { systemId } from '../entities.ts'
import { operation } from '../operation.ts'
import { Authenticator, MfaMethod, RoleName, Session, Team, TokensGiven, TotpAlgorithm, User, UserStatus, Workspace } from '../outputs.ts'
import { page, type Cursor } from '../page.ts'
import { Id, Label, Name, pageInput, Reason, Reference, SecretText, TotpCode  } from '../scalars.ts'

const onSelf = { principals: ['User'], resource: 'User', id: (_: unknown, caller: { principalId: string }) => caller.principalId } as const
const onUserOrSelf = { principals: ['User'], resource: 'User', id: (input: { user?: string | undefined }, caller: { principalId: string }) => input.user ?? caller.principalId } as const
const onSystem = { principals: ['User'], resource: 'System', id: () => systemId } as const
const created = (item: { createdAt: Date; id: string }): readonly [Cursor['at'], string] => [item.createdAt, item.id]

export const identityOperations = [
  operation({
    name: 'session.list', kind: 'query', summary: 'Live sessions: yours, or another person\'s.',
    input: z.object({ ...pageInput, user: Reference.optional() }), output: page(Session, 'SessionPage'), list: { cursor: created },
    authorize: onUserOrSelf, assurance: 'pw', groups: ['selfActions', 'readActions'], audit: { omit: [] }, refusals: [], command: { aliases: ['auth sessions'], columns: ['id', 'current', 'methods', 'assurance', 'address', 'device', 'lastUsedAt', 'expiresAt'], examples: ['', '--json', '--user ada'] },
  }),
  operation({
    name: 'session.revoke', kind: 'mutation', summary: 'End a session now; its tokens die on every node.',
    input: z.object({ id: Id, reason: Reason }), output: z.object({ id: z.string(), revoked: z.boolean() }).meta({ id: 'SessionRevoked' }),
    authorize: { principals: ['User'], resource: 'Session', id: (input) => input.id }, assurance: 'pw', groups: ['selfActions', 'writeActions'], audit: { omit: [] }, refusals: [], command: { aliases: ['auth revoke'], positional: 'id', examples: ['SESSION --reason "lost laptop"', 'SESSION --reason "lost laptop" --json', 'SESSION --reason "lost laptop" --totp 123456'] },
  }),
  operation({
    name: 'session.revokeOthers', kind: 'mutation', summary: 'End all your sessions but this one.',
    input: z.object({ reason: Reason }), output: z.object({ ended: z.int() }).meta({ id: 'SessionsRevoked' }),
    authorize: onSelf, assurance: 'pw', groups: ['selfActions'], audit: { omit: [] }, refusals: [], command: { examples: ['--reason "clean-up"'] },
  }),
  operation({
    name: 'password.change', kind: 'mutation', summary: 'Change your password; other sessions end, and you get new tokens.',
    input: z.object({ currentPassword: SecretText, newPassword: SecretText }), output: TokensGiven,
    authorize: onSelf, assurance: 'pw', groups: ['selfActions'], audit: { omit: [] }, refusals: ['invalid-credentials'], firstSteps: 'password', command: { examples: ['--password-stdin < passwords.txt'] },
  }),
  operation({
    name: 'totp.enroll', kind: 'mutation', summary: 'Start enrolling a TOTP authenticator: its secret, once.',
    input: z.object({ name: Label.default('authenticator app'), algorithm: TotpAlgorithm.default('SHA1'), digits: z.union([z.literal(6), z.literal(8)]).default(6) }), output: z.object({ id: z.string(), secret: SecretText, otpauthUri: SecretText }).meta({ id: 'TotpEnrolment' }),
    authorize: onSelf, assurance: 'pw', groups: ['selfActions'], audit: { omit: [] }, refusals: [], firstSteps: 'enrolment', command: { positional: 'name', examples: ['phone'] },
  }),
  operation({
    name: 'totp.confirm', kind: 'mutation', summary: 'Finish enrolling by a code; the code is spent and the session is raised.',
    input: z.object({ id: Id, code: TotpCode }), output: Authenticator,
    authorize: { principals: ['User'], resource: 'Authenticator', id: (input) => input.id }, assurance: 'pw', groups: ['selfActions'], audit: { omit: [] }, refusals: ['invalid-credentials'], firstSteps: 'enrolment', command: { aliases: ['mfa totp confirm'], positional: 'id', flags: { code: 'totp' }, examples: ['ENROLMENT --totp 123456'] },
  }),
  operation({
    name: 'mfa.status', kind: 'query', summary: 'Whether MFA is enrolled and demanded, and by which methods.',
    input: z.object({ user: Reference.optional() }), output: z.object({ enrolled: z.boolean(), required: z.boolean(), methods: z.array(MfaMethod), authenticators: z.int() }).meta({ id: 'MfaStatus' }),
    authorize: onUserOrSelf, assurance: 'pw', groups: ['selfActions', 'readActions'], audit: { omit: [] }, refusals: [], firstSteps: 'enrolment', command: { examples: ['', '--user ada'] },
  }),
  operation({
    name: 'authenticator.list', kind: 'query', summary: 'Authenticators: yours, or another person\'s.',
    input: z.object({ ...pageInput, user: Reference.optional() }), output: page(Authenticator, 'AuthenticatorPage'), list: { cursor: created },
    authorize: onUserOrSelf, assurance: 'pw', groups: ['selfActions', 'readActions'], audit: { omit: [] }, refusals: [], firstSteps: 'enrolment', command: { aliases: ['mfa list-devices', 'mfa webauthn list'], columns: ['id', 'kind', 'name', 'confirmed', 'createdAt', 'lastUsedAt'], examples: ['', '--user ada'] },
  }),
  operation({
    name: 'user.create', kind: 'mutation', summary: 'Create a person with a role and a one-time password, shown once.',
    input: z.object({ username: z.string().min(1).max(64), displayName: Label.optional(), email: z.email().max(254).optional(), role: RoleName, teams: z.array(Reference).max(20).default([]) }),
    output: z.object({ ...User.shape, oneTimePassword: SecretText }).meta({ id: 'CreatedUser' }),
    authorize: onSystem, assurance: 'su', groups: ['writeActions', 'sensitiveActions'], audit: { omit: [], personal: ['username', 'displayName', 'email'] }, refusals: [], command: { positional: 'username', examples: ['ada --role Operator --teams sre'] },
  }),
  operation({
    name: 'user.list', kind: 'query', summary: 'People of this Gatehouse.',
    input: z.object({ ...pageInput, role: RoleName.optional(), status: UserStatus.optional(), team: Reference.optional() }), output: page(User, 'UserPage'), list: { cursor: created },
    authorize: onSystem, assurance: 'pw', groups: ['readActions'], audit: { omit: [] }, refusals: [], command: { columns: ['username', 'roles', 'teams', 'status', 'invitation', 'hasAuthenticator', 'lastLoginAt', 'id'], examples: ['', '--role Operator', '--json'] },
  }),
  operation({
    name: 'user.get', kind: 'query', summary: 'One person.',
    input: z.object({ id: Reference }), output: User,
    authorize: { principals: ['User'], resource: 'User', id: (input) => input.id }, assurance: 'pw', groups: ['readActions'], audit: { omit: [] }, refusals: [], command: { positional: 'id', examples: ['ada'] },
  }),
  operation({
    name: 'team.create', kind: 'mutation', summary: 'Create a team.',
    input: z.object({ name: Name, description: z.string().max(200).default('') }), output: Team,
    authorize: onSystem, assurance: 'mfa', groups: ['writeActions'], audit: { omit: [] }, refusals: [], command: { positional: 'name', examples: ['sre --description "site reliability"'] },
  }),
  operation({
    name: 'team.list', kind: 'query', summary: 'Teams and who is in them.',
    input: z.object({ ...pageInput }), output: page(Team, 'TeamPage'), list: { cursor: created },
    authorize: onSystem, assurance: 'pw', groups: ['readActions'], audit: { omit: [] }, refusals: [], command: { columns: ['name', 'description', 'members', 'id'], examples: ['', '--json'] },
  }),
  operation({
    name: 'team.get', kind: 'query', summary: 'One team.',
    input: z.object({ id: Reference }), output: Team,
    authorize: { principals: ['User'], resource: 'Team', id: (input) => input.id }, assurance: 'pw', groups: ['readActions'], audit: { omit: [] }, refusals: [], command: { positional: 'id', examples: ['sre'] },
  }),
  operation({
    name: 'team.addMember', kind: 'mutation', summary: 'Put a person into a team.',
    input: z.object({ id: Reference, user: Reference }), output: Team,
    authorize: { principals: ['User'], resource: 'Team', id: (input) => input.id }, assurance: 'su', groups: ['writeActions', 'sensitiveActions'], audit: { omit: [] }, refusals: [], command: { positional: 'id', examples: ['sre --user ada'] },
  }),
  operation({
    name: 'workspace.list', kind: 'query', summary: 'Workspaces that you may see.',
    input: z.object({ ...pageInput }), output: page(Workspace, 'WorkspacePage'), list: { cursor: created },
    authorize: { principals: ['User'], resource: 'Workspace' }, assurance: 'pw', groups: ['readActions'], audit: { omit: [] }, refusals: [], command: { columns: ['name', 'tier', 'timeZone', 'teams', 'id'], examples: ['', '--json'] },
  }),
  operation({
    name: 'workspace.get', kind: 'query', summary: 'One workspace.',
    input: z.object({ id: Reference }), output: Workspace,
    authorize: { principals: ['User'], resource: 'Workspace', id: (input) => input.id }, assurance: 'pw', groups: ['readActions'], audit: { omit: [] }, refusals: [], command: { positional: 'id', examples: ['default'] },
  }),
] as const
