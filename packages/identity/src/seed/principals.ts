import { secret, type Role, type Secret } from '@gatehouse/contract'
import type { Transaction } from '@gatehouse/database'
import { createOneTimePassword } from '../proof/password/one-time-password.ts'
import { createPasswordHashing } from '../proof/password/password-hashing.ts'
import { totpSecretPlace } from '../proof/totp/prove-totp.ts'
import { totpByDefault, totpSecretBytes, totpSecretText } from '../proof/totp/totp-code.ts'
import { insertUser } from '../directory/user.queries.ts'
import { standingSeconds } from '../approvals/standing.queries.ts'
import { ensureFoundation } from './foundation.ts'
import { seedPasswordPlace, seedTotpPlace, type SeedDeps } from './seed-deps.ts'
import {
  backdateRoles,
  insertConfirmedTotp,
  insertSeedSecret,
  lockSeeds,
  selectSeedSecrets,
  type SeedSecretRow,
} from '../directory/seed.queries.ts'

/** Somebody to try a role with: enrolled, password final and the same at every start. */
export interface SeedPrincipal {
  readonly username: string
  readonly password: Secret<string>
  /** Base32. */
  readonly totpSecret: Secret<string>
  readonly role: Role
  readonly teams: readonly string[]
}

const people = [
  { username: 'ada-admin', displayName: 'Ada (admin)', role: 'Admin', team: 'platform-admin' },
  { username: 'anton-admin', displayName: 'Anton (admin)', role: 'Admin', team: 'sre' },
  { username: 'olga-operator', displayName: 'Olga (operator)', role: 'Operator', team: 'sre' },
  { username: 'oscar-operator', displayName: 'Oscar (operator)', role: 'Operator', team: 'developers' },
  { username: 'dora-developer', displayName: 'Dora (developer)', role: 'Developer', team: 'developers' },
  { username: 'vera-viewer', displayName: 'Vera (viewer)', role: 'Viewer', team: 'developers' },
  { username: 'agnes-auditor', displayName: 'Agnes (auditor)', role: 'Auditor', team: null },
] as const satisfies readonly { username: string; displayName: string; role: Role; team: string | null }[]

type Person = (typeof people)[number]

/**
 * Makes the seven people of the dev stack unless they are there, and answers how each logs in. Who has changed their
 * password since is left out: it is their own now.
 */
export async function seedPrincipals(deps: SeedDeps): Promise<readonly SeedPrincipal[]> {
  const known = await selectSeedSecrets(deps.db, 'seed')
  if (known.length === 0) await createPrincipals(deps)
  const rows = known.length === 0 ? await selectSeedSecrets(deps.db, 'seed') : known
  const inOrder = rows.toSorted((left, right) => placeOf(left) - placeOf(right))
  return inOrder.map((row) => describe(deps, row))
}

/** Scripts take the first Operator and the second: the order is the table's, not that of random ids. */
const placeOf = ({ username }: SeedSecretRow): number => people.findIndex((person) => person.username === username)

async function createPrincipals(deps: SeedDeps): Promise<void> {
  const hashing = createPasswordHashing(deps.random, deps.passwordCost)
  const ready: { person: Person; password: Secret<string>; passwordHash: string }[] = []
  for (const person of people) {
    const password = createOneTimePassword(deps.random)
    ready.push({ person, password, passwordHash: await hashing.hash(password) })
  }
  await deps.db.transaction().execute(async (tx) => {
    await lockSeeds(tx)
    const teams = await ensureFoundation(tx, deps)
    for (const one of ready) await createPrincipal(tx, deps, { ...one, teams })
  })
}

async function createPrincipal(
  tx: Transaction,
  deps: SeedDeps,
  {
    person,
    password,
    passwordHash,
    teams,
  }: { person: Person; password: Secret<string>; passwordHash: string; teams: ReadonlyMap<string, string> },
): Promise<void> {
  const { sealer, random } = deps
  const id = random.id()
  const now = deps.clock.now()
  const teamId = person.team === null ? undefined : teams.get(person.team)
  const added = await insertUser(tx, {
    id,
    username: person.username,
    displayName: person.displayName,
    email: null,
    passwordHash,
    mustChangePassword: false,
    role: person.role,
    teamIds: teamId === undefined ? [] : [teamId],
    now,
  })
  if (!added) return // made by another start meanwhile, or a person of that name: either way not ours to change
  const [authenticatorId, key] = [random.id(), random.bytes(totpSecretBytes[totpByDefault.algorithm])]
  // they are fixtures, there from the start: whoever tries a system out need not wait a day for a second person
  const since = new Date(now.getTime() - standingSeconds * 1000)
  await backdateRoles(tx, { userId: id, since })
  await insertConfirmedTotp(tx, {
    id: authenticatorId,
    userId: id,
    name: 'seed',
    secret: Buffer.from(sealer.seal(totpSecretPlace(authenticatorId), key)),
    ...totpByDefault,
    now: since,
  })
  await insertSeedSecret(tx, {
    userId: id,
    kind: 'seed',
    password: Buffer.from(sealer.seal(seedPasswordPlace(id), Buffer.from(password.expose()))),
    totpSecret: Buffer.from(sealer.seal(seedTotpPlace(id), key)),
  })
}

function describe({ sealer }: SeedDeps, row: SeedSecretRow): SeedPrincipal {
  const key = row.totp_secret === null ? new Uint8Array() : sealer.unseal(seedTotpPlace(row.user_id), row.totp_secret)
  return {
    username: row.username,
    role: row.roles[0] ?? 'Viewer',
    teams: row.teams,
    password: secret(Buffer.from(sealer.unseal(seedPasswordPlace(row.user_id), row.password)).toString('utf8')),
    totpSecret: secret(totpSecretText(key)),
  }
}
