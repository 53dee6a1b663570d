import { askOpenBao, openBaoFacts, type OpenBaoFacts } from '@gatehouse/testkit'
import type { BackendUnderTest } from '@gatehouse/testkit/secret-conformance'
import { logsIn, startTarget, type Material, type TargetServer } from './secrets-system.ts'

/** An OpenBao whose database engine makes logins in a PostgreSQL, and a token of the rights that a guide names. */
export interface VaultTarget {
  readonly facts: OpenBaoFacts
  readonly database: TargetServer
  readonly mount: string
  readonly token: string
  /** All rights that the token has. */
  readonly policy: string
  ask(path: string, body?: unknown): Promise<unknown>
  /** Names of logins that its engine has made. */
  logins(): Promise<string[]>
  drop(): Promise<void>
}

const rights = (mount: string): string => `
  path "${mount}/creds/*" { capabilities = ["read"] }
  path "auth/token/create" { capabilities = ["update"] }
  path "auth/token/create-orphan" { capabilities = ["update", "sudo"] }
  path "auth/token/renew-accessor" { capabilities = ["update"] }
  path "auth/token/revoke-accessor" { capabilities = ["update"] }
  path "auth/token/revoke-orphan" { capabilities = ["update", "sudo"] }
  path "sys/leases/lookup" { capabilities = ["update"] }
  path "sys/leases/lookup/${mount}/creds/*" { capabilities = ["list", "sudo"] }
  path "sys/leases/renew" { capabilities = ["update"] }
  path "sys/leases/revoke" { capabilities = ["update"] }`

/** By whatever way the engine reaches its PostgreSQL. */
export async function startVaultTarget(databasePort?: number): Promise<VaultTarget> {
  const [facts, database] = await Promise.all([openBaoFacts(), startTarget()])
  const ask = (path: string, body?: unknown): Promise<unknown> => askOpenBao(facts, { path, body })
  const [mount, policy] = [`database-${database.mark}`, `gatehouse-${database.mark}`]
  const { username, password, port, pathname } = new URL(database.database.adminUrl)
  const place = `127.0.0.1:${databasePort ?? port}${pathname}`
  await ask(`sys/mounts/${mount}`, { type: 'database' })
  await ask(`${mount}/config/shop`, {
    plugin_name: 'postgresql-database-plugin',
    connection_url: `postgresql://{{username}}:{{password}}@${place}?sslmode=disable`,
    username: decodeURIComponent(username),
    password: decodeURIComponent(password),
    allowed_roles: '*',
  })
  const terms = `login password '{{password}}' valid until '{{expiration}}' in role ${database.grant}`
  await ask(`${mount}/roles/reader`, {
    db_name: 'shop',
    creation_statements: [`create role "{{name}}" ${terms}`],
    default_ttl: '5m',
    max_ttl: '24h',
  })
  await ask(`sys/policies/acl/${policy}`, { policy: rights(mount) })
  return {
    facts,
    database,
    mount,
    policy,
    token: await newToken(ask, { policies: [policy], period: '1h', no_parent: true }),
    ask,
    logins: () => madeLogins(database),
    drop: async () => {
      await ask(`sys/leases/revoke-prefix/${mount}`, { sync: true }).catch(() => undefined)
      await database.drop()
    },
  }
}

/** A token of the test's own. */
export async function newToken(ask: VaultTarget['ask'], wish: Readonly<Record<string, unknown>>): Promise<string> {
  const { auth } = (await ask('auth/token/create', wish)) as { auth: { client_token: string } } // as Vault answers
  return auth.client_token
}

const madeLogins = ({ asSuperuser, grant }: TargetServer): Promise<string[]> =>
  asSuperuser(async (client) => {
    const { rows } = await client.query<{ name: string }>(
      `select m.rolname as name from pg_auth_members a join pg_roles m on m.oid = a.member
        join pg_roles g on g.oid = a.roleid where g.rolname = $1 and m.rolname like 'v-%' order by 1`,
      [grant],
    )
    return rows.map(({ name }) => name)
  })

/** What an engine gave, as a URL for its PostgreSQL. */
export function urlWith({ database }: VaultTarget, { username, password }: Material): string {
  const url = new URL(database.url)
  url.username = username ?? ''
  url.password = password?.expose() ?? ''
  return url.href
}

/** It as the suite of all backends asks it. */
export async function vaultUnderTest(): Promise<BackendUnderTest> {
  const target = await startVaultTarget()
  const { facts, mount, token, logins, drop } = target
  return {
    end: { port: Number(new URL(facts.address).port), speaks: 'http' },
    configured: (port) => ({ vault: { address: `http://127.0.0.1:${port}`, token, mount } }),
    role: { vault: { path: 'creds/reader' } },
    ttlSeconds: 300,
    alive: logins,
    works: (material) => logsIn(urlWith(target, material)),
    drop,
  }
}
