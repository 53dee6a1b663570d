import { createCipheriv, createHash, hkdfSync, randomBytes } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { testSeed, volume } from '@gatehouse/testkit'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { chunkBytes, decryptFile, encryptFile, FileError, wrappedBytesMax, wrappedKeyOf } from './encrypted-file.ts'

const dataKey = randomBytes(32)
const wrapped = Buffer.from('a wrapped data key')
const key = { dataKey, wrapped }
const opens = () => Promise.resolve(dataKey)
const sealedChunk = chunkBytes + 16
const headerBytes = 41 + wrapped.length

/** A source that comes in pieces of one size, as no file system promises it. */
async function* pieces(bytes: Uint8Array, pieceBytes = bytes.length): AsyncGenerator<Uint8Array> {
  await Promise.resolve()
  for (let at = 0; at < bytes.length; at += pieceBytes) yield bytes.subarray(at, at + pieceBytes)
}
const whole = async (source: AsyncIterable<Uint8Array>): Promise<Buffer> => Buffer.concat(await Array.fromAsync(source))
const encrypted = (plain: Uint8Array): Promise<Buffer> => whole(encryptFile(key, pieces(plain)))
const decrypted = (file: Uint8Array): Promise<Buffer> => whole(decryptFile(opens, pieces(file)))
const failureOf = async (file: Uint8Array): Promise<unknown> =>
  decrypted(file).then(
    () => null,
    (error: unknown) => (error instanceof FileError ? error.code : error),
  )

const flip = (bytes: Buffer, bit: number): void =>
  void bytes.writeUInt8(bytes.readUInt8(bit >> 3) ^ (1 << (bit & 7)), bit >> 3)

describe('an encrypted file', () => {
  test.each([0, 1, 15, 16, chunkBytes - 1, chunkBytes, chunkBytes + 1, 2 * chunkBytes, 3 * chunkBytes + 7])(
    'of %i bytes opens to what it was, in whatever pieces it comes',
    async (length) => {
      const plain = randomBytes(length)
      const file = await whole(encryptFile(key, pieces(plain, 70_001)))
      expect(file.length).toBe(headerBytes + length + 16 * Math.max(1, Math.ceil(length / chunkBytes)))
      for (const pieceBytes of [1009, sealedChunk, file.length])
        expect((await whole(decryptFile(opens, pieces(file, pieceBytes)))).equals(plain)).toBe(true)
    },
  )

  test('says which wrapped data key opens it, and gives just that to who opens it', async () => {
    const file = await encrypted(randomBytes(9))
    expect(await wrappedKeyOf(pieces(file, 3))).toEqual(wrapped)
    const asked: Buffer[] = []
    await whole(
      decryptFile((given) => {
        asked.push(given)
        return opens()
      }, pieces(file)),
    )
    expect(asked).toEqual([wrapped])
  })

  test('opens with its data key wrapped anew, be that longer', async () => {
    const plain = randomBytes(chunkBytes + 5)
    const file = await encrypted(plain)
    const anew = Buffer.from('the same data key, wrapped by the next version')
    const length = Buffer.alloc(4)
    length.writeUInt32BE(anew.length)
    const rewrapped = Buffer.concat([file.subarray(0, 37), length, anew, file.subarray(headerBytes)])
    expect(await wrappedKeyOf(pieces(rewrapped))).toEqual(anew)
    expect((await decrypted(rewrapped)).equals(plain)).toBe(true)
  })

  test('made twice of the same has not two bytes of its parts alike', async () => {
    const [one, two] = [await encrypted(Buffer.alloc(64)), await encrypted(Buffer.alloc(64))]
    expect(one.subarray(headerBytes).equals(two.subarray(headerBytes))).toBe(false)
  })

  test('lets go of its source, however reading ends', async () => {
    const file = await encrypted(randomBytes(2 * chunkBytes))
    let closed = 0
    async function* source(bytes: Buffer): AsyncGenerator<Uint8Array> {
      try {
        yield* pieces(bytes, 1000)
      } finally {
        closed += 1
      }
    }
    await wrappedKeyOf(source(file))
    for await (const _first of decryptFile(opens, source(file))) break
    await expect(whole(decryptFile(() => Promise.reject(new Error('denied')), source(file)))).rejects.toThrow('denied')
    await expect(whole(decryptFile(opens, source(file.subarray(0, 50))))).rejects.toThrow(FileError)
    expect(closed).toBe(4)
  })

  test('stands in memory by one part at a time', async () => {
    const parts = volume({ full: 4096, sample: 128 })
    const piece = Buffer.alloc(chunkBytes, 7)
    async function* long(): AsyncGenerator<Uint8Array> {
      for (let n = 0; n < parts; n += 1) yield await Promise.resolve(piece)
    }
    let longest = 0
    let bytes = 0
    for await (const part of decryptFile(opens, encryptFile(key, long()))) {
      longest = Math.max(longest, part.length)
      bytes += part.length
    }
    expect({ longest, bytes }).toEqual({ longest: chunkBytes, bytes: parts * chunkBytes })
  })
})

describe('what was done to it is found', () => {
  const length = 3 * chunkBytes + 1000
  const chunkAt = (n: number) => headerBytes + n * sealedChunk

  test('cut at a part, within one, within a tag, and in the header', async () => {
    const file = await encrypted(randomBytes(length))
    expect(await failureOf(file.subarray(0, chunkAt(2)))).toBe('truncated')
    expect(await failureOf(file.subarray(0, chunkAt(3)))).toBe('truncated')
    expect(await failureOf(file.subarray(0, chunkAt(0)))).toBe('truncated')
    expect(await failureOf(file.subarray(0, chunkAt(2) + 5))).toBe('truncated')
    expect(await failureOf(file.subarray(0, chunkAt(2) + 500))).toBe('altered')
    expect(await failureOf(file.subarray(0, headerBytes - 1))).toBe('truncated')
    expect(await failureOf(file.subarray(0, 10))).toBe('malformed')
    expect(await failureOf(Buffer.alloc(0))).toBe('malformed')
  })

  test('something behind its end', async () => {
    const exact = await encrypted(randomBytes(2 * chunkBytes))
    expect(await failureOf(Buffer.concat([exact, Buffer.from('x')]))).toBe('trailing')
    expect(await failureOf(Buffer.concat([exact, randomBytes(16)]))).toBe('trailing')
    expect(await failureOf(Buffer.concat([await encrypted(randomBytes(5)), randomBytes(20)]))).toBe('altered')
  })

  test('parts exchanged, doubled, left out, or taken from another file of the same key', async () => {
    const [file, other] = [await encrypted(randomBytes(length)), await encrypted(randomBytes(length))]
    const part = (from: Buffer, n: number) => from.subarray(chunkAt(n), chunkAt(n + 1))
    const built = (...parts: readonly Buffer[]) => Buffer.concat([file.subarray(0, headerBytes), ...parts])
    const [a, b, c, d] = [0, 1, 2, 3].map((n) => part(file, n)) as [Buffer, Buffer, Buffer, Buffer]
    expect(await failureOf(built(a, b, c, d))).toBeNull()
    for (const wrong of [
      [b, a, c, d],
      [a, a, c, d],
      [a, c, d],
      [a, part(other, 1), c, d],
      [a, b, c, part(other, 3)],
    ])
      expect(await failureOf(built(...wrong))).toBe('altered')
    expect(await failureOf(Buffer.concat([other.subarray(0, headerBytes), a, b, c, d]))).toBe('altered')
  })

  test('the place is told, and what stands before it is given out', async () => {
    const plain = randomBytes(length)
    const file = await encrypted(plain)
    flip(file, 8 * (chunkAt(2) + 7))
    const before: Buffer[] = []
    const reading = (async () => {
      for await (const part of decryptFile(opens, pieces(file))) before.push(part)
    })()
    await expect(reading).rejects.toMatchObject({ code: 'altered', at: chunkAt(2) })
    expect(Buffer.concat(before).equals(plain.subarray(0, 2 * chunkBytes))).toBe(true)
  })

  test('an empty last part behind a full one: a file has one form', async () => {
    const exact = await encrypted(randomBytes(chunkBytes))
    const salt = exact.subarray(5, 37)
    const forged = [0, 1].map((index) => {
      const nonce = Buffer.from([0, 0, 0, 0, 0, 0, 0, 0, 0, 0, index, index])
      const chunk = Buffer.from(hkdfSync('sha256', dataKey, salt, 'gatehouse-file/1/AES-256-GCM', 32))
      const cipher = createCipheriv('aes-256-gcm', chunk, nonce)
      return Buffer.concat([
        cipher.update(Buffer.alloc(index === 0 ? chunkBytes : 0)),
        cipher.final(),
        cipher.getAuthTag(),
      ])
    })
    expect(await failureOf(Buffer.concat([exact.subarray(0, headerBytes), ...forged]))).toBe('altered')
  })

  test('any bit of it, but for the wrapped data key, which its service checks', async () => {
    const file = await encrypted(randomBytes(700))
    await fc.assert(
      fc.asyncProperty(fc.nat(file.length * 8 - 1), async (bit) => {
        const changed = Buffer.from(file)
        flip(changed, bit)
        const isWrapped = bit >> 3 >= 41 && bit >> 3 < headerBytes
        if (isWrapped) expect(await wrappedKeyOf(pieces(changed))).not.toEqual(wrapped)
        else expect(await failureOf(changed)).toBeTypeOf('string')
      }),
      { numRuns: volume({ full: 100_000, sample: 2_000 }), seed: testSeed() },
    )
  })

  test('a format and a cipher of later days, a data key that is none, and too long a wrapped one', async () => {
    const file = await encrypted(Buffer.from('x'))
    const changed = (at: number, value: number) => Buffer.from(file).fill(value, at, at + 1)
    expect(await failureOf(changed(3, 2))).toBe('unknown-version')
    expect(await failureOf(changed(4, 9))).toBe('unknown-suite')
    expect(await failureOf(changed(37, 0xff))).toBe('malformed')
    await expect(whole(decryptFile(() => Promise.resolve(randomBytes(31)), pieces(file)))).rejects.toMatchObject({
      code: 'wrong-key',
    })
    for (const length of [0, wrappedBytesMax + 1])
      await expect(whole(encryptFile({ dataKey, wrapped: Buffer.alloc(length) }, pieces(file)))).rejects.toThrow(
        TypeError,
      )
  })
})

describe('the vectors of the documentation', () => {
  interface Vector {
    readonly name: string
    readonly dataKey: string
    readonly wrapped: string
    readonly salt: string
    readonly plaintextBytes: number
    readonly fileSha256: string
  }
  const path = new URL('../../../../docs/encrypted-file-vectors.json', import.meta.url)
  const vectors = JSON.parse(readFileSync(path, 'utf8')) as readonly Vector[] // our own documentation

  test('reach over one part', () => {
    expect(vectors.map(({ plaintextBytes }) => plaintextBytes)).toEqual([0, 11, chunkBytes, chunkBytes + 1])
  })

  test.each(vectors)('$name: made by the words of the page it opens', async (vector) => {
    const file = madeByTheWords(vector)
    expect(createHash('sha256').update(file).digest('hex')).toBe(vector.fileSha256)
    expect((await wrappedKeyOf(pieces(file))).toString('hex')).toBe(vector.wrapped)
    const opened = await whole(decryptFile(() => Promise.resolve(Buffer.from(vector.dataKey, 'hex')), pieces(file)))
    expect(opened.equals(counted(vector.plaintextBytes))).toBe(true)
  })

  const counted = (length: number): Buffer => Buffer.from(Array.from({ length }, (_, n) => n % 251))

  /** The page once more, with nothing of ours. */
  function madeByTheWords({ dataKey, wrapped, salt, plaintextBytes }: Vector): Buffer {
    const keyPart = Buffer.from(wrapped, 'hex')
    const length = Buffer.alloc(4)
    length.writeUInt32BE(keyPart.length)
    const header = Buffer.concat([Buffer.from('GHF\u0001\u0001', 'latin1'), Buffer.from(salt, 'hex'), length, keyPart])
    const chunkKey = Buffer.from(
      hkdfSync('sha256', Buffer.from(dataKey, 'hex'), Buffer.from(salt, 'hex'), 'gatehouse-file/1/AES-256-GCM', 32),
    )
    const plain = counted(plaintextBytes)
    const count = Math.max(1, Math.ceil(plaintextBytes / 262_144))
    const parts = Array.from({ length: count }, (_, n) => {
      const nonce = Buffer.from([0, 0, 0, 0, 0, 0, 0, 0, 0, 0, n, n === count - 1 ? 1 : 0])
      const cipher = createCipheriv('aes-256-gcm', chunkKey, nonce)
      const text = plain.subarray(n * 262_144, (n + 1) * 262_144)
      return Buffer.concat([cipher.update(text), cipher.final(), cipher.getAuthTag()])
    })
    return Buffer.concat([header, ...parts])
  }
})
