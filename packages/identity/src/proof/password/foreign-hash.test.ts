import { randomBytes, scryptSync } from 'node:crypto'
import { hash as argon2, type Algorithm } from '@node-rs/argon2'
import { hash as bcrypt } from '@node-rs/bcrypt'
import { describe, expect, test } from 'vitest'
import { foreignHashProblem, isOutdated, verifyHash } from './foreign-hash.ts'

const bytes = (text: string): Uint8Array => Buffer.from(text)
const b64 = (data: Uint8Array): string => Buffer.from(data).toString('base64').replaceAll('=', '')
const scryptPhc = (password: string, { ln, r, p }: { ln: number; r: number; p: number }): string => {
  const salt = randomBytes(16)
  const result = scryptSync(password, salt, 32, { N: 2 ** ln, r, p, maxmem: 256 * 2 ** 20 })
  return `$scrypt$ln=${ln},r=${r},p=${p}$${b64(salt)}$${b64(result)}`
}
const ours = { memoryCost: 47_104, timeCost: 2 }

const rfc7914Result = Buffer.from(
  'fdbabe1c9d3472007856e7190d01e9fe7c6ad7cbc8237830e77376634b373162' +
    '2eaf30d92e22a3886ff109279d9830dac727afb94a83ee6d8360cbdfa2cc0640',
  'hex',
)

// published vectors: of the bcrypt of OpenBSD (as crypt_blowfish's own test has them), of RFC 7914 §12 in PHC form, and
// of the Argon2 reference's test
const vectors = [
  ['U*U', '$2a$05$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOeW'],
  ['U*U', '$2y$05$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOeW'],
  ['password', `$scrypt$ln=10,r=8,p=16$${b64(bytes('NaCl'))}$${b64(rfc7914Result)}`],
  ['password', '$argon2id$v=19$m=65536,t=2,p=1$c29tZXNhbHQ$CTFhFdXPJO1aFaMaO6Mm5c8y7cJHAph8ArZWb2GRPPc'],
] as const

describe('a hash from elsewhere', () => {
  test.each(vectors)('of a published vector matches %s and nothing else (%s)', async (password, hashed) => {
    expect(await verifyHash(hashed, bytes(password))).toBe(true)
    expect(await verifyHash(hashed, bytes(`${password}x`))).toBe(false)
  })

  test('of each algorithm is taken at the costs that people use, and matches its password only', async () => {
    const password = 'correct horse'
    const hashes = [
      await bcrypt(password, 6),
      scryptPhc(password, { ln: 12, r: 8, p: 1 }),
      await argon2(password, { algorithm: 2 as Algorithm.Argon2id, memoryCost: 8192, timeCost: 1, parallelism: 4 }),
    ] // the enum is ambient
    for (const hashed of hashes) {
      expect(foreignHashProblem(hashed)).toBeNull()
      expect(await verifyHash(hashed, bytes(password))).toBe(true)
      expect(await verifyHash(hashed, bytes('Correct horse'))).toBe(false)
    }
  })

  const salt = b64(randomBytes(16))
  const result = b64(randomBytes(32))
  test.each([
    `$argon2id$v=19$m=4194304,t=1,p=1$${salt}$${result}`,
    `$argon2id$v=19$m=65536,t=1000,p=1$${salt}$${result}`,
    `$argon2id$v=19$m=65536,t=1,p=255$${salt}$${result}`,
    `$argon2id$v=19$m=8,t=1,p=16$${salt}$${result}`,
    `$argon2id$v=19$m=65536,t=0,p=1$${salt}$${result}`,
    `$2b$15$${'a'.repeat(53)}`,
    `$2b$31$${'a'.repeat(53)}`,
    `$2b$03$${'a'.repeat(53)}`,
    `$scrypt$ln=18,r=8,p=1$${salt}$${result}`,
    `$scrypt$ln=14,r=8,p=999$${salt}$${result}`,
    `$scrypt$ln=99,r=8,p=1$${salt}$${result}`,
    `$scrypt$ln=0,r=8,p=1$${salt}$${result}`,
    `$scrypt$ln=12,r=999,p=1$${salt}$${result}`,
    `$scrypt$ln=14,r=0,p=1$${salt}$${result}`,
  ])('that would cost without bounds, or nothing at all, is refused: %s', (hashed) => {
    expect(foreignHashProblem(hashed)).toMatch(/costs less|of a cost|from 1/)
  })

  test('of bcrypt whose salt or result has stray bits is refused: no password would ever match it', async () => {
    const alphabet = [...'./ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789']
    const whole = '$2a$05$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOeW'
    const salts = alphabet.map((last) => whole.slice(0, 28) + last + whole.slice(29))
    const results = alphabet.map((last) => whole.slice(0, 59) + last)
    const taken = (all: string[]): string[] => all.filter((hashed) => foreignHashProblem(hashed) === null)
    expect(taken(salts).map((hashed) => hashed[28])).toEqual(['.', 'O', 'e', 'u'])
    expect(
      taken(results)
        .map((hashed) => hashed[59])
        .join(''),
    ).toBe('.CGKOSWaeimquy26')
    for (const count of [1, 2, 3, 4, 5, 6]) expect(foreignHashProblem(await bcrypt(`password ${count}`, 4))).toBeNull()
  })

  test.each([
    '',
    'plain text',
    '!',
    '5f4dcc3b5aa765d61d8327deb882cf99',
    '$1$salt$qJH7.N4xYta3aEG/dfqo/0',
    '$6$rounds=5000$salt$abc',
    `$argon2i$v=19$m=65536,t=3,p=1$${salt}$${result}`,
    `$argon2d$v=19$m=65536,t=3,p=1$${salt}$${result}`,
    `$argon2id$v=16$m=65536,t=3,p=1$${salt}$${result}`,
    `$argon2id$v=19$m=65536,t=3,p=1$${salt}$YWJj`,
    `$argon2id$v=19$m=65536,t=3,p=1$YWJj$${result}`,
    `$argon2id$v=19$m=65536,t=3,p=1$${salt}==$${result}`,
    `$argon2id$v=19$m=65536,t=3,p=1$${salt}$${result}\n`,
    '$2x$12$' + 'a'.repeat(53),
    '$2b$12$short',
    '$2b$+4$' + 'a'.repeat(53),
    `$scrypt$ln=14,r=8,p=1$${salt}$YQ`,
    `$scrypt$N=14,r=8,p=1$${salt}$${result}`,
  ])('of another algorithm or form is refused: %j', (hashed) => {
    expect(foreignHashProblem(hashed)).not.toBeNull()
  })
})

test("is made anew when of another algorithm, weaker than today's or far costlier, and not otherwise", async () => {
  const of = (memoryCost: number, timeCost: number): Promise<string> =>
    argon2('x', { algorithm: 2 as Algorithm.Argon2id, memoryCost, timeCost, parallelism: 1 }) // as above
  expect([isOutdated(await bcrypt('x', 4), ours), isOutdated(scryptPhc('x', { ln: 4, r: 8, p: 1 }), ours)]).toEqual([
    true,
    true,
  ])
  expect([
    isOutdated(await of(19_456, 2), ours),
    isOutdated(await of(47_104, 1), ours),
    isOutdated(await of(94_208, 3), ours),
  ]).toEqual([true, true, true])
  expect([isOutdated(await of(47_104, 2), ours), isOutdated(await of(65_536, 2), ours)]).toEqual([false, false])
})
