import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { referenceGcm } from '../testdata/reference-gcm.ts'
import { nonceBytesMax, openGcm } from './gcm.ts'

interface WycheproofTest {
  readonly tcId: number
  readonly comment: string
  readonly key: string
  readonly iv: string
  readonly aad: string
  readonly msg: string
  readonly ct: string
  readonly tag: string
  readonly result: 'valid' | 'invalid'
}
const path = new URL('../testdata/wycheproof-aes-gcm.json', import.meta.url)
const { tests } = JSON.parse(readFileSync(path, 'utf8')) as { tests: readonly WycheproofTest[] } // as published

const bytes = (hex: string): Buffer => Buffer.from(hex, 'hex')
const opened = ({ key, iv, aad, ct, tag }: WycheproofTest): string | null =>
  openGcm({ key: bytes(key), nonce: bytes(iv), data: bytes(aad), text: bytes(ct), tag: bytes(tag) })?.toString('hex') ??
  null

// Issue 12, acceptance 7.
describe('AES-256-GCM, by the vectors of Wycheproof', () => {
  test('are all here, right ones and wrong ones', () => {
    expect(tests.filter(({ result }) => result === 'valid')).toHaveLength(76)
    expect(tests.filter(({ result }) => result === 'invalid')).toHaveLength(29)
  })

  test.each(tests)('$tcId is $result ($comment)', (one) => {
    const isTaken = one.result === 'valid' && one.iv.length <= 2 * nonceBytesMax
    expect(opened(one)).toBe(isTaken ? one.msg : null)
  })

  test.each(tests.filter(({ result, iv }) => result === 'valid' && iv.length === 24))(
    '$tcId: what the second implementation seals is the same',
    ({ key, iv, aad, msg, ct, tag }) => {
      const sealed = referenceGcm({ key: bytes(key), nonce: bytes(iv), data: bytes(aad), plaintext: bytes(msg) })
      expect(sealed.toString('hex')).toBe(ct + tag)
    },
  )

  test('never takes a tag cut short', () => {
    const [one] = tests.filter(({ result }) => result === 'valid')
    if (one === undefined) return expect.fail('no right one')
    for (const bytesKept of [0, 4, 8, 12, 15])
      expect(opened({ ...one, tag: one.tag.slice(0, 2 * bytesKept) })).toBeNull()
  })
})
