import { randomFillSync } from 'node:crypto'
import type { Clock, Random } from './ports.ts'

/** Asking the system costs the same for one byte and for thousands, and an audit entry wants some three times. */
const drawnBytes = 4096
/** More at once is asked of the system by itself. */
const pooledBytesMax = 256
const idBytes = 10

/** The machine's own randomness; ids are UUID version 7 (RFC 9562 §5.7), so that rows made together lie together. */
export function systemRandom(clock: Clock): Random {
  const draw = pooled()
  const bytes = (length: number): Uint8Array =>
    length > pooledBytesMax ? randomFillSync(new Uint8Array(length)) : draw(length)
  return { bytes, id: () => uuidV7(clock.now(), draw(idBytes)) }
}

/** Hands out each byte that the system has given once; what is handed out is not kept. */
function pooled(): (length: number) => Uint8Array {
  const pool = new Uint8Array(drawnBytes)
  let used = drawnBytes
  return (length) => {
    if (used + length > drawnBytes) {
      randomFillSync(pool)
      used = 0
    }
    const given = pool.slice(used, used + length)
    pool.fill(0, used, used + length)
    used += length
    return given
  }
}

function uuidV7(now: Date, random: Uint8Array): string {
  const bytes = Buffer.allocUnsafe(16)
  bytes.writeUIntBE(now.getTime(), 0, 6)
  bytes.set(random, 6)
  bytes.writeUInt8(((bytes[6] ?? 0) & 0x0f) | 0x70, 6)
  bytes.writeUInt8(((bytes[8] ?? 0) & 0x3f) | 0x80, 8)
  const hex = bytes.toString('hex')
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}`
}
