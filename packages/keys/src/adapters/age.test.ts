import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { ageKek, newAgeIdentity } from './age.ts'

let directory: string
let path: string
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'gatehouse-kek-'))
  path = join(directory, 'kek.age')
})
afterEach(() => rm(directory, { recursive: true, force: true }))

const writeIdentity = async (content?: string, mode = 0o600): Promise<void> => {
  await writeFile(path, content ?? (await newAgeIdentity()))
  await chmod(path, mode)
}
const dataKey = Buffer.alloc(32, 7)

describe('ageKek', () => {
  test('a wrapped data key is unwrapped for its own purpose only', async () => {
    await writeIdentity()
    const kek = await ageKek(path)
    const wrapped = await kek.wrap(dataKey, 'gatehouse:data_key:wrapped:1')
    expect(Buffer.from(await kek.unwrap(wrapped, 'gatehouse:data_key:wrapped:1'))).toEqual(dataKey)
    await expect(kek.unwrap(wrapped, 'gatehouse:data_key:wrapped:2')).rejects.toMatchObject({ code: 'unwrap-failed' })
  })

  test('another identity has another fingerprint and opens nothing', async () => {
    await writeIdentity()
    const first = await ageKek(path)
    const wrapped = await first.wrap(dataKey, 'p')
    await writeIdentity()
    const second = await ageKek(path)
    expect(second.fingerprint).not.toBe(first.fingerprint)
    await expect(second.unwrap(wrapped, 'p')).rejects.toMatchObject({ code: 'unwrap-failed' })
  })

  test.each([0o640, 0o604, 0o620, 0o602, 0o644])('a file with mode %o is refused', async (mode) => {
    await writeIdentity(undefined, mode)
    await expect(ageKek(path)).rejects.toMatchObject({ code: 'exposed' })
  })

  // Threat E8: an age plugin's name becomes the path of a program (CVE-2024-56327)
  test.each(['AGE-PLUGIN-EVIL-1QQPZRY', '../../bin/sh', '', 'AGE-SECRET-KEY-1', 'age1qqqq', 'AGE-SECRET-KEY-PQ-1AAAA'])(
    '`%s` is not an identity',
    async (line) => {
      await writeIdentity(`${line}\n`)
      await expect(ageKek(path)).rejects.toMatchObject({ code: 'malformed' })
    },
  )

  test('two identities in one file are refused: which one is meant cannot be known', async () => {
    await writeIdentity((await newAgeIdentity()) + (await newAgeIdentity()))
    await expect(ageKek(path)).rejects.toMatchObject({ code: 'malformed' })
  })

  test('a missing file is said to be missing', async () => {
    await expect(ageKek(path)).rejects.toMatchObject({ code: 'missing' })
  })
})
