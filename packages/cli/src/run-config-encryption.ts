import { isUtf8 } from 'node:buffer'
import { encryptNew, requireNothingLost, openDocument, plainBytes } from '@gatehouse/sops'
import { resolve } from 'node:path'
import type { Cli } from './cli.ts'
import { flagError } from './cli-error.ts'
import {
  aboutFile,
  readConfigFile,
  replaceAsRead,
  replaceFile,
  ruleOf,
  ruleOrNull,
  type ConfigFile,
} from './config-files.ts'
import { keyServices, namedKeys, requireKeys, wrappingServices } from './config-keys.ts'
import { textOf, type Arguments } from './parse-arguments.ts'
import { printable } from './printable.ts'
import { showJson } from './show-output.ts'

/** `config encrypt`: what a flag names wins over the rules, as in stock SOPS. */
export const runConfigEncrypt = async (cli: Cli, args: Arguments): Promise<number> => {
  const file = await readConfigFile(cli, args)
  const output = textOf(args.values, 'output')
  const inPlace = args.values['inPlace'] === true
  if (inPlace && output !== null) throw flagError('output', 'not with --in-place')
  const encrypted = await aboutFile(file.name, () => encryptFile(cli, args, file))
  const target = inPlace ? file.path : output
  if (target === null && cli.options.form === 'json') showJson(cli, { file: file.name, ...contentOf(encrypted) })
  else if (target === null) cli.terminal.out(encrypted)
  else {
    await (inPlace ? replaceAsRead(file, encrypted) : replaceFile(resolve(cli.config.cwd, target), encrypted))
    if (cli.options.form === 'json') showJson(cli, { file: target, encrypted: true })
    else cli.terminal.talk(`encrypted: ${printable(target)}\n`)
  }
  return 0
}

const encryptFile = async (cli: Cli, args: Arguments, file: ConfigFile): Promise<Uint8Array> => {
  const { path, bytes, format } = file
  requireNothingLost(bytes, format)
  const named = namedKeys(cli, args)
  // keys by hand need no rule
  const rule = await (named === null ? ruleOf(cli, path) : ruleOrNull(cli, file))
  const keys = requireKeys(named ?? rule)
  return encryptNew(bytes, {
    format,
    services: wrappingServices(cli),
    ...keys,
    selector: rule?.selector,
    macOnlyEncrypted: rule?.macOnlyEncrypted,
    now: cli.now(),
  })
}

/** `config decrypt`. */
export const runConfigDecrypt = async (cli: Cli, args: Arguments): Promise<number> => {
  const { bytes, format, name } = await readConfigFile(cli, args)
  const services = await aboutFile(name, () => keyServices(cli))
  const document = await aboutFile(name, () => openDocument(bytes, { format, services }))
  const plain = await aboutFile(name, async () => plainBytes(document))
  if (cli.options.form === 'json') showJson(cli, { file: name, format, ...contentOf(plain) })
  else cli.terminal.out(plain)
  return 0
}

/** JSON holds text only. */
const contentOf = (bytes: Uint8Array): { content: string } | { contentBase64: string } =>
  isUtf8(bytes)
    ? { content: Buffer.from(bytes).toString('utf8') }
    : { contentBase64: Buffer.from(bytes).toString('base64') }
