import { randomBytes } from 'node:crypto'
import type { Clock, Random } from './ports.ts'

/** The machine's own randomness; ids are UUID version 7 (RFC 9562 §5.7), so that rows made together lie together. */
export const systemRandom = (clock: Clock): Random => ({
  bytes: (length) => new Uint8Array(randomBytes(length)),
  id: () => uuidV7(clock.now(), randomBytes(10)),
})

function uuidV7(now: Date, random: Uint8Array): string {
  const bytes = Buffer.alloc(16)
  bytes.writeUIntBE(now.getTime(), 0, 6)
  bytes.set(random, 6)
  bytes.writeUInt8(((bytes[6] ?? 0) & 0x0f) | 0x70, 6)
  bytes.writeUInt8(((bytes[8] ?? 0) & 0x3f) | 0x80, 8)
  const hex = bytes.toString('hex')
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join('-')
}
