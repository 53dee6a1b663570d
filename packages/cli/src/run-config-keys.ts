import {
  encryptNew,
  encryptUnderNewKey,
  isEncrypted,
  keyNameOf,
  keyText,
  metadataOf,
  nameText,
  openDocument,
  readPlainDocument,
  requireNothingLost,
  ruleFileName,
  SopsError,
  wrapForKeys,
  type CreationRule,
  type KeyService,
  type Metadata,
} from '@gatehouse/sops'
import type { Cli } from './cli.ts'
import {
  aboutFile,
  configFile,
  holdsCiphertext,
  isBlank,
  readConfigFile,
  replaceAsRead,
  requireRuleFile,
  ruleOrNull,
  type ConfigFile,
} from './config-files.ts'
import { keyServices, wrappingServices } from './config-keys.ts'
import { filesUnder } from './config-tree.ts'
import { textOf, type Arguments } from './parse-arguments.ts'
import { printable } from './printable.ts'
import { showJson } from './show-output.ts'

/** `config rotate`. */
export const runConfigRotate = async (cli: Cli, args: Arguments): Promise<number> => {
  const file = await readConfigFile(cli, args)
  await aboutFile(file.name, async () => {
    const services = await keyServices(cli)
    const document = await openDocument(file.bytes, { format: file.format, services })
    const { groups, threshold } = document.metadata
    const keys = { groups: groups.map((group) => group.map(keyNameOf)), threshold }
    await replaceAsRead(file, await encryptUnderNewKey(document, { keys, services, now: cli.now() }))
  })
  if (cli.options.form === 'json') showJson(cli, { file: file.name, rotated: true })
  else
    cli.terminal.talk(
      `${printable(file.name)} is encrypted under a new data key; versions before it still open with the old one\n`,
    )
  return 0
}

interface Update {
  readonly file: string
  readonly added: readonly string[]
  readonly removed: readonly string[]
  /** Whether the data key is another: whoever left opens nothing that comes after. */
  readonly newDataKey: boolean
}

/** `config update-keys`. */
export const runConfigUpdateKeys = async (cli: Cli, args: Arguments): Promise<number> => {
  const dryRun = args.values['dryRun'] === true
  const services = dryRun ? null : await aboutFile(ruleFileName, () => keyServices(cli))
  const updates: Update[] = []
  const left: Left[] = []
  for (const name of await filesUnder(cli, textOf(args.values, 'file') ?? '')) {
    const update = await aboutFile(name, async () => updateFile(cli, await configFile(cli, name), services))
    if (typeof update === 'string') left.push({ file: name, message: update })
    else if (update !== null) updates.push(update)
  }
  if (cli.options.form === 'json') showJson(cli, { dryRun, files: updates, left })
  else sayUpdates(cli, updates, { verb: dryRun ? 'would be' : 'is now', isAll: left.length === 0 })
  sayLeft(cli, left)
  return left.length === 0 ? 0 : 1
}

/** A file that nothing can be done with, and why. */
interface Left {
  readonly file: string
  readonly message: string
}

const sayLeft = ({ terminal }: Cli, left: readonly Left[]): void => {
  for (const { file, message } of left) terminal.talk(`${printable(file)} is left as it is: ${printable(message)}\n`)
}

/**
 * Null: there is nothing to do. A text: why what was encrypted cannot be read, since one file of a tree shall not keep
 * the others from it. Without services it says only what would be done.
 */
const updateFile = async (
  cli: Cli,
  file: ConfigFile,
  services: readonly KeyService[] | null,
): Promise<Update | string | null> => {
  const metadata = metadataOrProblem(file)
  if (typeof metadata === 'string') return holdsCiphertext(file) ? metadata : null
  if (metadata === null) return null
  const rule = await ruleOrNull(cli, file)
  if (rule === null) {
    await requireRuleFile(cli, file.path)
    // `config validate` finds it
    cli.terminal.talk(`${printable(file.name)} is left as it is: no rule of .sops.yaml says for whom it is\n`)
    return null
  }
  const update = { file: file.name, ...changeOf(metadata, rule) }
  if (update.added.length + update.removed.length === 0 && !update.newDataKey) return null
  if (services !== null) await writeUpdate(cli, file, { rule, services, newDataKey: update.newDataKey })
  return update
}

/** What a file says of itself; null: it is not encrypted. A text: why it cannot be read. */
const metadataOrProblem = ({ bytes, format }: ConfigFile): Metadata | string | null => {
  try {
    return isEncrypted(bytes, format) ? metadataOf(bytes, format) : null
  } catch (error) {
    return error instanceof Error ? error.message : String(error)
  }
}

const isEncryptedFile = ({ bytes, format }: ConfigFile): boolean => {
  try {
    return isEncrypted(bytes, format)
  } catch {
    return false // what is no document of its format is not ours to change
  }
}

const changeOf = (metadata: Metadata, rule: CreationRule): Omit<Update, 'file'> => {
  const now = metadata.groups.map((group) => group.map((stanza) => `${stanza.type} ${keyText(stanza)}`))
  const meant = rule.groups.map((group) => group.map((key) => `${key.type} ${nameText(key)}`))
  const removed = now.flat().filter((key) => !meant.flat().includes(key))
  const isRegrouped =
    JSON.stringify(now.map((group) => group.toSorted())) !== JSON.stringify(meant.map((group) => group.toSorted()))
  const isOtherThreshold = rule.groups.length > 1 && metadata.threshold !== rule.threshold
  return {
    added: meant.flat().filter((key) => !now.flat().includes(key)),
    removed,
    // a share that somebody once held stays good for its data key
    newDataKey: removed.length > 0 || isOtherThreshold || (isRegrouped && (now.length > 1 || meant.length > 1)),
  }
}

const writeUpdate = async (
  cli: Cli,
  file: ConfigFile,
  { rule, services, newDataKey }: { rule: CreationRule; services: readonly KeyService[]; newDataKey: boolean },
): Promise<void> => {
  const document = await openDocument(file.bytes, { format: file.format, services })
  const keys = { groups: rule.groups, threshold: rule.threshold }
  const written = newDataKey
    ? encryptUnderNewKey(document, { keys, services, now: cli.now() })
    : wrapForKeys(document, { keys, services })
  await replaceAsRead(file, await written)
}

const sayUpdates = (
  { terminal }: Cli,
  updates: readonly Update[],
  { verb, isAll }: { readonly verb: string; readonly isAll: boolean },
): void => {
  for (const { file, added, removed, newDataKey } of updates) {
    const lines = [...added.map((key) => `  + ${printable(key)}`), ...removed.map((key) => `  - ${printable(key)}`)]
    const head = `${printable(file)}${newDataKey ? ` ${verb} under a new data key` : ''}`
    terminal.out([head, ...lines, ''].join('\n'))
  }
  if (updates.length === 0 && isAll) terminal.talk('all files have the recipients that .sops.yaml says\n')
  if (updates.some(({ removed }) => removed.length > 0))
    terminal.talk(
      'who was removed can still open the versions before, in git and in backups: change the secrets themselves, too\n',
    )
}

/**
 * `config encrypt-all`. Each file is written whole or not at all; a second run goes on where one broke off. What is no
 * document of its format is left as it is and named: it shall not keep the others in clear.
 */
export const runConfigEncryptAll = async (cli: Cli, args: Arguments): Promise<number> => {
  const dryRun = args.values['dryRun'] === true
  const services = wrappingServices(cli)
  const files: string[] = []
  const left: Left[] = []
  for (const name of await filesUnder(cli, textOf(args.values, 'directory') ?? '')) {
    const file = await configFile(cli, name)
    if (isBlank(file) || isEncryptedFile(file)) continue
    const rule = await ruleOrNull(cli, file)
    if (rule === null) {
      await requireRuleFile(cli, file.path)
      continue
    }
    const problem = plainProblem(file)
    if (problem === null && !dryRun) await aboutFile(name, () => encryptInPlace(cli, file, { rule, services }))
    if (problem === null) files.push(name)
    else left.push({ file: name, message: problem })
  }
  if (cli.options.form === 'json') showJson(cli, { dryRun, files, left })
  else sayEncrypted(cli, files, { verb: dryRun ? 'would be encrypted' : 'encrypted', isAll: left.length === 0 })
  sayLeft(cli, left)
  return left.length === 0 ? 0 : 1
}

const sayEncrypted = (
  { terminal }: Cli,
  files: readonly string[],
  { verb, isAll }: { readonly verb: string; readonly isAll: boolean },
): void => {
  terminal.out(files.map((file) => `${printable(file)}\n`).join(''))
  terminal.talk(files.length === 0 && isAll ? 'nothing to encrypt\n' : `${files.length} ${verb}\n`)
}

/** Why a file in clear cannot be encrypted; null: it can. */
const plainProblem = ({ bytes, format }: ConfigFile): string | null => {
  try {
    requireNothingLost(bytes, format)
    readPlainDocument(bytes, format)
    return null
  } catch (error) {
    if (error instanceof SopsError) return error.message
    throw error
  }
}

const encryptInPlace = async (
  cli: Cli,
  file: ConfigFile,
  { rule, services }: { rule: CreationRule; services: readonly KeyService[] },
): Promise<void> => {
  const encrypted = await encryptNew(file.bytes, { format: file.format, services, ...rule, now: cli.now() })
  await replaceAsRead(file, encrypted)
}
