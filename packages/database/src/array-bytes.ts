/**
 * Lists as PostgreSQL's own wire form has them (`array_recv`). pg writes a list as text, with every quote of every
 * element escaped, and the server takes it apart again character by character: for some hundred JSON texts that costs
 * both sides more than storing them.
 */
export const arrayBytes = {
  uuid: (ids: readonly (string | null)[]): Buffer => arrayOf(uuids, ids),
  text: (values: readonly (string | null)[]): Buffer => arrayOf(texts, values),
  bytea: (values: readonly (Uint8Array | null)[]): Buffer => arrayOf(byteas, values),
} as const

/** How values of a type become bytes, written where they will stand. */
interface ElementType<T> {
  /** What the server calls the type (`pg_type.oid`); these never change. */
  readonly oid: number
  readonly lengthOf: (value: T) => number
  readonly put: (bytes: Buffer, value: T, start: number) => void
}

const uuidLength = 16
const uuidCharacters = 36
const uuids: ElementType<string> = {
  oid: 2950,
  lengthOf: () => uuidLength,
  put: (bytes, id, start) => {
    if (id.length !== uuidCharacters || !putHex(bytes, id, start)) throw new TypeError(`\`${id}\` is not a UUID`)
  },
}
/** Digit by digit, so that no text is made in between: each entry has three ids. */
function putHex(bytes: Buffer, id: string, start: number): boolean {
  let [end, high] = [start, -1]
  for (let index = 0; index < id.length; index += 1) {
    const code = id.charCodeAt(index)
    if (code === 0x2d) continue
    const digit = digitOf(code)
    if (digit < 0) return false
    if (high < 0) high = digit
    else {
      if (end === start + uuidLength) return false
      bytes[end] = high * 16 + digit
      end += 1
      high = -1
    }
  }
  return end === start + uuidLength && high < 0
}

/** The value of a hexadecimal digit; below zero: it is none. */
function digitOf(code: number): number {
  if (code >= 0x30 && code <= 0x39) return code - 0x30
  const letter = (code | 0x20) - 0x61
  return letter >= 0 && letter < 6 ? letter + 10 : -1
}

const texts: ElementType<string> = {
  oid: 25,
  lengthOf: (text) => Buffer.byteLength(text, 'utf8'),
  put: (bytes, text, start) => void bytes.write(text, start, 'utf8'),
}
const byteas: ElementType<Uint8Array> = {
  oid: 17,
  lengthOf: (value) => value.length,
  put: (bytes, value, start) => bytes.set(value, start),
}

/** Dimensions, whether a null is among them, the elements' type; then, of one dimension, its length and first index. */
const headBytes = { empty: 12, oneDimension: 20 } as const
const lengthBytes = 4
const noValue = -1

function arrayOf<T>({ oid, lengthOf, put }: ElementType<T>, values: readonly (T | null)[]): Buffer {
  if (values.length === 0) {
    const empty = Buffer.alloc(headBytes.empty)
    empty.writeInt32BE(oid, 8)
    return empty
  }
  const lengths = values.map((value) => (value === null ? noValue : lengthOf(value)))
  const size = lengths.reduce((sum, length) => sum + lengthBytes + Math.max(0, length), 0)
  const bytes = Buffer.allocUnsafe(headBytes.oneDimension + size)
  let end = bytes.writeInt32BE(1, 0)
  end = bytes.writeInt32BE(lengths.includes(noValue) ? 1 : 0, end)
  end = bytes.writeInt32BE(oid, end)
  end = bytes.writeInt32BE(values.length, end)
  end = bytes.writeInt32BE(1, end)
  for (const [index, value] of values.entries()) {
    const length = lengths[index] ?? noValue
    end = bytes.writeInt32BE(length, end)
    if (value === null) continue
    put(bytes, value, end)
    end += length
  }
  return bytes
}
