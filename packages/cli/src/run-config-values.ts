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
import { aboutFile, readConfigFile, replaceFile, type ConfigFile } from './config-files.ts'
import { keyServices } from './config-keys.ts'
import { textOf, type Arguments } from './parse-arguments.ts'
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
    await replaceFile(file.path, encryptAgain(document, parsed, cli.now()))
  })
  const path = textOf(args.values, 'path')
  if (cli.options.form === 'json') showJson(cli, { file: file.name, path, removed: value === null })
  else cli.terminal.talk(`${value === null ? 'removed from' : 'set in'} ${file.name}\n`)
  return 0
}

const valueOf = async ({ terminal }: Cli, { values }: Arguments): Promise<string> => {
  const typed = textOf(values, 'value')
  if (values['valueStdin'] === true) {
    if (typed !== null) throw flagError('value-stdin', 'not with a value')
    return Buffer.from(await terminal.readBytes(valueBytesMax))
      .toString('utf8')
      .replace(/\r?\n$/, '')
  }
  if (typed === null) throw flagError('value', 'a value, --value-stdin or --remove')
  return typed
}

/** `config extract`. */
export const runConfigExtract = async (cli: Cli, args: Arguments): Promise<number> => {
  const file = await readConfigFile(cli, args)
  const bytes = await aboutFile(file.name, async () =>
    extractBytes(await open(cli, file), parsePath(textOf(args.values, 'path') ?? '')),
  )
  if (cli.options.form === 'json') showJson(cli, { file: file.name, value: Buffer.from(bytes).toString('utf8') })
  else cli.terminal.out(bytes)
  return 0
}

const open = async (cli: Cli, { bytes, format }: ConfigFile): Promise<OpenDocument> =>
  openDocument(bytes, { format, services: await keyServices(cli) })
