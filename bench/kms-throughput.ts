import { execFile } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { median, type Row } from './row.ts'

const run = promisify(execFile)

const megabyte = 1024 * 1024
/** The best that `openssl speed` prints of its own accord. */
const peerBlockBytes = 16_384
const rounds = 5

/** What is sealed by the program of the bench: 64 MiB in parts, or whole. */
export type Sealed = 'file' | 'envelope'

/**
 * What is encrypted where it lies, as a file in parts and as one envelope, against what openssl can do at all. Each is
 * a program of its own, as openssl is and as the command line is: among a bench's other garbage it is the collector
 * that is measured. Both are told by the time of the processor that they took, so that neither is slower for what else
 * the machine does.
 */
export async function throughputRows(): Promise<Row[]> {
  const asked = "throughput of ours in units of the peer's; at least 0.5 is what is asked"
  const memory = 'the same; more than half of it is the system finding 64 MiB of memory for the envelope'
  return [
    await throughput({ id: 'kms.file', what: 'as an encrypted file, in parts', reads: asked }, 'file'),
    await throughput({ id: null, what: 'as one envelope, in memory', reads: memory }, 'envelope'),
  ]
}

async function throughput(of: Pick<Row, 'id' | 'what' | 'reads'>, sealed: Sealed): Promise<Row> {
  const measured: { readonly ours: number; readonly peer: number }[] = []
  for (let round = 0; round < rounds; round += 1)
    measured.push({ ours: await ourRate(sealed), peer: await opensslRate() })
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

/** Bytes a second of ours. */
async function ourRate(sealed: Sealed): Promise<number> {
  const program = fileURLToPath(new URL('./seal-throughput.ts', import.meta.url))
  const { stdout } = await run(process.execPath, [program, sealed])
  return rateIn(/^(\d+)$/, stdout)
}

/** Bytes a second of the bare cipher, as openssl measures itself for a second: by the processor's time, if not told. */
async function opensslRate(): Promise<number> {
  const args = ['speed', '-evp', 'aes-256-gcm', '-bytes', String(peerBlockBytes), '-seconds', '1', '-mr']
  return rateIn(/^\+F:\d+:[\w-]+:([\d.]+)$/m, (await run('openssl', args)).stdout)
}

function rateIn(form: RegExp, printed: string): number {
  const rate = form.exec(printed.trim())?.[1]
  if (rate === undefined) throw new TypeError(`no rate was printed: ${printed}`)
  return Number(rate)
}
