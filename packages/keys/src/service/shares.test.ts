import { randomBytes } from 'node:crypto'
import { describe, expect, test } from 'vitest'
import { joinShares, shareMaterial, type SharedVersion } from './shares.ts'

const of: SharedVersion = { keyId: '019ad000-0000-7000-8000-000000000001', version: 3, quorum: 2 }
const material = randomBytes(32)
const shares = shareMaterial(material, of, 3)
const pick = (...indices: number[]): Uint8Array[] => indices.map((index) => shares[index] ?? new Uint8Array())

describe('the shares of a version', () => {
  test('give its material back, any two of three, in any order', () => {
    for (const some of [pick(0, 1), pick(2, 0), pick(2, 1)])
      expect(joinShares(some, of)).toEqual(Uint8Array.from(material))
  })

  test('give nothing alone, or one of them twice, or all where two are asked for', () => {
    for (const some of [pick(0), pick(0, 0), pick(0, 1, 2)]) expect(joinShares(some, of)).toBeNull()
  })

  test('hold nothing of it', () => {
    const hex = Buffer.from(material).toString('hex')
    for (const share of shares) expect(Buffer.from(share).toString('hex')).not.toContain(hex)
  })

  test('do not mix with those of another version, key or sharing', () => {
    for (const other of [{ ...of, version: 4 }, { ...of, keyId: of.keyId.replace(/1$/, '2') }, of]) {
      const theirs = shareMaterial(other === of ? material : randomBytes(32), other, 3)
      const mixed = [...pick(0), ...theirs.slice(1, 2)]
      expect([joinShares(mixed, of), joinShares(mixed, other)]).toEqual([null, null])
      if (other !== of) expect(joinShares(pick(0, 1), other)).toBeNull()
    }
  })

  test('of a quorum of three are not opened by two, though a row says that two suffice', () => {
    const three = shareMaterial(material, { ...of, quorum: 3 }, 3)
    expect(joinShares(three.slice(0, 2), of)).toBeNull()
    expect(joinShares([...three], { ...of, quorum: 3 })).toEqual(Uint8Array.from(material))
  })

  // whoever has one backend can put any share of their own there: the sum moves by what they like
  test('give nothing where one was replaced, at any of its bytes', () => {
    const [first, second] = pick(0, 1)
    if (first === undefined || second === undefined) throw new TypeError('two shares')
    for (let byte = 0; byte < first.length; byte += 1) {
      const changed = Uint8Array.from(first, (value, index) => (index === byte ? value ^ 1 : value))
      expect(joinShares([changed, second], of)).toBeNull()
    }
    expect(joinShares([first.subarray(1), second], of)).toBeNull()
  })

  test.each([0, 1, 4])('a quorum of %i of three is refused', (quorum) => {
    expect(() => shareMaterial(material, { ...of, quorum }, 3)).toThrow(RangeError)
  })
})
