import type { Wire } from '@gatehouse/contract'
import { leases } from './lease-fixtures.ts'
import { inMinutes } from './moments.ts'

type Backend = Wire<'secretBackend.configure'>
type Role = Wire<'secretRole.get'>
type Issued = Wire<'lease.issue'>

const backend = (id: string, over: Pick<Backend, 'name' | 'kind' | 'shown'> & Partial<Backend>): Backend => ({
  id,
  revocability: over.kind === 'aws' ? 'denies' : 'deletes',
  revokedWithinSeconds: over.kind === 'aws' ? 300 : 0,
  checkedAt: inMinutes(-4),
  lastError: null,
  createdAt: inMinutes(-40_000),
  ...over,
})

/** Places of the gallery that give credentials. */
export const secretBackends: readonly Backend[] = [
  backend('sb1', { name: 'shop-db', kind: 'postgres', shown: 'gatehouse at db.example.org:5432/shop' }),
  backend('sb2', { name: 'shop-aws', kind: 'aws', shown: 'AKIAEXAMPLEEXAMPLE in eu-north-1' }),
  backend('sb3', {
    name: 'shop-vault',
    kind: 'vault',
    shown: 'database at https://vault.example.org:8200',
    checkedAt: inMinutes(-190),
    lastError: 'https://vault.example.org:8200 is sealed',
  }),
  backend('sb4', { name: 'cloud', kind: 'upcloud', shown: 'shop at api.upcloud.com', checkedAt: null }),
]

/** How a backend of the gallery answers. */
export const probed = ({ id, name, lastError }: Backend): Wire<'secretBackend.probe'> => ({
  id,
  name,
  usable: lastError === null,
  problem: lastError,
  milliseconds: 38,
})

const role = (id: string, over: Pick<Role, 'name' | 'backendId'> & Partial<Role>): Role => {
  const {
    name = '',
    kind = 'postgres',
    revocability = 'deletes',
  } = secretBackends.find((one) => one.id === over.backendId) ?? {}
  return {
    id,
    workspace: 'shop',
    backend: name,
    kind,
    revocability,
    revokedWithinSeconds: kind === 'aws' ? 300 : 0,
    ttlSecondsMin: 300,
    ttlSecondsMax: 14_400,
    renewable: kind === 'postgres' || kind === 'vault',
    leasesMax: null,
    leasesEachMax: null,
    postgres: null,
    vault: null,
    aws: null,
    upcloud: null,
    createdAt: inMinutes(-30_000),
    ...over,
  }
}

/** What may be asked for in the gallery, of each kind one. */
export const secretRoles: readonly Role[] = [
  role('sr1', {
    name: 'shop-read',
    backendId: 'sb1',
    leasesEachMax: 2,
    postgres: { grants: ['shop_reader', 'reports'], connectionsMax: 5 },
  }),
  role('sr2', {
    name: 'deploy-web',
    backendId: 'sb2',
    ttlSecondsMin: 900,
    ttlSecondsMax: 3600,
    leasesMax: 20,
    aws: {
      roleArn: 'arn:aws:iam::123456789012:role/deploy',
      policy: '{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"s3:*","Resource":"*"}]}',
      externalId: null,
      tags: [{ key: 'team', value: 'shop' }],
    },
  }),
  role('sr3', { name: 'orders', backendId: 'sb3', vault: { path: 'creds/orders' } }),
  role('sr4', {
    name: 'restart-web',
    backendId: 'sb4',
    workspace: 'default',
    ttlSecondsMin: 1800,
    upcloud: {
      permissions: [{ targetType: 'server', target: '00798b85-efdc-41ca-8021-f6ef457b8531' }],
      addresses: ['192.0.2.0/24'],
    },
  }),
]

const noMaterial: Omit<Issued['material'], 'kind'> = {
  username: null,
  password: null,
  url: null,
  host: null,
  port: null,
  database: null,
  authority: null,
  accessKeyId: null,
  secretAccessKey: null,
  sessionToken: null,
  region: null,
  token: null,
  fields: [],
}

/** Credentials of the gallery; none of them opens anything. */
const materials: { readonly [K in Role['kind']]: Partial<Issued['material']> } = {
  postgres: {
    username: 'gh_l10_ada',
    password: 'this-is-the-gallery',
    url: 'postgresql://gh_l10_ada:this-is-the-gallery@db.example.org:5432/shop?sslmode=verify-full',
    host: 'db.example.org',
    port: 5432,
    database: 'shop',
  },
  aws: {
    accessKeyId: 'ASIAEXAMPLEEXAMPLE',
    secretAccessKey: 'this-is-the-gallery',
    sessionToken: 'this-is-the-gallery-and-no-session',
    region: 'eu-north-1',
  },
  vault: {
    fields: [
      { name: 'username', value: 'v-orders-9f31' },
      { name: 'password', value: 'this-is-the-gallery' },
    ],
  },
  upcloud: { username: 'gh-l12', token: 'this-is-the-gallery' },
}

/** A credential of a role as it is issued. */
export function issuedOf(role: Role, { purpose, wrapSeconds }: Readonly<Record<string, unknown>>): Issued {
  const like = leases.find(({ backend }) => backend === role.kind) ?? leases[0]
  if (like === undefined) throw new TypeError('the gallery has no leases')
  const lease = {
    ...like,
    backend: role.kind,
    revocability: role.revocability,
    role: role.name,
    hostId: null,
    workspace: role.workspace,
    purpose: String(purpose),
    issuedAt: inMinutes(0),
    expiresAt: inMinutes(60),
    renewableUntil: role.renewable ? inMinutes(role.ttlSecondsMax / 60) : null,
  }
  if (typeof wrapSeconds === 'number') {
    const expiresAt = inMinutes(wrapSeconds / 60)
    const wrap = { token: 'this-is-the-gallery-and-no-token', expiresAt }
    return { lease: { ...lease, wrappedUntil: expiresAt }, material: { ...noMaterial, kind: role.kind }, wrap }
  }
  return { lease, material: { ...noMaterial, kind: role.kind, ...materials[role.kind] }, wrap: null }
}

/** A wrapped credential as whoever brings its token is shown it. */
export const opened: Wire<'lease.unwrap'> = {
  lease: {
    id: '019a6f1e-5c1c-7d5f-9d0e-2f4f5c8e9a10',
    backend: 'postgres',
    revocability: 'deletes',
    revokedWithinSeconds: 0,
    role: 'shop-read',
    purpose: 'first start of the shop',
    principalName: 'ada',
    issuedAt: inMinutes(-4),
    expiresAt: inMinutes(56),
  },
  material: { ...noMaterial, kind: 'postgres', ...materials.postgres },
}

/** Leases that would be revoked together in the gallery: of somebody, or of everybody. */
const livingOf = (principal: unknown): (typeof leases)[number][] =>
  leases.filter(
    ({ state, principalName }) =>
      (state === 'active' || state === 'irrevocable') && (principal === undefined || principalName === principal),
  )

/** A look at what would be revoked. */
export function lookedAt({ principal }: Readonly<Record<string, unknown>>): Wire<'lease.revokeMany'> {
  const found = livingOf(principal)
  return { matching: found.length, revoked: 0, ending: 0, leases: found }
}

/** The same once it was done: what a list of ours denies has ended, the rest is on its way. */
export function revokedMany({ principal, reason }: Readonly<Record<string, unknown>>): Wire<'lease.revokeMany'> {
  const found = livingOf(principal).map((lease) =>
    lease.revocability === 'denies'
      ? { ...lease, state: 'revoked' as const, endedAt: inMinutes(0), reason: String(reason) }
      : lease,
  )
  const ending = found.filter(({ state }) => state !== 'revoked').length
  return { matching: found.length, revoked: found.length, ending, leases: found }
}

/** Nothing fits. */
export const noneToRevoke: Wire<'lease.revokeMany'> = { matching: 0, revoked: 0, ending: 0, leases: [] }
