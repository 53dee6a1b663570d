import {
  encryptNew,
  encryptUnderNewKey,
  isEncrypted,
  keyText,
  metadataOf,
  nameText,
  openDocument,
  wrapForKeys,
  type CreationRule,
  type KeyName,
  type Metadata,
} from '@gatehouse/sops'
import { resolve } from 'node:path'
import type { Cli } from './cli.ts'
import {
  aboutFile,
  configFile,
  readConfigFile,
  replaceFile,
  requireRuleFile,
  ruleOf,
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
    const keys = { groups: groups.map((group) => group.map(nameOf)), threshold }
    await replaceFile(file.path, await encryptUnderNewKey(document, { keys, services, now: cli.now() }))
  })
  if (cli.options.form === 'json') showJson(cli, { file: file.name, rotated: true })
  else
    cli.terminal.talk(
      `${file.name} is encrypted under a new data key; versions before it still open with the old one\n`,
    )
  return 0
}

/** The key of a stanza, without what it wrapped. */
const nameOf = ({ type, fields }: Metadata['groups'][number][number]): KeyName => ({
  type,
  fields: Object.entries(fields).filter(([name]) => name !== 'enc' && name !== 'created_at'),
})

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
  const updates: Update[] = []
  for (const name of await filesUnder(cli, textOf(args.values, 'file') ?? '')) {
    const update = await aboutFile(name, async () =>
      updateFile(cli, await configFile(cli, name), dryRun ? 'plan' : 'write'),
    )
    if (update !== null) updates.push(update)
  }
  if (cli.options.form === 'json') showJson(cli, { dryRun, files: updates })
  else sayUpdates(cli, updates, dryRun ? 'would be' : 'is now')
  return 0
}

const updateFile = async (cli: Cli, file: ConfigFile, mode: 'plan' | 'write'): Promise<Update | null> => {
  if (!isEncryptedFile(file)) return null
  const rule = await ruleOf(cli, file.path)
  if (rule === null) return null
  const metadata = metadataOf(file.bytes, file.format)
  const update = { file: file.name, ...changeOf(metadata, rule) }
  if (update.added.length + update.removed.length === 0 && !update.newDataKey) return null
  if (mode === 'write') await writeUpdate(cli, file, { rule, newDataKey: update.newDataKey })
  return update
}

const isEncryptedFile = ({ bytes, format }: ConfigFile): boolean => {
  try {
    return isEncrypted(bytes, format)
  } catch {
    return false // what is no document of its format is not ours to change
  }
}

const changeOf = (metadata: Metadata, rule: CreationRule): Omit<Update, 'file'> => {
  const now = metadata.groups.map((group) => group.map(({ type, fields }) => `${type} ${keyText(type, fields)}`))
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
  { path, bytes, format }: ConfigFile,
  { rule, newDataKey }: { rule: CreationRule; newDataKey: boolean },
): Promise<void> => {
  const services = await keyServices(cli)
  const document = await openDocument(bytes, { format, services })
  const keys = { groups: rule.groups, threshold: rule.threshold }
  const written = newDataKey
    ? encryptUnderNewKey(document, { keys, services, now: cli.now() })
    : wrapForKeys(document, { keys, services })
  await replaceFile(path, await written)
}

const sayUpdates = ({ terminal }: Cli, updates: readonly Update[], verb: string): void => {
  for (const { file, added, removed, newDataKey } of updates) {
    const lines = [...added.map((key) => `  + ${printable(key)}`), ...removed.map((key) => `  - ${printable(key)}`)]
    const head = `${printable(file)}${newDataKey ? ` ${verb} under a new data key` : ''}`
    terminal.out([head, ...lines, ''].join('\n'))
  }
  if (updates.length === 0) terminal.talk('all files have the recipients that .sops.yaml says\n')
  if (updates.some(({ removed }) => removed.length > 0))
    terminal.talk(
      'who was removed can still open the versions before, in git and in backups: change the secrets themselves, too\n',
    )
}

/** `config encrypt-all`. Each file is written whole or not at all; a second run goes on where one broke off. */
export const runConfigEncryptAll = async (cli: Cli, args: Arguments): Promise<number> => {
  const dryRun = args.values['dryRun'] === true
  const files: string[] = []
  for (const name of await filesUnder(cli, textOf(args.values, 'directory') ?? '')) {
    const file = await configFile(cli, name)
    if (isEncryptedFile(file)) continue
    const rule = await ruleOrNull(cli, file)
    if (rule === null) {
      await requireRuleFile(cli, file.path)
      continue
    }
    if (!dryRun) await aboutFile(name, () => encryptInPlace(cli, file, rule))
    files.push(name)
  }
  if (cli.options.form === 'json') showJson(cli, { dryRun, files })
  else {
    cli.terminal.out(files.map((file) => `${printable(file)}\n`).join(''))
    cli.terminal.talk(
      files.length === 0 ? 'nothing to encrypt\n' : `${files.length} ${dryRun ? 'would be encrypted' : 'encrypted'}\n`,
    )
  }
  return 0
}

const encryptInPlace = async (cli: Cli, { path, bytes, format }: ConfigFile, rule: CreationRule): Promise<void> => {
  const encrypted = await encryptNew(bytes, { format, services: wrappingServices(cli), ...rule, now: cli.now() })
  await replaceFile(resolve(path), encrypted)
}
