import { z } from 'zod'
import { roles } from './entities.ts'
import { ImportedUserName, TeamReference } from './names.ts'
import { Email, Instant, Label, SecretText } from './scalars.ts'

/** An opaque id as it leaves. */
const id = z.string()

export const RoleName = z.enum(roles).meta({ id: 'RoleName' })

export const UserStatus = z.enum(['active', 'disabled']).meta({ id: 'UserStatus' })
/**
 * Where the link of somebody is who has not come in yet: shown to the inviter, waiting to be mailed, tried and to be
 * tried again, mailed, never taken by the mail
 * server, or gone.
 */
export const InvitationState = z
  .enum(['shown', 'waiting', 'delayed', 'mailed', 'refused', 'none'])
  .meta({ id: 'InvitationState' })
/** `invitation` is null for who has a password. */
export const User = z
  .object({
    id,
    username: z.string(),
    displayName: z.string(),
    email: z.string().nullable(),
    status: UserStatus,
    /** By a lock of their own, or of a role of theirs: nothing that they call is answered. */
    locked: z.boolean(),
    roles: z.array(RoleName),
    teams: z.array(z.string()),
    hasAuthenticator: z.boolean(),
    invitation: InvitationState.nullable(),
    invitationExpiresAt: Instant.nullable(),
    createdAt: Instant,
    lastLoginAt: Instant.nullable(),
  })
  .meta({ id: 'User' })

export const TeamMember = z.object({ id, username: z.string() }).meta({ id: 'TeamMember' })
export const Team = z
  .object({ id, name: z.string(), description: z.string(), members: z.array(TeamMember), createdAt: Instant })
  .meta({ id: 'Team' })

/** A role, what it is for, and who has it: the first hundred by name, and how many there are. */
export const RoleFacts = z
  .object({ name: RoleName, description: z.string(), holders: z.array(z.string()), holderCount: z.int() })
  .meta({ id: 'Role' })

/** An invited person. `invitationUrl` is shown once, and only where it could not be sent. */
export const Invitation = z
  .object({ ...User.shape, invitationUrl: SecretText.nullable(), sentTo: z.string().nullable(), expiresAt: Instant })
  .meta({ id: 'Invitation' })

/** One request is one transaction: more than this is several. */
export const importedUsersMax = 200

/** A person of another system. The hash is in PHC or modular crypt form: `$argon2id$…`, `$2b$…`, `$scrypt$…`. */
export const ImportedUser = z
  .object({
    username: ImportedUserName,
    displayName: Label.optional(),
    email: Email.optional(),
    role: RoleName,
    teams: z.array(TeamReference).max(20).default([]),
    passwordHash: SecretText,
  })
  .meta({ id: 'ImportedUser' })
export const UsersImported = z.object({ imported: z.int(), users: z.array(User) }).meta({ id: 'UsersImported' })
