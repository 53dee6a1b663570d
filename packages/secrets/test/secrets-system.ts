import { randomBytes, randomUUID } from 'node:crypto'
import { openCheckpointKey, type CheckpointKey } from '@gatehouse/audit'
import type { Output } from '@gatehouse/contract'
import { directory, loadUserSlice, loadWorkspaceSlice } from '@gatehouse/identity'
import { createOutbound, parseAllowedPlace } from '@gatehouse/kit/outbound'
import { createDatabase, withConnection, type TestDatabase } from '@gatehouse/testkit'
import type { BackendUnderTest, SecretNodeOptions } from '@gatehouse/testkit/secret-conformance'
import {
  joinDomain,
  personOf,
  startDomain,
  type DomainCalls,
  type DomainNode,
  type DomainProcess,
} from '@gatehouse/testkit/domain-system'
import pg from 'pg'
import { createLeases, loadLeaseSlice, type BackendName, type Leases, type RevocableBackend } from '../src/index.ts'
import { postgresProvider, postgresSeconds } from '../src/backends/postgres/postgres-provider.ts'
import { awsProvider } from '../src/backends/aws/aws-provider.ts'
import { upcloudProvider } from '../src/backends/upcloud/upcloud-provider.ts'
import { vaultProvider } from '../src/backends/vault/vault-provider.ts'
import { openSecrets } from '../src/domain.ts'
import { ownDatabase } from '../src/own-database.queries.ts'
import { asProvider } from '../src/secret-provider.ts'
import { loadSecretRoleSlice } from '../src/secret-role-slice.ts'

/** Signs the proofs of these tests. */
const checkpointSeed = randomBytes(32)

/** One node of a Gatehouse with nothing but leases and backends. */
export interface SecretsNode {
  readonly process: DomainProcess
  readonly calls: DomainCalls
  readonly leases: Leases
  readonly checkpointKey: CheckpointKey
  /** From now on leases are told of so many minutes before their end. */
  tellAhead(minutes: number): void
  close(): Promise<void>
}

const loaders = {
  Lease: loadLeaseSlice,
  SecretRole: loadSecretRoleSlice,
  User: loadUserSlice,
  Workspace: loadWorkspaceSlice,
}
const loopback = ['127.0.0.0/8', '::1'].flatMap((place) => parseAllowedPlace(place) ?? [])

/** Of kinds whose leases these tests have no credentials of. */
const noBackend = (name: BackendName, revocation: 'deletes' | 'denies'): RevocableBackend => ({
  name,
  ...(revocation === 'denies' ? { listed: true } : {}),
  limits: { ttlSecondsMin: 1, ttlSecondsMax: 1, renewable: false, revocation },
  revoke: () => Promise.resolve(),
  mark: () => Promise.resolve(),
})

/** The one host that is known; its row is a test's to add. */
export const box = { id: randomUUID(), name: 'box' } as const

/** The one request for emergency access that was activated. */
export const approvedRequest = { id: randomUUID(), session: randomUUID() } as const

/** Who calls, and somebody else. */
export const olga = personOf('olga')
export const oscar = personOf('oscar')

export const startNode = async (node?: DomainNode, options: SecretNodeOptions = {}): Promise<SecretsNode> => {
  const process = node === undefined ? await startDomain(loaders) : await joinDomain(node, loaders)
  if (node === undefined) await addPeople(process)
  return openNode(process, options)
}

async function addPeople({ db }: DomainProcess): Promise<void> {
  await db
    .insertInto('workspace')
    .values({ id: 'default', name: 'default', archived_at: null })
    .onConflict((conflict) => conflict.doNothing())
    .execute()
  await db
    .insertInto('users')
    .values(
      [olga, oscar].map(({ id, username, displayName }) => ({
        id,
        username,
        display_name: displayName,
        email: null,
        password_hash: '',
        must_change_password: false,
        password_changed_at: new Date(),
        cut_off: null,
        last_login_at: null,
      })),
    )
    .execute()
}

/**
 * Removes all leases with what hangs on them, at once however many they are: one by one, each is looked for in every
 * table that names a lease.
 */
export const withoutLeases = ({ node }: DomainProcess): Promise<void> =>
  withConnection(node.adminUrl, async (owner) => void (await owner.query('truncate lease cascade')))

async function openNode(
  process: DomainProcess,
  { seconds = postgresSeconds, around = (one) => one }: SecretNodeOptions,
): Promise<SecretsNode> {
  const { db, clock, random, sealer, change } = process
  const file = { path: 'memory', read: () => Promise.resolve(checkpointSeed), create: () => Promise.resolve(false) }
  const checkpointKey = await openCheckpointKey({ db, file, origin: 'test' })
  const outbound = createOutbound({
    allowed: loopback,
    ownPorts: [],
    resolve: (name) => Promise.resolve(name.endsWith('.example') ? ['127.0.0.1'] : []),
  })
  const providers = {
    postgres: around(asProvider(postgresProvider({ outbound, random, own: ownDatabase(db), seconds }))),
    vault: around(asProvider(vaultProvider({ outbound, clock, seconds }))),
    aws: around(asProvider(awsProvider({ outbound, clock, seconds }))),
    upcloud: around(asProvider(upcloudProvider({ outbound, clock, seconds }))),
  }
  const web = { url: 'http://temporal', namespace: 'gatehouse' }
  const emergencies = {
    holdAlive: () => Promise.resolve(null),
    sessionOf: (_: unknown, request: string) =>
      Promise.resolve(request === approvedRequest.id ? approvedRequest.session : null),
  }
  let ahead = 15
  const needs = {
    settingsInForce: { within: () => Promise.resolve({ leaseExpiryAlertMinutes: ahead }) },
    emergencies,
    db,
    clock,
    random,
    sealer,
    change,
    directory,
    outbound,
    checkpointKey,
    temporalWeb: web,
    onError: console.error,
  }
  const opened = openSecrets(needs, providers)
  const backends = {
    ...opened.backends,
    'ssh-key': noBackend('ssh-key', 'deletes'),
    'ssh-certificate': noBackend('ssh-certificate', 'denies'),
    'ssh-otp': noBackend('ssh-otp', 'denies'),
  }
  const leases = createLeases({
    db,
    change,
    clock,
    directory,
    backends,
    emergencies,
    workflows: { retry: () => Promise.resolve(), wake: () => Promise.resolve(), follow: () => Promise.resolve() },
    alerts: { raise: () => undefined },
  })
  const hosts = { findHostId: (_: unknown, name: string) => Promise.resolve(name === box.name ? box.id : null) }
  const calls = process.serve(opened.handlers({ leases, backends, hosts }))
  calls.as(olga)
  return {
    process,
    calls,
    leases,
    checkpointKey,
    tellAhead: (minutes) => void (ahead = minutes),
    close: () => process.close(),
  }
}

/** A PostgreSQL server that people have data in, and the login that Gatehouse has there. */
export interface TargetServer {
  readonly database: TestDatabase
  /** Of a login that makes others, and is no superuser. */
  readonly url: string
  /** Owns the table `orders`, may be given. */
  readonly grant: string
  /** The same for the whole server: it is one with other tests' roles in it. */
  readonly mark: string
  asSuperuser<T>(work: (client: pg.Client) => Promise<T>): Promise<T>
  drop(): Promise<void>
}

export const startTarget = async (): Promise<TargetServer> => {
  const database = await createDatabase('empty')
  const mark = randomBytes(4).toString('hex')
  const [admin, grant, password] = [`gh_admin_${mark}`, `shop_reader_${mark}`, randomBytes(9).toString('hex')]
  const asSuperuser = <T>(work: (client: pg.Client) => Promise<T>): Promise<T> =>
    withConnection(database.adminUrl, work)
  await asSuperuser(async (client) => {
    await client.query(`create role ${admin} login createrole password '${password}'`)
    await client.query(`create role ${grant}`)
    await client.query(`grant ${grant} to ${admin} with admin option`)
    await client.query('create table orders (id int); insert into orders values (7)')
    await client.query(`grant select on orders to ${grant}; grant create, usage on schema public to ${grant}`)
  })
  const url = new URL(database.adminUrl)
  url.username = admin
  url.password = password
  return { database, url: url.href, grant, mark, asSuperuser, drop: () => database.drop() }
}

export type Material = Output<'lease.issue'>['material']

/** Whether the credential logs in now, and reads what it may read. */
export const worksAsLogin = ({ url }: Material): Promise<boolean> => logsIn(url?.expose() ?? '')

/** The same of a URL. */
export async function logsIn(url: string): Promise<boolean> {
  try {
    const { rows } = await withConnection(url, (client) => client.query<{ id: number }>('select id from orders'))
    return rows[0]?.id === 7
  } catch (error) {
    if (error instanceof pg.DatabaseError) return false
    throw error
  }
}

/** Configures a backend and a role of it under these names. */
export async function withRole(
  { calls }: SecretsNode,
  target: TargetServer,
  { name, ...more }: { readonly name: string; readonly leasesMax?: number; readonly leasesEachMax?: number },
): Promise<void> {
  await calls.call('secretBackend.configure', { name: `${name}-db`, postgres: { url: target.url } })
  const postgres = { grants: [target.grant] }
  await calls.call('secretRole.create', { name, backend: `${name}-db`, postgres, ...more })
}

/** The logins of leases that lie in a server. */
export const loginsIn = ({ asSuperuser, grant }: TargetServer): Promise<string[]> =>
  asSuperuser(async (client) => {
    const { rows } = await client.query<{ name: string }>(
      `select m.rolname as name from pg_auth_members a join pg_roles m on m.oid = a.member
        join pg_roles g on g.oid = a.roleid where g.rolname = $1 and m.rolname like 'gatehouse\\_%' order by 1`,
      [grant],
    )
    return rows.map(({ name }) => name)
  })

/** A PostgreSQL server as the suite of all backends asks it. */
export async function postgresUnderTest(): Promise<BackendUnderTest> {
  const target = await startTarget()
  const { url, grant, drop } = target
  const at = (port: number): string => {
    const by = new URL(url)
    by.port = String(port)
    return by.href
  }
  return {
    end: { port: Number(new URL(url).port), speaks: 'postgres' },
    configured: (port) => ({ postgres: { url: at(port) } }),
    role: { postgres: { grants: [grant] } },
    ttlSeconds: 60,
    alive: () => loginsIn(target),
    works: worksAsLogin,
    drop,
  }
}
