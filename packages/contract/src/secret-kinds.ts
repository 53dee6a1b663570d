import { z } from 'zod'
import { UpcloudTargetType } from './secret-outputs.ts'
import { Cidr, SecretText } from './scalars.ts'
import { textOf, wholeNumber, type TextRule } from './text.ts'

export const CertificatePem = textOf({
  what: 'a certificate in PEM',
  charactersMax: 16_384,
  allow: { lineBreaks: true },
  form: (text) => text.startsWith('-----BEGIN CERTIFICATE-----'),
})

/** Names in PostgreSQL have at most 63 bytes (NAMEDATALEN); a longer one would be cut off, and be another's. */
const sqlNameBytesMax = 63
const SqlRoleName = textOf({
  what: `the name of an SQL role, at most ${sqlNameBytesMax} bytes`,
  charactersMax: sqlNameBytesMax,
  form: (text) => new TextEncoder().encode(text).length <= sqlNameBytesMax,
})

/** More rights than that belong into an SQL role of their own. */
const grantsMax = 20
const Grants = z.array(SqlRoleName).min(1).max(grantsMax)
const ConnectionsMax = wholeNumber({ min: 1, max: 100 })
const ServiceAddress = textOf({ what: 'an address such as https://vault.example.org:8200', charactersMax: 300 })

/** Of parts that begin with a letter or digit: none of them leads back up. */
const pathForm = /^[A-Za-z0-9_][A-Za-z0-9_.-]*(?:\/[A-Za-z0-9_][A-Za-z0-9_.-]*)*$/
export const VaultPath = textOf({
  what: 'a path such as creds/shop-read: letters, digits, _, - and . between slashes',
  charactersMax: 200,
  fold: (text) => text.replace(/^\/|\/$/g, ''),
  form: (text) => pathForm.test(text),
})
const vaultRole = { path: VaultPath } as const

const postgresRole = { grants: Grants, connectionsMax: ConnectionsMax.default(5) } as const

const RoleArn = textOf({
  what: 'the ARN of a role of IAM: arn:aws:iam::ACCOUNT:role/NAME',
  charactersMax: 600,
  form: (text) => /^arn:aws[\w-]{0,20}:iam::\d{12}:role\/[\w+=,.@/-]{1,512}$/.test(text),
})
const isObject = (text: string): boolean => {
  try {
    return JSON.parse(text) instanceof Object
  } catch {
    return false
  }
}
/** AWS takes so much of a session policy: https://docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRole.html */
const sessionPolicy: TextRule = {
  what: 'a policy of IAM, in JSON',
  charactersMax: 2048,
  allow: { lineBreaks: true },
  form: isObject,
}
const externalId: TextRule = {
  what: 'an external id: letters, digits and + = , . @ : / -',
  charactersMax: 256,
  form: (text) => /^[\w+=,.@:/-]{2,256}$/.test(text),
}
/** Fifty of a session, less ours; more than some belong into the role itself. */
const sessionTagsMax = 20
/** What AWS takes in keys and values of tags: https://docs.aws.amazon.com/STS/latest/APIReference/API_Tag.html */
const isTagText = (text: string): boolean => /^[\p{L}\p{Z}\p{N}_.:/=+\-@]*$/u.test(text)
/** Every session has it: by it AWS's own log says of which backend a session is. */
const ownTagKey = 'gatehouse-backend'
const TagKey = textOf({
  what: `the key of a tag: letters, digits, blanks and _ . : / = + - @; not aws:… nor ${ownTagKey}`,
  charactersMax: 128,
  form: (text) => isTagText(text) && !/^aws:/i.test(text) && text.toLowerCase() !== ownTagKey,
})
const TagValue = textOf({
  what: 'the value of a tag: letters, digits, blanks and _ . : / = + - @',
  charactersMax: 256,
  form: isTagText,
})
const SessionTags = z
  .array(z.object({ key: TagKey, value: TagValue }).meta({ id: 'SessionTagInput' }))
  .max(sessionTagsMax)
  .refine((tags) => new Set(tags.map(({ key }) => key.toLowerCase())).size === tags.length, {
    error: 'each key once, also in another case',
  })
const awsRole = {
  roleArn: RoleArn,
  /** What of the role's rights a session has; left out: all. */
  policy: textOf(sessionPolicy).optional(),
  externalId: textOf(externalId).optional(),
  tags: SessionTags.optional(),
} as const
/** The same of a role that there is: an empty policy or external id takes it away, as no tags take those. */
const awsRoleChange = {
  ...awsRole,
  policy: textOf({ ...sessionPolicy, orNone: true }).optional(),
  externalId: textOf({ ...externalId, orNone: true }).optional(),
} as const

/** Each is a call of UpCloud's at every issue. */
const permissionsMax = 20
const UpcloudPermissions = z
  .array(
    z
      .object({
        targetType: UpcloudTargetType,
        target: textOf({
          what: 'the UUID or name of a target',
          charactersMax: 128,
          form: (text) => /^[A-Za-z0-9][A-Za-z0-9_.-]*$/.test(text),
        }),
      })
      .meta({ id: 'UpcloudPermissionInput' }),
  )
  .min(1)
  .max(permissionsMax)
const upcloudRole = {
  permissions: UpcloudPermissions,
  /** From where its tokens are let in; left out: from everywhere. */
  addresses: z.array(Cidr).max(20).optional(),
} as const

const Region = textOf({
  what: 'a region of AWS, such as eu-north-1',
  charactersMax: 32,
  form: (text) => /^[a-z0-9-]+$/.test(text),
})
const AccessKeyId = textOf({
  what: 'an access key id: letters, digits and _',
  charactersMax: 128,
  form: (text) => /^\w+$/.test(text),
})
const UpcloudName = textOf({
  what: 'the name of an account of UpCloud',
  charactersMax: 64,
  form: (text) => /^[A-Za-z0-9._@-]+$/.test(text),
})

/** How a backend of each kind is reached. One of them is given. */
export const backendInputs = {
  /** A URL such as postgresql://gatehouse:…@db.example.org/shop, of a login that may make others. */
  postgres: z
    .object({ url: SecretText, authority: CertificatePem.optional() })
    .meta({ id: 'PostgresBackendInput' })
    .optional(),
  /** Of a Vault or OpenBao: a token that may make others, and where the engine is mounted. */
  vault: z
    .object({ address: ServiceAddress, token: SecretText, mount: VaultPath, authority: CertificatePem.optional() })
    .meta({ id: 'VaultBackendInput' })
    .optional(),
  /** Of AWS: a user's key, or none: then who this machine is, by web identity or its own role. */
  aws: z
    .object({
      region: Region,
      accessKeyId: AccessKeyId.optional(),
      secretAccessKey: SecretText.optional(),
      endpoint: ServiceAddress.optional(),
    })
    .meta({ id: 'AwsBackendInput' })
    .optional(),
  /** Of UpCloud: a main account that has the API. */
  upcloud: z
    .object({ username: UpcloudName, password: SecretText, endpoint: ServiceAddress.optional() })
    .meta({ id: 'UpcloudBackendInput' })
    .optional(),
} as const

/** What a role of each kind says, under the kind of its backend. */
export const roleInputs = {
  postgres: z.object(postgresRole).meta({ id: 'PostgresRoleInput' }).optional(),
  /** What is read in a Vault. */
  vault: z.object(vaultRole).meta({ id: 'VaultRoleInput' }).optional(),
  aws: z.object(awsRole).meta({ id: 'AwsRoleInput' }).optional(),
  upcloud: z.object(upcloudRole).meta({ id: 'UpcloudRoleInput' }).optional(),
} as const

/** The same of a role that there is: what is left out stays. */
export const roleChanges = {
  postgres: z
    .object({ grants: Grants.optional(), connectionsMax: ConnectionsMax.optional() })
    .meta({ id: 'PostgresRoleChangeInput' })
    .optional(),
  vault: z.object(vaultRole).partial().meta({ id: 'VaultRoleChangeInput' }).optional(),
  aws: z.object(awsRoleChange).partial().meta({ id: 'AwsRoleChangeInput' }).optional(),
  upcloud: z.object(upcloudRole).partial().meta({ id: 'UpcloudRoleChangeInput' }).optional(),
} as const
