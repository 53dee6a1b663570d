import { isUtf8 } from 'node:buffer'
import {
  encryptAgain,
  extractBytes,
  openDocument,
  parsePath,
  parseValue,
  withoutValue,
  withValue,
  type OpenDocument,
} from '@gatehouse/sops'
import type { Cli } from './cli.ts'
import { flagError } from './cli-error.ts'
import { aboutFile, readConfigFile, replaceAsRead, type ConfigFile } from './config-files.ts'
import { keyServices } from './config-keys.ts'
import { textOf, type Arguments } from './parse-arguments.ts'
import { printable } from './printable.ts'
import { showJson } from './show-output.ts'

/** A value is typed or piped; what is longer is a file. */
const valueBytesMax = 1024 * 1024

/** `config set`. */
export const runConfigSet = async (cli: Cli, args: Arguments): Promise<number> => {
  const file = await readConfigFile(cli, args)
  const value = args.values['remove'] === true ? null : await valueOf(cli, args)
  await aboutFile(file.name, async () => {
    const path = parsePath(textOf(args.values, 'path') ?? '')
    const document = await open(cli, file)
    const as = args.values['text'] === true || args.values['valueStdin'] === true ? 'text' : 'json-or-text'
    const parsed = value === null ? withoutValue(document, path) : withValue(document, path, parseValue(value, as))
    await replaceAsRead(file, encryptAgain(document, parsed, cli.now()))
  })
  const path = textOf(args.values, 'path')
  if (cli.options.form === 'json') showJson(cli, { file: file.name, path, removed: value === null })
  else cli.terminal.talk(`${value === null ? 'removed from' : 'set in'} ${printable(file.name)}\n`)
  return 0
}

const valueOf = async ({ terminal }: Cli, { values }: Arguments): Promise<string> => {
  const typed = textOf(values, 'value')
  if (values['valueStdin'] === true) {
    if (typed !== null) throw flagError('value-stdin', 'not with a value')
    return textOfBytes(await terminal.readBytes(valueBytesMax + 1)).replace(/\r?\n$/, '')
  }
  if (typed === null) throw flagError('value', 'a value, --value-stdin or --remove')
  return typed
}

/** Whatever is no text, or more than is read, would be kept as something else than was given. */
const textOfBytes = (bytes: Uint8Array): string => {
  if (bytes.length > valueBytesMax) throw flagError('value-stdin', 'at most 1 MiB; encrypt what is longer as a file')
  if (!isUtf8(bytes)) throw flagError('value-stdin', 'text in UTF-8; write other bytes in base64')
  return Buffer.from(bytes).toString('utf8')
}

/** `config extract`. */
export const runConfigExtract = async (cli: Cli, args: Arguments): Promise<number> => {
  const file = await readConfigFile(cli, args)
  const bytes = await aboutFile(file.name, async () =>
    extractBytes(await open(cli, file), parsePath(textOf(args.values, 'path') ?? '')),
  )
  if (cli.options.form === 'json') showJson(cli, { file: file.name, ...valueIn(bytes) })
  else cli.terminal.out(bytes)
  return 0
}

/** JSON holds text only. */
const valueIn = (bytes: Uint8Array): { value: string } | { valueBase64: string } =>
  isUtf8(bytes)
    ? { value: Buffer.from(bytes).toString('utf8') }
    : { valueBase64: Buffer.from(bytes).toString('base64') }

const open = async (cli: Cli, { bytes, format }: ConfigFile): Promise<OpenDocument> =>
  openDocument(bytes, { format, services: await keyServices(cli) })
