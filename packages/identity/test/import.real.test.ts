import { randomBytes, scryptSync } from 'node:crypto'
import type { Raw } from '@gatehouse/contract'
import { hash as argon2, type Algorithm } from '@node-rs/argon2'
import { hash as bcrypt } from '@node-rs/bcrypt'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { passwordCostDefault } from '../src/index.ts'
import { logIn, personOf, startSystem, testConfig, type LoggedIn, type TestNode, type TestSystem } from './system.ts'

type Imported = Raw<'user.import'>['users'][number]

let system: TestSystem
let one: TestNode
let two: TestNode
let admin: LoggedIn
beforeAll(async () => {
  system = await startSystem()
  // what hashes are held against is what they cost in earnest
  const inEarnest = { ...testConfig, password: passwordCostDefault }
  one = await system.openNode(inEarnest)
  two = await system.openNode(inEarnest)
  await anew()
})
afterAll(() => system.end())

async function anew(): Promise<void> {
  admin = await logIn(system, one, personOf(system, 'Admin'))
}

const b64 = (data: Uint8Array): string => Buffer.from(data).toString('base64').replaceAll('=', '')
function scryptPhc(password: string, ln = 12): string {
  const salt = randomBytes(16)
  return `$scrypt$ln=${ln},r=8,p=1$${b64(salt)}$${b64(scryptSync(password, salt, 32, { N: 2 ** ln, r: 8, p: 1 }))}`
}
const weakArgon2 = (password: string | Uint8Array): Promise<string> =>
  // the package's enum is ambient
  argon2(password, { algorithm: 2 as Algorithm.Argon2id, memoryCost: 4096, timeCost: 1, parallelism: 1 })
const person = (username: string, passwordHash: string, more: Partial<Imported> = {}): Imported => ({
  username,
  role: 'Viewer',
  passwordHash,
  ...more,
})
const hashOf = async (username: string): Promise<string> =>
  (await one.db.selectFrom('users').select('password_hash').where('username', '=', username).executeTakeFirstOrThrow())
    .password_hash
const countUsers = async (): Promise<number> => (await one.db.selectFrom('users').select('id').execute()).length
const logInAs = (node: TestNode, username: string, password: string): Promise<string> =>
  node.outcome('auth.login', { username, password })
const password = 'Trombone!7'

describe('user.import', () => {
  test('people come in with role, teams and the password that they have, and log in with it', async () => {
    const users = [
      person('Bea.crypt', await bcrypt(password, 6), {
        displayName: 'Bea',
        email: 'bea@example.org',
        role: 'Operator',
        teams: ['sre', 'sre'],
      }),
      person('php.crypt', (await bcrypt(password, 5)).replace(/^\$2b/, '$2y')),
      person('old.crypt', (await bcrypt(password, 5)).replace(/^\$2b/, '$2a')),
      person('sam.scrypt', scryptPhc(password)),
      person('ari.argon', await weakArgon2(password)),
    ]
    const { imported, users: shown } = await one.call('user.import', { users }, admin.access)
    expect([imported, shown.map(({ username }) => username)]).toEqual([
      5,
      ['bea.crypt', 'php.crypt', 'old.crypt', 'sam.scrypt', 'ari.argon'],
    ])
    expect(shown[0]).toMatchObject({
      displayName: 'Bea',
      email: 'bea@example.org',
      roles: ['Operator'],
      teams: ['sre'],
      status: 'active',
    })
    for (const { username } of shown) {
      expect(await logInAs(one, username, 'Trombone!8')).toBe('invalid-credentials')
      expect(await logInAs(two, username, password)).toBe('allowed')
    }
    const { entry } = await one.db
      .selectFrom('audit_entry')
      .select('entry')
      .where('action', '=', 'user.import')
      .where('outcome', '=', 'allowed')
      .executeTakeFirstOrThrow()
    expect(JSON.parse(entry)).toMatchObject({ input: {}, detail: { imported: 5, users: shown.map(({ id }) => id) } })
    expect(entry).not.toContain('crypt')
  })

  test('the first right log-in stores the password by our own algorithm and cost, and only that one', async () => {
    await one.call('user.import', { users: [person('re.hash', await bcrypt(password, 6))] }, admin.access)
    const brought = await hashOf('re.hash')
    await logInAs(one, 're.hash', 'wrong')
    expect(await hashOf('re.hash')).toBe(brought)
    await logInAs(one, 're.hash', password)
    const ours = await hashOf('re.hash')
    expect(ours).toMatch(/^\$argon2id\$v=19\$m=47104,t=2,p=1\$/)
    expect(await logInAs(two, 're.hash', password)).toBe('allowed')
    expect(await hashOf('re.hash')).toBe(ours)
    expect(
      await one.db
        .selectFrom('notification as n')
        .innerJoin('users as u', 'u.id', 'n.user_id')
        .select('n.kind')
        .where('u.username', '=', 're.hash')
        .where('n.kind', '=', 'passwordChanged')
        .execute(),
    ).toEqual([])
  })

  test("an argon2id hash that is weaker than today's is made anew; one of today's stays", async () => {
    await one.call(
      'user.import',
      {
        users: [
          person('weak.one', await weakArgon2(password)),
          person(
            'good.one',
            await argon2(password, {
              algorithm: 2 as Algorithm.Argon2id,
              memoryCost: 47_104,
              timeCost: 2,
              parallelism: 1,
            }),
          ),
        ],
      },
      admin.access,
    ) // as above
    const good = await hashOf('good.one')
    for (const username of ['weak.one', 'good.one']) expect(await logInAs(one, username, password)).toBe('allowed')
    expect(await hashOf('weak.one')).toMatch(/m=47104,t=2/)
    expect(await hashOf('good.one')).toBe(good)
  })

  test('of five log-ins at once all are good or wait, and the hash is stored anew', async () => {
    await one.call('user.import', { users: [person('many.one', scryptPhc(password))] }, admin.access)
    const outcomes = await Promise.all(
      Array.from({ length: 5 }, (_, index) => logInAs(index % 2 === 0 ? one : two, 'many.one', password)),
    )
    expect(new Set(outcomes).difference(new Set(['allowed', 'rate-limited', 'unavailable']))).toEqual(new Set())
    expect(await hashOf('many.one')).toMatch(/m=47104,t=2/)
  })

  test('a password that was hashed as it was typed still matches, and is then of one spelling', async () => {
    const [typed, composed] = ['scho\u0308n genug', 'sch\u00f6n genug']
    await one.call('user.import', { users: [person('spelt.one', await weakArgon2(Buffer.from(typed)))] }, admin.access)
    expect(await logInAs(one, 'spelt.one', composed)).toBe('invalid-credentials')
    expect(await logInAs(one, 'spelt.one', typed)).toBe('allowed')
    expect(await logInAs(one, 'spelt.one', composed)).toBe('allowed')
  })

  test('all or none: everything that is wrong is told at once by row and field, and nobody is there', async () => {
    await anew()
    const good = await bcrypt(password, 4)
    const before = await countUsers()
    const users = [
      person('fresh.one', good),
      person('FRESH.one', good),
      person('b ad', good),
      person(personOf(system, 'Viewer').username.toUpperCase(), good),
      person('dos.one', `$argon2id$v=19$m=4194304,t=1,p=1$${b64(randomBytes(16))}$${b64(randomBytes(32))}`),
      person('md5.one', '5f4dcc3b5aa765d61d8327deb882cf99'),
      person('team.one', good, { teams: ['sre', 'nobodies'] }),
    ]
    const refusal = await one.refusal('user.import', { users }, admin.access)
    expect(refusal.code).toBe('invalid-input')
    expect(refusal.details.fields?.map(({ path }) => path)).toEqual([
      'users.1.username',
      'users.2.username',
      'users.3.username',
      'users.4.passwordHash',
      'users.5.passwordHash',
      'users.6.teams',
    ])
    expect(refusal.details.fields?.[0]?.message).toBe('each name once; users.0 has it')
    expect(JSON.stringify(refusal.details)).not.toContain('5f4dcc3b')
    expect(await countUsers()).toBe(before)
  })

  test('at most twenty problems are told, and at most two hundred people come at once', async () => {
    const many = Array.from({ length: 60 }, (_, index) => person(`many.${index}`, 'nothing'))
    expect((await one.refusal('user.import', { users: many }, admin.access)).details.fields).toHaveLength(20)
    const hashed = await bcrypt(password, 4)
    expect(
      await one.outcome(
        'user.import',
        { users: Array.from({ length: 201 }, (_, index) => person(`too.many.${index}`, hashed)) },
        admin.access,
      ),
    ).toBe('invalid-input')
    expect(
      (
        await one.call(
          'user.import',
          {
            users: Array.from({ length: 200 }, (_, index) => person(`just.right.${index}`, hashed, { teams: ['sre'] })),
          },
          admin.access,
        )
      ).imported,
    ).toBe(200)
  })

  test('two imports of one name at once: one comes in', async () => {
    await anew()
    const hashed = await bcrypt(password, 4)
    const outcomes = await Promise.all(
      [one, two].map((node) =>
        node.outcome(
          'user.import',
          { users: [person('only.one', hashed), person(`beside.${node === one ? 1 : 2}`, hashed)] },
          admin.access,
        ),
      ),
    )
    expect(outcomes.filter((outcome) => outcome === 'allowed')).toHaveLength(1)
    expect(await one.db.selectFrom('users').select('id').where('username', 'like', 'beside.%').execute()).toHaveLength(
      1,
    )
  })

  test('wants people, a caller and a factor proved lately', async () => {
    const users = [person('late.one', await bcrypt(password, 4))]
    expect(await one.outcome('user.import', { users: [] }, admin.access)).toBe('invalid-input')
    expect(await one.outcome('user.import', { users })).toBe('unauthenticated')
    system.clock.advance(301)
    expect(await one.outcome('user.import', { users }, admin.access)).toBe('step-up-required')
    expect(await one.db.selectFrom('users').select('id').where('username', '=', 'late.one').execute()).toEqual([])
  })
})
