/**
 * Lists as PostgreSQL's own wire form has them (`array_recv`). pg writes a list as text, with every quote of every
 * element escaped, and the server takes it apart again character by character: for some hundred JSON texts that costs
 * both sides more than storing them.
 */
export const arrayBytes = {
  uuid: (ids: readonly string[]): Buffer => arrayOf(oids.uuid, ids.map(uuidBytes)),
  text: (texts: readonly (string | null)[]): Buffer => arrayOf(oids.text, texts.map(textBytes)),
  bytea: (values: readonly (Uint8Array | null)[]): Buffer => arrayOf(oids.bytea, values),
} as const

/** What the server calls the types of the elements (`pg_type.oid`); these never change. */
const oids = { bytea: 17, text: 25, uuid: 2950 } as const

/** Dimensions, whether a null is among them, the elements' type; then, of one dimension, its length and first index. */
const headBytes = { empty: 12, oneDimension: 20 } as const
const lengthBytes = 4
const uuidLength = 16

function arrayOf(oid: number, values: readonly (Uint8Array | null)[]): Buffer {
  if (values.length === 0) {
    const empty = Buffer.alloc(headBytes.empty)
    empty.writeInt32BE(oid, 8)
    return empty
  }
  const size = values.reduce<number>((sum, value) => sum + lengthBytes + (value?.length ?? 0), 0)
  const bytes = Buffer.allocUnsafe(headBytes.oneDimension + size)
  let end = bytes.writeInt32BE(1, 0)
  end = bytes.writeInt32BE(values.some((value) => value === null) ? 1 : 0, end)
  end = bytes.writeInt32BE(oid, end)
  end = bytes.writeInt32BE(values.length, end)
  end = bytes.writeInt32BE(1, end)
  for (const value of values) {
    end = bytes.writeInt32BE(value?.length ?? -1, end)
    if (value === null) continue
    bytes.set(value, end)
    end += value.length
  }
  return bytes
}

const textBytes = (text: string | null): Buffer | null => (text === null ? null : Buffer.from(text, 'utf8'))

function uuidBytes(id: string): Buffer {
  const bytes = Buffer.from(id.replaceAll('-', ''), 'hex')
  if (bytes.length !== uuidLength) throw new TypeError(`\`${id}\` is not a UUID`)
  return bytes
}
