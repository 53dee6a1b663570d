import { randomBytes, randomUUID } from 'node:crypto'
import { readyVersion, sealEnvelope } from '@gatehouse/keys/envelope'
import { encryptFile } from '@gatehouse/keys/file'
import type { Sealed } from './kms-throughput.ts'

// Seals 64 MiB again and again, and prints how many bytes it comes to in a second of the processor.

const megabyte = 1024 * 1024
/** The longest plaintext of one envelope. */
const bytes = 64 * megabyte
/** As a file is read. */
const pieceBytes = 256 * 1024
/** About as long as openssl measures itself. */
const runs = 24

const fileKey = { dataKey: randomBytes(32), wrapped: randomBytes(101) }
const version = readyVersion({ keyId: randomUUID(), version: 1, material: randomBytes(32) })

const seal = {
  file: async (plaintext) => {
    for await (const part of encryptFile(fileKey, inPieces(plaintext))) void part
  },
  envelope: (plaintext) => {
    sealEnvelope(version, { workspace: 'default', context: {}, ciphertextId: randomUUID() }, plaintext)
  },
} as const satisfies Record<Sealed, (plaintext: Buffer) => void | Promise<void>>

async function* inPieces(all: Buffer): AsyncGenerator<Buffer> {
  await Promise.resolve()
  for (let at = 0; at < all.length; at += pieceBytes) yield all.subarray(at, at + pieceBytes)
}

async function main(sealed: string | undefined): Promise<void> {
  if (sealed !== 'file' && sealed !== 'envelope') throw new TypeError('say what is to be sealed: file or envelope')
  const plaintext = randomBytes(bytes)
  await seal[sealed](plaintext)
  const before = process.cpuUsage()
  for (let times = 0; times < runs; times += 1) await seal[sealed](plaintext)
  const { user, system } = process.cpuUsage(before)
  process.stdout.write(`${Math.round((runs * bytes) / ((user + system) / 1_000_000))}\n`)
}

await main(process.argv[2])
