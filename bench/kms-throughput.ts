import { execFile } from 'node:child_process'
import { randomBytes, randomUUID } from 'node:crypto'
import { promisify } from 'node:util'
import { readyVersion, sealEnvelope } from '@gatehouse/keys/envelope'
import { encryptFile } from '@gatehouse/keys/file'
import { median, type Row } from './row.ts'

const run = promisify(execFile)

const megabyte = 1024 * 1024
/** The longest plaintext of one envelope. */
const bytes = 64 * megabyte
/** As a file is read. */
const pieceBytes = 256 * 1024
/** The best that `openssl speed` prints of its own accord. */
const peerBlockBytes = 16_384
const rounds = 3
/** Runs of a round, so that one takes about as long as a second of the peer's. */
const runsPerRound = 8

/**
 * What is encrypted where it lies, as a file in parts and as one envelope, against what openssl can do at all. Both are
 * measured by the time of the processor that they took, so that neither is slower for what else the machine does.
 */
export async function throughputRows(): Promise<Row[]> {
  const plaintext = randomBytes(bytes)
  const asked = "throughput of ours in units of the peer's; at least 0.5 is what is asked"
  const memory = 'the same; more than half of it is the system finding 64 MiB of memory for the envelope'
  return [
    await throughput({ id: 'kms.file', what: 'as an encrypted file, in parts', reads: asked }, () => asFile(plaintext)),
    await throughput({ id: null, what: 'as one envelope, in memory', reads: memory }, () => asEnvelope(plaintext)),
  ]
}

async function throughput(of: Pick<Row, 'id' | 'what' | 'reads'>, encrypt: () => unknown): Promise<Row> {
  await encrypt()
  const measured: { readonly ours: number; readonly peer: number }[] = []
  for (let round = 0; round < rounds; round += 1) {
    const before = process.cpuUsage()
    for (let times = 0; times < runsPerRound; times += 1) await encrypt()
    const { user, system } = process.cpuUsage(before)
    const seconds = (user + system) / 1_000_000
    measured.push({ ours: (runsPerRound * bytes) / seconds, peer: await opensslRate() })
  }
  return {
    id: of.id,
    what: `64 MiB ${of.what}`,
    ours: inMegabytes(median(measured.map(({ ours }) => ours))),
    peer: `${inMegabytes(median(measured.map(({ peer }) => peer)))} (openssl speed -evp aes-256-gcm, 16 KiB at once)`,
    ratio: median(measured.map(({ ours, peer }) => ours / peer)),
    reads: of.reads,
  }
}

const inMegabytes = (rate: number): string => `${Math.round(rate / megabyte).toLocaleString('en')} MiB/s`

const fileKey = { dataKey: randomBytes(32), wrapped: randomBytes(101) }

async function asFile(plaintext: Buffer): Promise<void> {
  for await (const _part of encryptFile(fileKey, inPieces(plaintext))) void _part
}

async function* inPieces(all: Buffer): AsyncGenerator<Buffer> {
  await Promise.resolve()
  for (let at = 0; at < all.length; at += pieceBytes) yield all.subarray(at, at + pieceBytes)
}

const version = readyVersion({ keyId: randomUUID(), version: 1, material: randomBytes(32) })

const asEnvelope = (plaintext: Buffer): Buffer =>
  sealEnvelope(version, { workspace: 'default', context: {}, ciphertextId: randomUUID() }, plaintext)

/** Bytes a second of the bare cipher, as openssl measures itself for a second: by the processor's time, if not told. */
async function opensslRate(): Promise<number> {
  const args = ['speed', '-evp', 'aes-256-gcm', '-bytes', String(peerBlockBytes), '-seconds', '1', '-mr']
  const { stdout } = await run('openssl', args)
  const rate = /^\+F:\d+:[\w-]+:([\d.]+)$/m.exec(stdout)?.[1]
  if (rate === undefined) throw new TypeError(`openssl printed no rate: ${stdout}`)
  return Number(rate)
}
