import { randomBytes } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { stat } from 'node:fs/promises'
import { resolve } from 'node:path'
import { whyUnread } from '@gatehouse/kit'
import { dataKeyBytes, decryptFile, encryptFile, FileError } from '@gatehouse/keys/file'
import type { Cli } from './cli.ts'
import { CliError, flagError, localError } from './cli-error.ts'
import { flag } from './flag.ts'
import { requireFlags, textOf, type Arguments } from './parse-arguments.ts'
import { printable } from './printable.ts'
import { progressLine } from './progress-line.ts'
import { contextOf, itemError } from './run-kms.ts'
import { showJson } from './show-output.ts'
import { writeWhole } from './written-file.ts'

const ending = '.enc'

/** Encrypts a file of any length where it lies; only its key goes to the server. */
export const runEncryptFile = async (cli: Cli, { values }: Arguments): Promise<number> => {
  requireFlags(values, [flag('key', '', { required: true })])
  const source = await sourceOf(cli, values)
  const output = outputOf(cli, values, `${source.name}${ending}`)
  const dataKey = randomBytes(dataKeyBytes)
  const client = await cli.client()
  const location = textOf(values, 'location') ?? output.name
  const item = { plaintext: dataKey.toString('base64'), context: contextOf(values), location }
  const { items } = await client.call('kms.encrypt', { key: textOf(values, 'key') ?? '', items: [item] })
  const ciphertext = items[0]?.ciphertext ?? null
  if (ciphertext === null) throw itemError(items[0]?.problem ?? null)
  const wrapped = Buffer.from(ciphertext, 'base64')
  const bytes = await writeWhole(output, encryptFile({ dataKey, wrapped }, source.read(cli)))
  done(cli, { file: output.name, bytes }, 'encrypted')
  return 0
}

/** Decrypts it; what was cut off, moved or added is found, and then nothing is written. */
export const runDecryptFile = async (cli: Cli, { values }: Arguments): Promise<number> => {
  const source = await sourceOf(cli, values)
  const output = outputOf(cli, values, source.name.endsWith(ending) ? source.name.slice(0, -ending.length) : '')
  const openKey = async (wrapped: Buffer): Promise<Uint8Array> => {
    const client = await cli.client()
    const item = { ciphertext: wrapped.toString('base64'), context: contextOf(values) }
    const { items } = await client.call('kms.decrypt', { items: [item] })
    const plaintext = items[0]?.plaintext ?? null
    if (plaintext === null) throw itemError(items[0]?.problem ?? null)
    return Buffer.from(plaintext, 'base64')
  }
  try {
    const bytes = await writeWhole(output, decryptFile(openKey, source.read(cli)))
    done(cli, { file: output.name, bytes }, 'decrypted')
    return 0
  } catch (error) {
    if (!(error instanceof FileError)) throw error
    const where = error.at === null ? '' : ` (from byte ${error.at})`
    throw new CliError({
      code: 'fault',
      message: `${source.name}: ${error.message}${where}; nothing was written`,
      details: { reason: error.code },
    })
  }
}

interface Source {
  readonly name: string
  readonly read: (cli: Cli) => AsyncIterable<Uint8Array>
}

async function sourceOf({ config }: Cli, values: Arguments['values']): Promise<Source> {
  const name = textOf(values, 'file')
  if (name === null) throw flagError('file', 'a file')
  const path = resolve(config.cwd, name)
  const unread = (cause: unknown): never => {
    throw flagError('file', `cannot read ${name}: ${whyUnread(cause)}`)
  }
  const found = await stat(path).catch(unread)
  if (!found.isFile()) throw flagError('file', `${name} is no regular file`)
  return { name, read: (cli) => told(cli, { path, size: found.size }) }
}

/** The bytes of a file, with a line for a person who waits. */
async function* told(
  cli: Cli,
  { path, size }: { readonly path: string; readonly size: number },
): AsyncGenerator<Uint8Array> {
  const line = progressLine(cli)
  let bytes = 0
  try {
    for await (const part of createReadStream(path, { highWaterMark: readBytes })) {
      const piece = part as Buffer // a stream without an encoding gives buffers
      bytes += piece.length
      line?.say(`${size === 0 ? 100 : Math.floor((100 * bytes) / size)} % · ${megabytes(bytes)} MB`)
      yield piece
    }
  } catch (cause) {
    throw localError(`cannot read ${path}: ${whyUnread(cause)}`, { cause })
  } finally {
    line?.end()
  }
}

/** One read for each part. */
const readBytes = 256 * 1024

const megabytes = (bytes: number): string => (bytes / 1_000_000).toFixed(1)

function outputOf({ config }: Cli, values: Arguments['values'], usual: string) {
  const name = textOf(values, 'output') ?? usual
  if (name === '') throw flagError('output', `where to: the file does not end in ${ending}`)
  return {
    path: resolve(config.cwd, name),
    name,
    existing: values['force'] === true ? ('replace' as const) : ('keep' as const),
  }
}

function done(
  cli: Cli,
  { file, bytes }: { readonly file: string; readonly bytes: number },
  verb: 'encrypted' | 'decrypted',
): void {
  if (cli.options.form === 'json') showJson(cli, { file, bytes })
  else cli.terminal.talk(`${verb} to ${printable(file)}, ${megabytes(bytes)} MB\n`)
}
