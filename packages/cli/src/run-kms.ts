import { isUtf8 } from 'node:buffer'
import { createReadStream } from 'node:fs'
import { resolve } from 'node:path'
import { operations, type Wire } from '@gatehouse/contract'
import { envelopeKeyId, whyUnread } from '@gatehouse/kit'
import { boundedBytes } from './bounded-bytes.ts'
import { CliError, flagError } from './cli-error.ts'
import type { Cli } from './cli.ts'
import { flag } from './flag.ts'
import { requireFlags, textOf, type Arguments } from './parse-arguments.ts'
import { batchBytesMax, runBatch, type BatchName } from './run-kms-batch.ts'
import { showJson, showOutput } from './show-output.ts'

/** As base64 it fits a secret text of 4 KiB. What is longer is encrypted under a data key, where it lies. */
const plaintextBytesMax = 3072
/** The envelope around that, as text, with a line's end. */
const ciphertextBytesMax = 4200

/** Encrypts what a file or standard input holds. */
export const runEncrypt = async (cli: Cli, { values }: Arguments): Promise<number> => {
  requireFlags(values, [flag('key', '', { required: true })])
  if (values['batch'] === true) return batch(cli, values, 'kms.encrypt')
  const bytes = await bytesOf(cli, values, plaintextBytesMax)
  const item = { plaintext: Buffer.from(bytes).toString('base64'), context: contextOf(values) }
  const location = textOf(values, 'location')
  const client = await cli.client()
  const output = await client.call('kms.encrypt', {
    key: textOf(values, 'key') ?? '',
    items: [{ ...item, ...(location !== null && { location }) }],
  })
  showSealed(cli, output)
  return 0
}

/** Decrypts it; its bytes go to standard output as they are. */
export const runDecrypt = async (cli: Cli, { values }: Arguments): Promise<number> => {
  if (values['batch'] === true) return batch(cli, values, 'kms.decrypt')
  const ciphertext = await ciphertextOf(cli, values)
  const client = await cli.client()
  const output = await client.call('kms.decrypt', { items: [{ ciphertext, context: contextOf(values) }] })
  const [opened] = output.items
  if (opened === undefined || opened.plaintext === null) throw itemError(opened?.problem ?? null)
  if (cli.options.form === 'json') showJson(cli, { keyId: output.keyId, ...opened })
  else cli.terminal.out(Buffer.from(opened.plaintext, 'base64'))
  return 0
}

/** Encrypts it anew under the current version of its key. */
export const runRewrap = async (cli: Cli, { values }: Arguments): Promise<number> => {
  if (values['batch'] === true) return batch(cli, values, 'kms.rewrap')
  const client = await cli.client()
  const item = { ciphertext: await ciphertextOf(cli, values), context: contextOf(values) }
  const output = await client.call('kms.rewrap', { items: [item] })
  showSealed(cli, output)
  return 0
}

/** A data key, in clear and encrypted. */
export const runDataKey = async (cli: Cli, { values }: Arguments): Promise<number> => {
  requireFlags(values, [flag('key', '', { required: true })])
  const location = textOf(values, 'location')
  const client = await cli.client()
  const output = await client.call('kms.generateDataKey', {
    key: textOf(values, 'key') ?? '',
    context: contextOf(values),
    ...(location !== null && { location }),
  })
  showOutput(cli, operations['kms.generateDataKey'], output)
  return 0
}

/** Many items, each with what it is bound to on its own line. */
const batch = async (cli: Cli, values: Values, name: BatchName): Promise<number> => {
  for (const own of ['bind', 'location'])
    if (values[own] !== undefined) throw flagError(own, 'not with --batch: each line says its own')
  const bytes = await bytesOf(cli, values, batchBytesMax)
  if (!isUtf8(bytes)) throw flagError('file', 'lines of JSON, in UTF-8')
  return runBatch(cli, { name, key: textOf(values, 'key'), text: Buffer.from(bytes).toString('utf8') })
}

const showSealed = (cli: Cli, { keyId, items: [made] }: Wire<'kms.encrypt'>): void => {
  if (made === undefined || made.ciphertext === null) throw itemError(made?.problem ?? null)
  if (cli.options.form === 'json') showJson(cli, { keyId, ...made })
  else cli.terminal.out(`${made.ciphertext}\n`)
}

const ciphertextOf = async (cli: Cli, values: Values): Promise<string> => {
  const bytes = await bytesOf(cli, values, ciphertextBytesMax)
  const text = Buffer.from(bytes).toString('latin1').trim()
  if (envelopeKeyId(text) === null) throw flagError('file', 'no ciphertext of `kms encrypt`: one begins with R0hFAQ')
  return text
}

type Values = Arguments['values']

/** One byte more than is taken tells that there is more. */
const bytesOf = async ({ terminal, config }: Cli, values: Values, bytesMax: number): Promise<Uint8Array> => {
  const name = textOf(values, 'file') ?? '-'
  const bytes =
    name === '-' ? await terminal.readBytes(bytesMax + 1) : await fileBytes(resolve(config.cwd, name), bytesMax + 1)
  if (bytes.length > bytesMax) throw flagError('file', `at most ${bytesMax} bytes`)
  return bytes
}

const fileBytes = async (path: string, bytesMax: number): Promise<Uint8Array> => {
  try {
    return await boundedBytes(createReadStream(path), bytesMax)
  } catch (cause) {
    throw flagError('file', `cannot be read: ${whyUnread(cause)}`)
  }
}

/** `name=value`, each name once. */
export const contextOf = (values: Values): Record<string, string> => {
  const given = values['bind']
  const pairs = (Array.isArray(given) ? (given as readonly string[]) : []).map((text) => {
    const at = text.indexOf('=')
    if (at < 1) throw flagError('bind', `\`${text}\` is no name=value`)
    return [text.slice(0, at), text.slice(at + 1)] as const
  })
  const twice = pairs.find(([name], index) => pairs.findIndex(([other]) => other === name) < index)
  if (twice !== undefined) throw flagError('bind', `${twice[0]} is given twice`)
  return Object.fromEntries(pairs) // whatever a name is, it is sent
}

const problems: Readonly<Record<string, string>> = {
  'not-ours': 'it was changed, or is bound to something else: say --bind as when it was encrypted',
  'not-in-census': 'its version was revoked, and it is none that this key service gave out',
  'below-minimum': 'it is of a version of the key that is no longer opened',
  'version-revoked': 'it is of a version that was revoked: rewrap it',
  'version-destroyed': 'the material of its version was destroyed',
  'context-invalid': 'what it is bound to has at most 32 entries and 8,192 bytes',
}

/** One item is the whole command: its problem is the command's. */
export const itemError = (problem: string | null): CliError =>
  new CliError({
    code: 'conflict',
    message: problems[problem ?? ''] ?? `this cannot be done: ${problem ?? 'no answer'}`,
  })
