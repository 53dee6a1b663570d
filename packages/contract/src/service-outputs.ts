import { z } from 'zod'
import { UserStatus } from './people-outputs.ts'
import { Instant, SecretText } from './scalars.ts'

const id = z.string()

/** A program with an account. What it may do is the policies' to say, by its teams and its token's scopes. */
export const ServiceAccount = z
  .object({
    id,
    name: z.string(),
    description: z.string(),
    teams: z.array(z.string()),
    status: UserStatus,
    tokens: z.int(),
    createdAt: Instant,
  })
  .meta({ id: 'ServiceAccount' })

export const ApiTokenOwner = z.enum(['User', 'Service']).meta({ id: 'ApiTokenOwner' })
export const ApiTokenState = z.enum(['active', 'revoked', 'expired']).meta({ id: 'ApiTokenState' })
const apiTokenFields = {
  id,
  name: z.string(),
  ownerType: ApiTokenOwner,
  owner: id,
  ownerName: z.string(),
  purpose: z.string(),
  /** The first characters, by which a person knows it again. */
  hint: z.string(),
  scopes: z.array(z.string()),
  sourceAddresses: z.array(z.string()),
  bound: z.boolean(),
  state: ApiTokenState,
  createdAt: Instant,
  expiresAt: Instant,
  lastUsedAt: Instant.nullable(),
  lastUsedAddress: z.string().nullable(),
  endedAt: Instant.nullable(),
  reason: z.string().nullable(),
} as const
/** An API token; the token itself is shown once, when it is made. */
export const ApiToken = z.object(apiTokenFields).meta({ id: 'ApiToken' })
export const CreatedApiToken = z.object({ ...apiTokenFields, token: SecretText }).meta({ id: 'CreatedApiToken' })
