import {
  encryptAgain,
  mergeDocuments,
  openDocument,
  formatOf,
  type FormatName,
  type OpenDocument,
} from '@gatehouse/sops'
import type { Cli } from './cli.ts'
import { CliError } from './cli-error.ts'
import { aboutFile, configFile, replaceAsRead, type ConfigFile } from './config-files.ts'
import { keyServices } from './config-keys.ts'
import { textOf, type Arguments } from './parse-arguments.ts'
import { printable } from './printable.ts'

/**
 * `config merge`, as git calls it: theirs goes into ours, which is encrypted again. Where both changed a value, exit 6
 * and nothing is written: markers of a conflict would be plaintext.
 */
export const runConfigMerge = async (cli: Cli, { values }: Arguments): Promise<number> => {
  const names = ['base', 'ours', 'theirs'].map((field) => textOf(values, field) ?? '')
  const known = textOf(values, 'type') as FormatName | null // one of the choices of the flag
  const format = known ?? formatOf(textOf(values, 'name') ?? names[1] ?? '')
  const services = await keyServices(cli)
  const files = await Promise.all(names.map((name) => configFile(cli, name)))
  const [base, ours, theirs] = await Promise.all(
    files.map(({ name, bytes }) => aboutFile(name, () => openDocument(bytes, { format, services }))),
  )
  const file = files[1]
  if (base === undefined || ours === undefined || theirs === undefined || file === undefined) return 1
  return write(cli, { file, documents: [base, ours, theirs] })
}

interface Merging {
  /** Ours, as it was read. */
  readonly file: ConfigFile
  readonly documents: readonly [OpenDocument, OpenDocument, OpenDocument]
}

const write = async (cli: Cli, { file, documents }: Merging): Promise<number> => {
  const [base, ours, theirs] = documents
  const { parsed, conflicts } = mergeDocuments(base, ours, theirs)
  if (conflicts.length > 0)
    throw new CliError({
      code: 'conflict',
      message: `both versions change ${conflicts.slice(0, 10).map(printable).join(', ')}`,
      details: { conflicts },
      hint: 'gatehouse config edit keeps ours; look at theirs with gatehouse config decrypt',
    })
  await replaceAsRead(file, await aboutFile(file.name, async () => encryptAgain(ours, parsed, cli.now())))
  return 0
}
