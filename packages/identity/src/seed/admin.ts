import { canonicalName, invalidField, Refusal, secret, userNameRule, type Secret } from '@gatehouse/contract'
import type { Transaction } from '@gatehouse/database'
import { uid } from '@gatehouse/enforcement'
import { createOneTimePassword } from '../proof/password/one-time-password.ts'
import { createPasswordHashing } from '../proof/password/password-hashing.ts'
import { revokeSessionsOf, selectGrants } from '../session/session.queries.ts'
import { insertUser, selectUserId } from '../directory/user.queries.ts'
import { ensureFoundation } from './foundation.ts'
import { seedPasswordPlace, type SeedDeps } from './seed-deps.ts'
import {
  deleteSeedSecret,
  hasUsers,
  insertSeedSecret,
  lockSeeds,
  resetUser,
  selectSeedSecrets,
} from '../directory/seed.queries.ts'

/** The first administrator's user name, where nobody chose another. */
export const adminUsername = 'admin'

export interface AdminAccount {
  readonly username: string
  /** Null once it has been changed. */
  readonly oneTimePassword: Secret<string> | null
}

/**
 * Makes `admin` in an empty Gatehouse, and keeps the one-time password sealed until it is changed. Safe at every start.
 */
export async function seedAdmin(deps: SeedDeps): Promise<AdminAccount> {
  if (!(await hasUsers(deps.db))) await createAdmin(deps, adminUsername, 'kept').catch(unlessThere)
  return { username: adminUsername, oneTimePassword: await oneTimePassword(deps) }
}

/** The first administrator's one-time password; null once it has been changed. */
export async function oneTimePassword({ db, sealer }: Pick<SeedDeps, 'db' | 'sealer'>): Promise<Secret<string> | null> {
  const [row] = await selectSeedSecrets(db, 'one-time')
  return row === undefined
    ? null
    : secret(Buffer.from(sealer.unseal(seedPasswordPlace(row.user_id), row.password)).toString('utf8'))
}

/** Makes the first administrator of a Gatehouse that has no users. Throws `Refusal('conflict')` once it has one. */
export async function adminInit(
  deps: SeedDeps,
  account: { readonly username: string },
): Promise<AdminAccount & { readonly oneTimePassword: Secret<string> }> {
  const username = canonicalName(account.username)
  if (username === null) throw invalidField('username', userNameRule)
  return { username, oneTimePassword: await createAdmin(deps, username, 'shown') }
}

/**
 * Lets an administrator back in who has lost password or authenticators: a one-time password, no authenticators, no
 * sessions.
 * Whoever may run this owns the database anyway; the audit log says that it was done.
 */
export async function adminRecover(
  deps: SeedDeps,
  account: { readonly username: string },
): Promise<AdminAccount & { readonly oneTimePassword: Secret<string> }> {
  const username = canonicalName(account.username)
  const password = createOneTimePassword(deps.random)
  const passwordHash = await createPasswordHashing(deps.random, deps.passwordCost).hash(password)
  await deps.db.transaction().execute(async (tx) => {
    const userId = username === null ? null : await selectUserId(tx, username)
    if (username === null || userId === null || !(await selectGrants(tx, userId)).roles.includes('Admin'))
      throw invalidField('username', 'the user name of an administrator')
    const now = deps.clock.now()
    await resetUser(tx, { userId, username, passwordHash, now })
    await revokeSessionsOf(tx, { userId, except: null, now, reason: 'recovered on the server' })
    await deleteSeedSecret(tx, userId)
    await deps.change.event(tx, { name: 'admin.recovered', resource: uid('User', userId) })
  })
  return { username: username ?? '', oneTimePassword: password }
}

async function createAdmin(deps: SeedDeps, username: string, keeping: 'kept' | 'shown'): Promise<Secret<string>> {
  const password = createOneTimePassword(deps.random)
  const passwordHash = await createPasswordHashing(deps.random, deps.passwordCost).hash(password)
  await deps.db.transaction().execute(async (tx) => {
    await lockSeeds(tx)
    if (await hasUsers(tx))
      throw new Refusal('conflict', {
        hint:
          'this Gatehouse has users already; an administrator who is locked out gets in again by `gatehouse admin ' +
          'recover`',
      })
    await ensureFoundation(tx, deps)
    const id = deps.random.id()
    await insertUser(tx, {
      id,
      username,
      displayName: 'Administrator',
      email: null,
      passwordHash,
      mustChangePassword: true,
      role: 'Admin',
      teamIds: [],
      now: deps.clock.now(),
    })
    if (keeping === 'kept') await keepPassword(tx, deps, { id, password })
    await deps.change.event(tx, { name: 'admin.initialised', resource: uid('User', id) })
  })
  return password
}

const keepPassword = (
  tx: Transaction,
  { sealer }: SeedDeps,
  { id, password }: { id: string; password: Secret<string> },
): Promise<void> =>
  insertSeedSecret(tx, {
    userId: id,
    kind: 'one-time',
    password: Buffer.from(sealer.seal(seedPasswordPlace(id), Buffer.from(password.expose()))),
    totpSecret: null,
  })

/** Another node was faster, which is as good. */
function unlessThere(error: unknown): void {
  if (!(error instanceof Refusal && error.code === 'conflict')) throw error
}
