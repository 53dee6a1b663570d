import { z } from 'zod'
import { systemId } from '../entities.ts'
import { operation } from '../operation.ts'
import { RoleName, Team, User } from '../outputs.ts'
import { ImportedUser, importedUsersMax, Invitation, RoleFacts, UsersImported } from '../people-outputs.ts'
import { Label, Name, Reason, Reference, SecretText  } from '../scalars.ts'

const onUser = { principals: ['User'], resource: 'User', id: (input: { id: string }) => input.id } as const
const onNamedUser = { principals: ['User'], resource: 'User', id: (input: { user: string }) => input.user } as const
const onTeam = { principals: ['User'], resource: 'Team', id: (input: { id: string }) => input.id } as const
const removed = z.object({ id: z.string(), removed: z.boolean() })
const onOther = { authorize: onUser, assurance: 'su', groups: ['writeActions', 'sensitiveActions'], audit: { omit: [] }, refusals: [] } as const

/** What is done to people by those who administer them. */
export const peopleOperations = [
  operation({
    name: 'user.disable', kind: 'mutation', summary: 'Shut a person out: sessions, tokens and credentials end now, on every node.',
    input: z.object({ id: Reference, reason: Reason }), output: User,
    ...onOther, command: { positional: 'id', examples: ['ada --reason "left the company"'] },
  }),
  operation({
    name: 'user.enable', kind: 'mutation', summary: 'Let a disabled person log in again; what had ended stays ended.',
    input: z.object({ id: Reference }), output: User,
    ...onOther, command: { positional: 'id', examples: ['ada'] },
  }),
  operation({
    name: 'user.unlock', kind: 'mutation', summary: 'Forget a person\'s failed guesses of password and codes.',
    input: z.object({ id: Reference }), output: User,
    ...onOther, command: { positional: 'id', examples: ['ada'] },
  }),
  operation({
    name: 'user.resetPassword', kind: 'mutation', summary: 'Give a person a one-time password, shown once; his sessions end.',
    input: z.object({ id: Reference }), output: z.object({ ...User.shape, oneTimePassword: SecretText }).meta({ id: 'PasswordReset' }),
    ...onOther, command: { positional: 'id', examples: ['ada'] },
  }),
  operation({
    name: 'user.update', kind: 'mutation', summary: 'Change a person\'s display name or address.',
    input: z.object({ id: Reference, displayName: Label.optional(), email: z.union([z.literal(''), z.email().max(254)]).optional() }), output: User,
    authorize: onUser, assurance: 'mfa', groups: ['writeActions'], audit: { omit: [], personal: ['displayName', 'email'] }, refusals: [], command: { positional: 'id', examples: ['ada --display-name "Ada Lovelace" --email ada@example.org', 'ada --email ""'] },
  }),
  operation({
    name: 'user.delete', kind: 'mutation', summary: 'Delete a person with all he is logged in with; the record of what he did stays.',
    input: z.object({ id: Reference, reason: Reason }), output: removed.meta({ id: 'UserDeleted' }),
    ...onOther, command: { positional: 'id', examples: ['ada --reason "left the company" --yes'] },
  }),
  operation({
    name: 'role.list', kind: 'query', summary: 'The five roles, what they are for and who has them.',
    input: z.object({}), output: z.object({ roles: z.array(RoleFacts) }).meta({ id: 'RoleList' }),
    authorize: { principals: ['User'], resource: 'System', id: () => systemId }, assurance: 'pw', groups: ['readActions'], audit: { omit: [] }, refusals: [], command: { examples: ['', '--json'] },
  }),
  operation({
    name: 'role.assign', kind: 'mutation', summary: 'Give a person a role.',
    input: z.object({ user: Reference, role: RoleName }), output: User,
    ...onOther, authorize: onNamedUser, command: { positional: 'user', examples: ['ada --role Operator'] },
  }),
  operation({
    name: 'role.remove', kind: 'mutation', summary: 'Take a role from a person; his sessions end now, on every node.',
    input: z.object({ user: Reference, role: RoleName }), output: User,
    ...onOther, authorize: onNamedUser, command: { positional: 'user', examples: ['ada --role Operator --yes'] },
  }),
  operation({
    name: 'team.update', kind: 'mutation', summary: 'Change a team\'s name or description.',
    input: z.object({ id: Reference, name: Name.optional(), description: z.string().max(200).optional() }), output: Team,
    authorize: onTeam, assurance: 'mfa', groups: ['writeActions'], audit: { omit: [] }, refusals: [], command: { positional: 'id', examples: ['sre --description "site reliability"'] },
  }),
  operation({
    name: 'team.remove', kind: 'mutation', summary: 'Remove a team; its members stay, what they saw by it they see no more.',
    input: z.object({ id: Reference }), output: removed.meta({ id: 'TeamRemoved' }),
    authorize: onTeam, assurance: 'su', groups: ['writeActions', 'sensitiveActions'], audit: { omit: [] }, refusals: [], command: { positional: 'id', examples: ['sre --yes'] },
  }),
  operation({
    name: 'team.removeMember', kind: 'mutation', summary: 'Take a person out of a team.',
    input: z.object({ id: Reference, user: Reference }), output: Team,
    authorize: onTeam, assurance: 'su', groups: ['writeActions', 'sensitiveActions'], audit: { omit: [] }, refusals: [], command: { positional: 'id', examples: ['sre --user ada --yes'] },
  }),
  operation({
    name: 'user.invite', kind: 'mutation', summary: 'Invite a person: a link that sets a password once, by mail, or shown to you where no mail is set up.',
    input: z.object({ username: z.string().min(1).max(64), displayName: Label.optional(), email: z.email().max(254).optional(), role: RoleName, teams: z.array(Reference).max(20).default([]) }),
    output: Invitation,
    authorize: { principals: ['User'], resource: 'System', id: () => systemId }, assurance: 'su', groups: ['writeActions', 'sensitiveActions'], audit: { omit: [], personal: ['username', 'displayName', 'email'] }, refusals: [],
    command: { quiet: 'invitationUrl', positional: 'username', examples: ['ada --role Operator --teams sre --email ada@example.org', 'ada --role Viewer --quiet', 'ada --role Viewer --totp 123456 --json'] },
  }),
  operation({
    name: 'user.import', kind: 'mutation', summary: 'Bring people in with the password hashes they have: argon2id, bcrypt or scrypt; all or none.',
    input: z.object({ users: z.array(ImportedUser).min(1).max(importedUsersMax) }), output: UsersImported,
    authorize: { principals: ['User'], resource: 'System', id: () => systemId }, assurance: 'su', groups: ['writeActions', 'sensitiveActions'], audit: { omit: ['users'] }, refusals: [], command: { hidden: true },
  }),
] as const
