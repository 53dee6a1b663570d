import type { Wire } from '@gatehouse/contract'
import { inMinutes } from './moments.ts'

type Key = Wire<'kmsKey.get'>
type Usage = Wire<'kmsKey.usage'>
type Ciphertext = Wire<'kmsKey.ciphertexts'>['items'][number]

const day = 24 * 60

const key = (id: string, name: string, over: Partial<Omit<Key, 'version' | 'versions'>>): Key => ({
  id,
  name,
  workspace: 'default',
  backend: 'installation',
  quorum: null,
  backends: [{ name: 'installation', state: 'whole', versions: 1, of: 1 }],
  state: 'enabled',
  stateSince: inMinutes(-90 * day),
  currentVersion: 1,
  versionSince: inMinutes(-90 * day),
  minimumVersion: 1,
  rotationDays: null,
  rotatesAt: null,
  deletionGuard: true,
  deleteAt: null,
  createdAt: inMinutes(-90 * day),
  ...over,
  version: over.currentVersion ?? 1,
  versions: [{ version: over.currentVersion ?? 1, createdAt: over.versionSince ?? inMinutes(-90 * day) }],
})

/** Encryption keys of the gallery, in every state. */
export const encryptionKeys: readonly Key[] = [
  key('ek1', 'shop-config', {
    workspace: 'shop',
    backends: [
      { name: 'installation', state: 'whole', versions: 5, of: 5 },
      { name: 'berlin', state: 'incomplete', versions: 3, of: 5 },
      { name: 'safe', state: 'not-here', versions: 5, of: 5 },
    ],
    currentVersion: 5,
    versionSince: inMinutes(-2 * day),
    minimumVersion: 2,
    rotationDays: 30,
    rotatesAt: inMinutes(28 * day),
    stateSince: inMinutes(-9000),
  }),
  key('ek2', 'nightly-backups-of-the-warehouse', {
    state: 'decrypt-only',
    stateSince: inMinutes(-3 * day),
    quorum: 2,
    backends: [
      { name: 'geneva', state: 'whole', versions: 1, of: 1 },
      { name: 'berlin', state: 'other-key', versions: 1, of: 1 },
      { name: 'oslo', state: 'whole', versions: 1, of: 1 },
    ],
  }),
  key('ek3', 'build-tokens', { state: 'disabled', stateSince: inMinutes(-55), deletionGuard: false }),
  key('ek4', 'old-shop', {
    workspace: 'shop',
    state: 'pending-deletion',
    stateSince: inMinutes(-21 * day),
    currentVersion: 2,
    deletionGuard: false,
    deleteAt: inMinutes(9 * day),
  }),
  key('ek5', 'trial', { state: 'destroyed', stateSince: inMinutes(-40 * day), deletionGuard: false }),
  key('ek6', 'fresh-key', { createdAt: inMinutes(-2), stateSince: inMinutes(-2), versionSince: inMinutes(-2) }),
]

const version = (number: number, over: Partial<Usage['versions'][number]>): Usage['versions'][number] => ({
  version: number,
  state: 'live',
  ciphertexts: 0,
  createdAt: inMinutes(-90 * day),
  revokedAt: null,
  ...over,
})

const versionsOf: Readonly<Record<string, Usage['versions']>> = {
  ek1: [
    version(5, { ciphertexts: 1203, createdAt: inMinutes(-2 * day) }),
    version(4, { ciphertexts: 48, createdAt: inMinutes(-30 * day) }),
    version(3, { ciphertexts: 12, state: 'revoked', revokedAt: inMinutes(-140), createdAt: inMinutes(-60 * day) }),
    version(2, { createdAt: inMinutes(-75 * day) }),
    version(1, {}),
  ],
  ek2: [version(1, { ciphertexts: 731 })],
  ek4: [version(2, { ciphertexts: 3 }), version(1, {})],
  ek5: [version(1, { state: 'destroyed', ciphertexts: 0 })],
  ek6: [version(1, { createdAt: inMinutes(-2) })],
}

const comingOver = {
  since: inMinutes(-2 * day),
  moved: 1187,
  left: 60,
  perDay: 593.5,
  doneAt: inMinutes(0.1 * day),
  closesAt: null,
} satisfies Usage['leaving']

/** What a key of the gallery is still needed for. */
export function usageOf({ id, name, state, currentVersion, minimumVersion }: Key): Usage {
  const versions = versionsOf[id] ?? [version(1, {})]
  const ciphertexts = versions.reduce((sum, one) => sum + one.ciphertexts, 0)
  const leaving = id === 'ek1' ? comingOver : null
  return { id, name, state, currentVersion, minimumVersion, ciphertexts, versions, leaving, workflowUrl: null }
}

const ciphertext = (id: string, over: Partial<Ciphertext>): Ciphertext => ({
  id: `0199f3c2-5a51-7c11-9a77-${id.padStart(12, '0')}`,
  version: 5,
  location: null,
  sealedAt: inMinutes(-400),
  movedAt: null,
  ...over,
})

/** Those that look their own way. */
const special: readonly Ciphertext[] = [
  ciphertext('0001', { location: 'config/shop.yaml: payment.password', sealedAt: inMinutes(-18) }),
  ciphertext('0002', {
    location: 'git@git.example.org:platform/very-long-repository-name.git deploy/production/secrets.enc.yaml',
    movedAt: inMinutes(-day),
    sealedAt: inMinutes(-2.5 * day),
  }),
  ciphertext('0003', {}),
  ciphertext('0004', { version: 3, location: 's3://backups/shop/2026-10-01', sealedAt: inMinutes(-58 * day) }),
  ciphertext('0005', { version: 3, location: 'config/mail.yaml', sealedAt: inMinutes(-59 * day) }),
]

/** As many of a version as it is said to have; those that came over since it was made are older than it. */
function ofVersion(id: string, { version: number, ciphertexts: count }: Usage['versions'][number]): Ciphertext[] {
  const first = id === 'ek1' ? special.filter((one) => one.version === number) : []
  const own = number === 5 ? count - comingOver.moved : count
  const more = Array.from({ length: count - first.length }, (_, index): Ciphertext => {
    const hasMoved = index >= own - first.filter(({ movedAt }) => movedAt === null).length
    return ciphertext(`${number}${String(index).padStart(4, '0')}`, {
      version: number,
      location: `config/service-${index + 1}.yaml`,
      sealedAt: inMinutes(hasMoved ? -4 * day - index : (number - 5) * 29 * day - 500 - index),
      movedAt: hasMoved ? inMinutes(-day - index) : null,
    })
  })
  return [...first, ...more]
}

/** A page of the ciphertexts of a key of the gallery, newest first; of one version where it is asked. */
export function ciphertextsOf({ id, version, first, after }: Readonly<Record<string, unknown>>): {
  items: Ciphertext[]
  nextCursor: string | null
} {
  const all = (versionsOf[String(id)] ?? [])
    .filter((one) => version === undefined || one.version === version)
    .flatMap((one) => ofVersion(String(id), one))
    .toSorted((one, other) => (one.sealedAt < other.sealedAt ? 1 : -1))
  const start = Number(after ?? 0)
  const end = start + Number(first ?? all.length)
  return { items: all.slice(start, end), nextCursor: end < all.length ? String(end) : null }
}

/** Who may decrypt in the gallery. */
export const decrypters: Wire<'policy.whoCould'> = {
  at: inMinutes(0),
  policyVersion: 'gallery',
  looked: 14,
  principals: [
    {
      type: 'User',
      id: 'u1',
      name: 'ada',
      answer: 'needs',
      needs: ['verify a second factor'],
      policies: ['admin-everything'],
      obligations: [],
    },
    {
      type: 'Service',
      id: 'sa1',
      name: 'ci-deploy',
      answer: 'allow',
      needs: [],
      policies: ['service-uses-keys'],
      obligations: [],
    },
  ],
  errors: [],
  ignored: [],
  next: null,
}

type Backend = Wire<'kmsBackend.list'>['backends'][number]

const backend = (over: Partial<Backend>): Backend => ({
  section: 'kms',
  kind: 'age',
  state: 'usable',
  since: inMinutes(-3 * day),
  checkedAt: inMinutes(-0.2),
  circuitOpen: false,
  failure: null,
  problem: null,
  advice: null,
  reach: 'local',
  quantumSafe: false,
  opensDatabase: true,
  keys: 6,
  ...over,
})

/** Backends of the gallery: one that is right, one that does not answer, and one of a region. */
export const backends: readonly Backend[] = [
  backend({}),
  backend({
    section: 'kms.second',
    kind: 'vault',
    state: 'unusable',
    since: inMinutes(-7),
    circuitOpen: true,
    failure: 'unreachable',
    problem: 'does not answer',
    advice: 'see that it runs and is unsealed, and that its address is right',
    reach: 'remote',
    keys: 0,
  }),
  backend({ section: 'kms.regions.berlin', kind: 'cosmian', reach: 'remote', opensDatabase: false, keys: 2 }),
  backend({ section: 'kms.regions.geneva', kind: 'vault', reach: 'remote', opensDatabase: false, keys: 1 }),
  backend({ section: 'kms.regions.oslo', kind: 'aws', reach: 'remote', opensDatabase: false, keys: 1 }),
]

/** How the keys of the gallery stand. */
export const status: Wire<'kms.status'> = {
  health: 'degraded',
  warnings: [
    {
      kind: 'backend-unusable',
      message: 'the key encryption key of [kms.second] (vault) does not answer',
      advice: 'see that it runs and is unsealed, and that its address is right',
    },
  ],
  databaseKeys: 2,
  sealed: [
    { table: 'alert_channel', column: 'target' },
    { table: 'audit_subject_key', column: 'sealed' },
    { table: 'authenticator', column: 'secret' },
    { table: 'signing_key', column: 'private_key' },
    { table: 'ssh_authority', column: 'private_key' },
    { table: 'some_later_table', column: 'secret_of_a_later_version' },
  ],
  keys: [
    { state: 'enabled', count: 2 },
    { state: 'decrypt-only', count: 1 },
    { state: 'disabled', count: 1 },
    { state: 'pending-deletion', count: 1 },
    { state: 'destroyed', count: 1 },
  ],
  rotationsDue: 1,
  nextRotations: [{ id: 'ek1', name: 'shop-config', workspace: 'shop', rotatesAt: inMinutes(28 * day) }],
}

/** The same where nothing was encrypted yet. */
export const freshStatus: Wire<'kms.status'> = {
  health: 'ok',
  warnings: [
    {
      kind: 'single-key',
      message: 'one key encryption key alone opens this database: if it is lost, so is all that is sealed',
      advice:
        'keep a copy of an age key on another machine, ' +
        'or name a second key in [kms.second] and run `gatehouse kms change-backend`',
    },
  ],
  databaseKeys: 1,
  sealed: [],
  keys: [],
  rotationsDue: 0,
  nextRotations: [],
}
