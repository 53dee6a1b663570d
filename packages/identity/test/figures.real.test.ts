import { randomBytes, randomUUID } from 'node:crypto'
import { roles, type Role } from '@gatehouse/contract'
import { openStore, type Store } from '@gatehouse/database'
import { createDatabase, type TestDatabase } from '@gatehouse/testkit'
import { sql } from 'kysely'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { readFigures } from '../src/upkeep/figures.ts'

const now = new Date('2026-11-23T12:34:56.000Z')
const hour = 3600
const day = 24 * hour
const inSeconds = (seconds: number): Date => new Date(now.getTime() + seconds * 1000)

let database: TestDatabase
let db: Store
beforeAll(async () => {
  database = await createDatabase()
  db = openStore(database.adminUrl, { name: 'figures-test' })
})
afterAll(async () => {
  await db.destroy()
  await database.drop()
})
beforeEach(() => sql`truncate users, service_account, guess_throttle, audit_placed cascade`.execute(db))

const limits = {
  sessionAbsoluteSeconds: 30 * day,
  sessionIdleSeconds: 7 * day,
  accessTokenTtlSeconds: 900,
  refreshTokenTtlSeconds: 7 * day,
}
const byRole = <T>(of: (role: Role) => T): Record<Role, T> => ({
  Admin: of('Admin'),
  Developer: of('Developer'),
  Operator: of('Operator'),
  Viewer: of('Viewer'),
  Auditor: of('Auditor'),
})
const settings = {
  current: () =>
    Promise.resolve({
      requiredRoles: [],
      limits: byRole((role) =>
        role === 'Admin' ? { ...limits, sessionAbsoluteSeconds: 12 * hour, sessionIdleSeconds: 1800 } : limits,
      ),
      authenticatorRules: byRole(() => ({ attestation: 'none' as const, aaguids: [], backupEligibleAllowed: true })),
      authFailuresAlert: 5,
      revocationSpikeAlert: 50,
      alertQuietMinutes: 60,
      leaseExpiryAlertMinutes: 15,
    }),
}
const figuresNow = () => readFigures({ db, settings, guesses: { limit: 5, windowSeconds: 300 } }, now)

/** A person with roles and confirmed authenticators. */
async function person({
  held = ['Operator'],
  status = 'active',
  factors = [],
  username = `u-${randomUUID()}`,
}: {
  held?: readonly Role[]
  status?: 'active' | 'disabled'
  factors?: readonly ('totp' | 'webauthn')[]
  username?: string
} = {}): Promise<string> {
  const id = randomUUID()
  await sql`
    insert into users (id, username, display_name, status, password_hash, must_change_password, password_changed_at)
    values (${id}, ${username}, '', ${status}, '', false, ${now})`.execute(db)
  for (const role of held)
    await sql`insert into user_role (user_id, role) values (${id}, ${role}::role_name)`.execute(db)
  for (const kind of factors)
    await sql`
      insert into authenticator (id, user_id, kind, name, confirmed_at)
      values (${randomUUID()}, ${id}, ${kind}, '', ${now})`.execute(db)
  return id
}

const session = (
  user: string,
  {
    assurance = 'mfa',
    usedAt = inSeconds(-60),
    provedAt = inSeconds(-hour),
    expiresAt = inSeconds(day),
    revokedAt = null,
  }: { assurance?: 'pw' | 'mfa'; usedAt?: Date; provedAt?: Date; expiresAt?: Date; revokedAt?: Date | null } = {},
) =>
  sql`
    insert into session (id, user_id, assurance, methods, auth_time, address, user_agent,
      last_used_at, expires_at, revoked_at)
    values (${randomUUID()}, ${user}, ${assurance}, '{}', ${provedAt}, '', '',
      ${usedAt}, ${expiresAt}, ${revokedAt})`.execute(db)

const token = (
  owner: { user?: string; account?: string },
  {
    expiresAt = inSeconds(90 * day),
    createdAt = inSeconds(-day),
    usedAt = null,
    revokedAt = null,
  }: { expiresAt?: Date; createdAt?: Date; usedAt?: Date | null; revokedAt?: Date | null } = {},
) =>
  sql`
    insert into api_token (id, name, user_id, account_id, hash, hint, purpose, scopes, source_addresses,
      created_at, expires_at, last_used_at, revoked_at)
    values (${randomUUID()}, 't', ${owner.user ?? null}, ${owner.account ?? null}, ${randomBytes(32)}, 'h', 'p',
      '{read}', '{}', ${createdAt}, ${expiresAt}, ${usedAt}, ${revokedAt})`.execute(db)

async function account(status: 'active' | 'disabled' = 'active'): Promise<string> {
  const id = randomUUID()
  await sql`
    insert into service_account (id, name, description, status, created_at)
    values (${id}, ${id}, '', ${status}, ${now})`.execute(db)
  return id
}

const attempt = (
  at: Date,
  {
    action = 'auth.login',
    outcome = 'refused',
    refusal = 'invalid-credentials',
  }: { action?: string; outcome?: string; refusal?: string | null } = {},
) => {
  const facts = { at: at.toISOString(), action, outcome, refusal }
  const entry = { ...facts, principal: { id: 'anonymous' }, resource: { type: 'System', id: 'gatehouse' } }
  return sql`insert into audit_placed (id, entry) values (${randomUUID()}, ${JSON.stringify(entry)})`.execute(db)
}

describe('the security dashboard', () => {
  test('an empty house has all roles with nobody in them, 24 hours without a failure, and zeros', async () => {
    const figures = await figuresNow()
    expect(figures.coverage.map(({ role }) => role)).toEqual([...roles])
    expect(figures.failedLoginsByHour).toHaveLength(24)
    const { coverage: _coverage, failedLoginsByHour: _hours, ...counts } = figures
    expect(Object.values(counts).every((count) => count === 0)).toBe(true)
  })

  test('coverage counts active people by role, tells keys from other factors, and no unfinished one', async () => {
    await person({ held: ['Admin', 'Operator'], factors: ['totp', 'webauthn'] })
    await person({ factors: ['totp'] })
    const unfinished = await person()
    await sql`
      insert into authenticator (id, user_id, kind, name)
      values (${randomUUID()}, ${unfinished}, 'webauthn', '')`.execute(db)
    await person({ status: 'disabled', factors: ['webauthn'] })
    const { coverage, peopleActive, peopleDisabled, peopleEnrolled } = await figuresNow()
    expect(coverage.filter(({ people }) => people > 0)).toEqual([
      { role: 'Admin', people: 1, enrolled: 1, phishingResistant: 1 },
      { role: 'Operator', people: 3, enrolled: 2, phishingResistant: 1 },
    ])
    expect({ peopleActive, peopleDisabled, peopleEnrolled }).toEqual({
      peopleActive: 3,
      peopleDisabled: 1,
      peopleEnrolled: 2,
    })
  })

  test('failed log-ins are wrong proofs of the last 24 hours by the hour, and no other refusals', async () => {
    await attempt(inSeconds(-60))
    await attempt(inSeconds(-30), { action: 'auth.completeMfa' })
    await attempt(new Date('2026-11-23T11:59:59.999Z'), { action: 'auth.passkeyComplete' })
    await attempt(new Date('2026-11-22T13:00:00.000Z'))
    await attempt(new Date('2026-11-22T12:59:59.999Z'))
    await attempt(inSeconds(-60), { refusal: 'rate-limited' })
    await attempt(inSeconds(-60), { outcome: 'allowed', refusal: null })
    await attempt(inSeconds(-60), { action: 'auth.stepUpComplete' })
    await attempt(inSeconds(-60), { action: 'refusals.aggregated' })
    const { failedLogins, failedLoginsByHour } = await figuresNow()
    expect(failedLogins).toBe(4)
    expect(
      failedLoginsByHour.filter(({ count }) => count > 0).map(({ hour: at, count }) => [at.toISOString(), count]),
    ).toEqual([
      ['2026-11-22T13:00:00.000Z', 1],
      ['2026-11-23T11:00:00.000Z', 1],
      ['2026-11-23T12:00:00.000Z', 2],
    ])
  })

  test('an account is locked while its guesses are used up, once by password and code, never without one', async () => {
    await person({ username: 'ada' })
    await person({ username: 'grace' })
    await person({ username: 'mary' })
    await person({ username: 'emmy' })
    const guesses = (
      kind: string,
      key: string,
      { failures = 5, last = inSeconds(-301), until = null }: { failures?: number; last?: Date; until?: Date | null },
    ) =>
      sql`
        insert into guess_throttle (kind, key, failures, window_start, blocked_until)
        values (${kind}, ${key}, ${failures}, ${last}, ${until})`.execute(db)
    await guesses('password', 'ada', { until: inSeconds(60) })
    await guesses('code', 'ada', { until: inSeconds(60) })
    await guesses('password', 'mary', { last: inSeconds(-299) })
    await guesses('password', 'grace', { until: inSeconds(-1) })
    await guesses('code', 'emmy', { failures: 4, last: inSeconds(-1) })
    await guesses('password', 'nobody', { until: inSeconds(60) })
    await guesses('address', 'grace', { until: inSeconds(60) })
    expect((await figuresNow()).accountsLocked).toBe(2)
  })

  test("a session is alive by the shortest limits of its person's roles; those of one factor are told", async () => {
    const [operator, admin] = [await person(), await person({ held: ['Admin', 'Operator'] })]
    await session(operator)
    await session(operator, { assurance: 'pw' })
    await session(operator, { usedAt: inSeconds(-6 * day) })
    await session(operator, { usedAt: inSeconds(-8 * day) })
    await session(operator, { revokedAt: inSeconds(-5) })
    await session(operator, { expiresAt: inSeconds(-5) })
    await session(admin, { usedAt: inSeconds(-1700) })
    await session(admin, { usedAt: inSeconds(-1900) })
    await session(admin, { provedAt: inSeconds(-13 * hour) })
    await session(await person({ status: 'disabled' }))
    expect(await figuresNow()).toMatchObject({ sessionsActive: 4, sessionsWithoutMfa: 1 })
  })

  test('a person without a role has the shortest life of all: what is not known is not counted as alive', async () => {
    const nobody = await person({ held: [] })
    await session(nobody, { usedAt: inSeconds(-1900) })
    await session(nobody)
    expect((await figuresNow()).sessionsActive).toBe(1)
  })

  test('API tokens work while neither they nor their owner have ended; ending and idle ones are told', async () => {
    const [user, program] = [await person(), await account()]
    await token({ user })
    await token({ account: program }, { expiresAt: inSeconds(13 * day), usedAt: inSeconds(-60) })
    await token({ account: program }, { createdAt: inSeconds(-31 * day) })
    await token({ account: program }, { createdAt: inSeconds(-60 * day), usedAt: inSeconds(-29 * day) })
    await token({ user }, { revokedAt: inSeconds(-5) })
    await token({ user }, { expiresAt: inSeconds(-5) })
    await token({ account: await account('disabled') })
    await token({ user: await person({ status: 'disabled' }) })
    expect(await figuresNow()).toMatchObject({
      apiTokensActive: 4,
      apiTokensExpiring: 1,
      apiTokensUnused: 1,
      serviceAccountsActive: 1,
    })
  })

  test('approvals wait until they are decided or over', async () => {
    const [asks, about] = [await person(), await person()]
    const approval = (state: string, expiresAt: Date, action: string) =>
      sql`
        insert into approval (id, action, requester_id, subject_id, resource_id, call_hash, request_hash, reason, state,
          created_at, expires_at)
        values (${randomUUID()}, ${action}, ${asks}, ${about}, ${about}, ${Buffer.from(action)}, '', 'r', ${state},
          ${now}, ${expiresAt})`.execute(db)
    await approval('pending', inSeconds(60), 'a')
    await approval('pending', inSeconds(-60), 'b')
    await approval('approved', inSeconds(60), 'c')
    await approval('denied', inSeconds(60), 'd')
    expect((await figuresNow()).approvalsPending).toBe(1)
  })

  test('backup codes are low at three left or fewer, also at none; an unconfirmed set is not looked at', async () => {
    const codes = async (left: number, spent: number, confirmedAt: Date | null = now): Promise<void> => {
      const [set, user] = [randomUUID(), await person()]
      await sql`
        insert into backup_code_set (id, user_id, salt, created_at, confirmed_at)
        values (${set}, ${user}, '', ${now}, ${confirmedAt})`.execute(db)
      for (let index = 0; index < left + spent; index += 1)
        await sql`
          insert into backup_code (set_id, hash, used_at)
          values (${set}, ${randomBytes(8)}, ${index < left ? null : now})`.execute(db)
    }
    await codes(3, 7)
    await codes(0, 10)
    await codes(4, 6)
    await codes(2, 0, null)
    await person()
    expect((await figuresNow()).backupCodesLow).toBe(2)
  })
})
