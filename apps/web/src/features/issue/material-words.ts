import type { Wire } from '@gatehouse/contract'
import { leaseVariables } from '@gatehouse/kit'

type Issued = Wire<'lease.issue'>
type Material = Issued['material']

/** The file that the certificate of a server's authority is saved in. */
export const authorityFile = 'authority.pem'

/** A value that a shell reads as it is. */
const quoted = (value: string): string => `'${value.replaceAll("'", String.raw`'\''`)}'`

/** A credential as lines for a shell: what clients of its kind read of their environment. */
export const shellLines = (material: Material): string =>
  Object.entries(leaseVariables(material, material.authority === null ? null : authorityFile))
    .map(([name, value]) => (value === undefined ? `unset ${name}` : `export ${name}=${quoted(value)}`))
    .join('\n')

/** A part of a credential. */
export interface Part {
  readonly name: string
  readonly value: string
  readonly secret: boolean
}

const known = [
  ['username', 'User name', false],
  ['password', 'Password', true],
  ['url', 'Connection URL', true],
  ['accessKeyId', 'Access key ID', false],
  ['secretAccessKey', 'Secret access key', true],
  ['sessionToken', 'Session token', true],
  ['token', 'Token', true],
] as const

/** Names that an engine of a Vault gives to what is no secret; whatever else it gives may be one. */
const openFields: ReadonlySet<string> = new Set(['username', 'user', 'access_key', 'accessor', 'lease_id'])

/** Each part of a credential by its name. A Vault's are named by its engine. */
export function partsOf(material: Material): readonly Part[] {
  if (material.kind === 'vault')
    return material.fields.map(({ name, value }) => ({ name, value, secret: !openFields.has(name) }))
  return known.flatMap(([field, name, secret]) => {
    const value = material[field]
    return value === null ? [] : [{ name, value, secret }]
  })
}

const tries: Readonly<Record<Material['kind'], string | null>> = {
  postgres: 'psql',
  aws: 'aws sts get-caller-identity',
  upcloud: 'upctl account show',
  vault: null,
}

/** A command that shows that the credential works; null: its kind has none that everybody has. */
export const tryCommand = ({ material }: Pick<Issued, 'material'>): string | null => tries[material.kind]

/** The command that opens a wrapped one, and says of which role it has to be. */
export const unwrapCommand = ({ lease }: Pick<Issued, 'lease'>): string =>
  `npx --no-install gatehouse lease unwrap --role ${lease.role}`

/** The command that does without copying. */
export const runCommandLine = ({ lease, material }: Issued): string =>
  `npx --no-install gatehouse lease run ${lease.role} -- ${tries[material.kind] ?? 'COMMAND'}`
