import { z } from 'zod'
import { RoleName, User } from './outputs.ts'
import { ImportedUserName, TeamReference } from './names.ts'
import { Email, Instant, Label, SecretText } from './scalars.ts'

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
