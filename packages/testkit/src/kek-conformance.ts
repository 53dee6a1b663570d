import { inspect } from 'node:util'
import { KekError, type KeyEncryptionKey } from '@gatehouse/keys'
import { beforeAll, describe, expect, test } from 'vitest'

/** Keys of one backend, right ones and wrong ones. Null: the backend has no such case. */
export interface KeksUnderTest {
  readonly right: KeyEncryptionKey
  /** Another key of the same backend. */
  readonly other: KeyEncryptionKey
  /** Named, and not there. */
  readonly missing: KeyEncryptionKey | null
  /** There, with credentials that may not use it. */
  readonly denied: KeyEncryptionKey | null
  /** There, and not to be used: disabled, or made for something else. */
  readonly unusable: KeyEncryptionKey | null
  /** At an address where nobody answers. */
  readonly away: KeyEncryptionKey | null
  /** Credentials that no error may hold. */
  readonly secrets: readonly string[]
}

const purpose = 'gatehouse:kms_version_wrap:wrapped:1'
const canary = Buffer.from('canary-of-the-conformance-suite!')

/** What every key encryption key has to do, whichever backend it lies in. */
export const kekConformance = (name: string, open: () => Promise<KeksUnderTest>): void => {
  describe(`a key encryption key of ${name}`, () => {
    let opened: KeksUnderTest
    beforeAll(async () => {
      opened = await open()
    })
    const keks = (): KeksUnderTest => opened
    describe('wraps', () => void wrapping(keks))
    describe('opens', () => void opening(keks))
    describe('fails', () => void failing(keks))
  })
}

type Keks = () => KeksUnderTest

const failureOf = async (call: Promise<unknown>): Promise<KekError> => {
  const error: unknown = await call.then(
    () => null,
    (thrown: unknown) => thrown,
  )
  if (!(error instanceof KekError)) throw new TypeError(`no KekError: ${inspect(error)}`)
  return error
}

function wrapping(keks: Keks): void {
  test('what it unwraps again, of every length that it says it takes', async () => {
    const { right } = keks()
    const { plaintextBytesMax } = right.traits
    for (const length of [1, 32, 33, plaintextBytesMax]) {
      const bytes = Buffer.alloc(length, length)
      const wrapped = await right.wrap(bytes, purpose)
      expect(Buffer.from(await right.unwrap(wrapped, purpose)).equals(bytes)).toBe(true)
    }
    expect((await failureOf(right.wrap(Buffer.alloc(plaintextBytesMax + 1), purpose))).code).toBe('too-long')
  })

  test('the same to other text each time, none of which holds it', async () => {
    const wrapped = await Promise.all(Array.from({ length: 5 }, () => keks().right.wrap(canary, purpose)))
    expect(new Set(wrapped).size).toBe(5)
    for (const text of wrapped)
      for (const encoding of ['utf8', 'base64', 'hex'] as const) expect(text).not.toContain(canary.toString(encoding))
  })

  test('data keys that it generates, no two alike', async () => {
    const { right } = keks()
    const [one, two] = await Promise.all([right.generate(purpose), right.generate(purpose)])
    expect([one.dataKey.length, two.dataKey.length]).toEqual([32, 32])
    expect(Buffer.from(one.dataKey).equals(Buffer.from(two.dataKey))).toBe(false)
    expect(Buffer.from(await right.unwrap(one.wrapped, purpose)).equals(Buffer.from(one.dataKey))).toBe(true)
  })

  test('many at once, each as its own', async () => {
    const many = await Promise.all(
      Array.from({ length: 20 }, async (_, index) => {
        const wrapped = await keks().right.wrap(Buffer.alloc(32, index), `${purpose}${index}`)
        return keks().right.unwrap(wrapped, `${purpose}${index}`)
      }),
    )
    expect(many.map((bytes) => bytes[0])).toEqual(many.map((_, index) => index))
  })
}

/** AWS does not tell what another key has wrapped from what we have no right to. */
const notOpened = ['unwrap-failed', 'denied']

function opening(keks: Keks): void {
  // Threat E7
  test('for the purpose that it wrapped for, and no other', async () => {
    const wrapped = await keks().right.wrap(canary, 'ab:c')
    for (const wrong of ['a:bc', 'ab:c ', 'AB:C', ''])
      expect((await failureOf(keks().right.unwrap(wrapped, wrong))).code).toBe('unwrap-failed')
  })

  test('nothing of another key, and nothing that was changed', async () => {
    const { right, other } = keks()
    const wrapped = await right.wrap(canary, purpose)
    expect(notOpened).toContain((await failureOf(other.unwrap(wrapped, purpose))).code)
    const changed = [wrapped.slice(0, -9), wrapped.slice(9), `${wrapped}AAAA`, '', 'nothing', 'vault:v1:', 'aws:']
    for (const text of changed) expect(notOpened).toContain((await failureOf(right.unwrap(text, purpose))).code)
  })

  test('as itself: two keys differ in name and fingerprint', async () => {
    const { right, other } = keks()
    await right.probe()
    expect(other.fingerprint).not.toBe(right.fingerprint)
    expect(other.uri).not.toBe(right.uri)
  })
}

function failing(keks: Keks): void {
  const hidden = (): string[] => [
    ...keks().secrets,
    ...(['utf8', 'base64', 'hex'] as const).map((encoding) => canary.toString(encoding)),
  ]

  // Threat E5; and an encryption under a misspelt name must not make a key, which nobody then knows of
  test.for([
    ['missing', 'no-such-key'],
    ['denied', 'denied'],
    ['unusable', 'key-unusable'],
    ['away', 'unreachable'],
  ] as const)('where it is %s, says so, names itself and the next step, and holds no secret', async ([kind, code]) => {
    const kek = keks()[kind]
    if (kek === null) return
    for (const call of [() => kek.probe(), () => kek.wrap(canary, purpose), () => kek.generate(purpose)]) {
      const error = await failureOf(call())
      expect(error.code).toBe(code)
      expect(error.message).toContain(kek.uri)
      expect(error.message).toContain(error.next)
      const said = inspect(error, { depth: 10, showHidden: true })
      expect(hidden().filter((secret) => said.includes(secret))).toEqual([])
    }
    expect((await failureOf(kek.probe())).code).toBe(code)
  })
}
