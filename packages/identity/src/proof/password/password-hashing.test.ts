import { secret } from '@gatehouse/contract'
import { systemRandom } from '@gatehouse/enforcement'
import { expect, test } from 'vitest'
import { createPasswordHashing } from './password-hashing.ts'

const random = systemRandom({ now: () => new Date(0) })

test('a password matches its own hash, however its letters are composed, and no other', async () => {
  const hashing = createPasswordHashing(random)
  const hashed = await hashing.hash(secret('sch\u00f6n genug'))
  expect(hashed).toMatch(/^\$argon2id\$v=19\$m=47104,t=2,p=1\$/)
  expect(await hashing.matches(hashed, secret('scho\u0308n genug'))).toBe(true)
  expect(await hashing.matches(hashed, secret('schon genug'))).toBe(false)
  expect(await hashing.hash(secret('sch\u00f6n genug'))).not.toBe(hashed)
})

// Timed by the processor: the other suites share the cores.
test('an unknown name never matches and costs a hash, too', async () => {
  const hashing = createPasswordHashing(random)
  const hashed = await hashing.hash(secret('right one'))
  const time = async (against: string | null): Promise<number> => {
    const start = process.cpuUsage()
    expect(await hashing.matches(against, secret('wrong one'))).toBe(false)
    return process.cpuUsage(start).user
  }
  const [known, unknown]: [number[], number[]] = [[], []]
  for (let round = 0; round < 7; round += 1) {
    known.push(await time(hashed))
    unknown.push(await time(null))
  }
  const [fastestKnown, fastestUnknown] = [Math.min(...known), Math.min(...unknown)]
  expect(fastestUnknown).toBeGreaterThan(fastestKnown / 2)
  expect(fastestUnknown).toBeLessThan(fastestKnown * 2)
})

test('of a hundred at once some are refused, and those that are not are answered within a few seconds', async () => {
  const hashing = createPasswordHashing(random)
  const outcomes = await Promise.all(
    Array.from({ length: 100 }, () =>
      hashing.matches(null, secret('x')).then(
        () => 'answered',
        (error: { code: string }) => error.code,
      ),
    ),
  )
  expect(outcomes.filter((outcome) => outcome === 'unavailable').length).toBeGreaterThan(50)
  expect(outcomes.filter((outcome) => outcome === 'answered').length).toBeGreaterThan(0)
})
