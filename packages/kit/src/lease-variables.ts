/** What of a credential becomes an environment variable. Null: its kind has none such. */
export interface VariableMaterial {
  readonly kind: 'postgres' | 'vault' | 'aws' | 'upcloud'
  readonly username: string | null
  readonly password: string | null
  readonly url: string | null
  readonly host: string | null
  readonly port: number | null
  readonly database: string | null
  readonly accessKeyId: string | null
  readonly secretAccessKey: string | null
  readonly sessionToken: string | null
  readonly region: string | null
  readonly token: string | null
  readonly fields: readonly { readonly name: string; readonly value: string }[]
}

/** Undefined: what another credential left there would count, and is taken away. */
export type LeaseVariables = Readonly<Record<string, string | undefined>>

const variablesBy: {
  readonly [K in VariableMaterial['kind']]: (material: VariableMaterial, authority: string | null) => LeaseVariables
} = {
  postgres: (material, authority) => postgresVariables(material, authority),
  // an engine of a Vault may be any: `access_key` is in `LEASE_ACCESS_KEY`
  vault: ({ fields }) =>
    Object.fromEntries(
      fields.map(({ name, value }) => [`LEASE_${name.toUpperCase().replaceAll(/[^A-Z0-9]/g, '_')}`, value]),
    ),
  aws: ({ accessKeyId, secretAccessKey, sessionToken, region }) => ({
    AWS_PROFILE: undefined,
    AWS_DEFAULT_PROFILE: undefined,
    AWS_ACCESS_KEY_ID: accessKeyId ?? undefined,
    AWS_SECRET_ACCESS_KEY: secretAccessKey ?? undefined,
    AWS_SESSION_TOKEN: sessionToken ?? undefined,
    AWS_REGION: region ?? undefined,
    AWS_DEFAULT_REGION: region ?? undefined,
  }),
  upcloud: ({ token }) => ({
    UPCLOUD_USERNAME: undefined,
    UPCLOUD_PASSWORD: undefined,
    UPCLOUD_TOKEN: token ?? undefined,
  }),
}

/**
 * What clients of each kind read of a credential in their environment. `authority` is the file that the certificate of
 * the server's authority lies in; null: it has none of its own.
 */
export const leaseVariables = (material: VariableMaterial, authority: string | null): LeaseVariables =>
  variablesBy[material.kind](material, authority)

/** What libpq and most other clients of PostgreSQL read. */
function postgresVariables(
  { host, port, username, password, database, url }: VariableMaterial,
  authority: string | null,
): Record<string, string> {
  const mode = url === null ? null : new URL(url).searchParams.get('sslmode')
  const given = {
    PGHOST: host,
    PGPORT: port,
    PGUSER: username,
    PGPASSWORD: password,
    PGDATABASE: database,
    PGSSLMODE: mode,
    PGSSLROOTCERT: authority,
    DATABASE_URL: url,
  }
  return Object.fromEntries(
    Object.entries(given).flatMap(([name, value]) => (value === null ? [] : [[name, String(value)]])),
  )
}
