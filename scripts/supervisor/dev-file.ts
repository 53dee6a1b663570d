/** An account seeded for trying the roles. */
export interface SeededPrincipal {
  readonly username: string
  readonly password: string
  readonly totpSecret: string
  readonly role: string
  readonly teams: readonly string[]
}

/** What the gateway's `seed` prints. */
export interface SeedReport {
  readonly admin: { readonly username: string; readonly oneTimePassword: string | null }
  readonly principals: readonly SeededPrincipal[]
}

/** The facts of a running system, as scripts find them in `dev.json`. */
export interface DevFile extends SeedReport {
  readonly readyAt: string
  readonly urls: {
    readonly web: string
    readonly graphql: string
    readonly trpc: string
    readonly temporalWeb: string | null
  }
  readonly database: { readonly url: string; readonly adminUrl: string }
  readonly temporal: { readonly address: string; readonly namespace: string }
  readonly processes: {
    readonly supervisor: number
    readonly gateway: number | null
    readonly worker: number | null
    readonly postgres: number | null
    readonly temporal: number | null
  }
}

/** The URLs of a system. They say `localhost`, since WebAuthn refuses addresses. */
export const systemUrls = (
  { scheme, port }: { readonly scheme: 'http' | 'https'; readonly port: number },
  temporalWeb: string | null,
): DevFile['urls'] => {
  const web = `${scheme}://localhost:${port}`
  return { web, graphql: `${web}/graphql`, trpc: `${web}/trpc`, temporalWeb }
}

/** Reads the seed's report from the last line of its output; whatever else it printed stands before. */
export const parseSeedReport = (output: string): SeedReport => {
  const parsed: unknown = JSON.parse(output.slice(Math.max(0, output.search(/^\{/m))))
  if (!isSeedReport(parsed)) throw new TypeError('the seed did not report an admin and principals')
  return { admin: parsed.admin, principals: parsed.principals }
}

const isSeedReport = (value: unknown): value is SeedReport =>
  typeof value === 'object' &&
  value !== null &&
  'admin' in value &&
  typeof value.admin === 'object' &&
  value.admin !== null &&
  'username' in value.admin &&
  typeof value.admin.username === 'string' &&
  'oneTimePassword' in value.admin &&
  'principals' in value &&
  Array.isArray(value.principals)
