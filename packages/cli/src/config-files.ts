import { constants, type Stats } from 'node:fs'
import { access, lstat, open, readFile, rename, rm } from 'node:fs/promises'
import { dirname, join, relative, resolve } from 'node:path'
import {
  documentBytesMax,
  formatOf,
  ruleFileName,
  ruleFor,
  SopsError,
  utf8Text,
  type CreationRule,
  type FormatName,
  type SopsErrorCode,
} from '@gatehouse/sops'
import { whyUnread } from '@gatehouse/kit'
import { boundedBytes } from './bounded-bytes.ts'
import type { Cli } from './cli.ts'
import { CliError, flagError, localError } from './cli-error.ts'
import { textOf, type Arguments } from './parse-arguments.ts'
import { unfinishedName } from './unfinished-file.ts'

/** A file of configuration, read whole. */
export interface ConfigFile {
  readonly path: string
  /** As it was typed. */
  readonly name: string
  readonly bytes: Uint8Array
  readonly format: FormatName
}

/** Reads the file that a command is about. */
export const readConfigFile = async (cli: Cli, { values }: Arguments, field = 'file'): Promise<ConfigFile> => {
  const name = textOf(values, field)
  if (name === null) throw flagError(field, 'a file')
  return configFile(cli, name, textOf(values, 'type') as FormatName | null) // one of the choices of the flag
}

/** Reads a file by its name; its format is given, or told by its ending. */
export const configFile = async (
  { config }: Cli,
  name: string,
  format: FormatName | null = null,
): Promise<ConfigFile> => {
  const path = resolve(config.cwd, name)
  try {
    return { path, name, bytes: await boundedFile(path), format: format ?? formatOf(path) }
  } catch (cause) {
    if (cause instanceof CliError) throw cause
    throw flagError('file', `cannot read ${name}: ${whyUnread(cause)}`)
  }
}

/** What a pipe or a device holds nobody says before it is read, and it may never end. */
const boundedFile = async (path: string): Promise<Uint8Array> => {
  const file = await open(path)
  try {
    const { size } = await file.stat()
    const bytes = size > documentBytesMax ? null : await boundedBytes(file.createReadStream(), documentBytesMax + 1)
    if (bytes !== null && bytes.length <= documentBytesMax) return bytes
    throw flagError('file', `${path} is larger than ${documentBytesMax / 1024 / 1024} MiB`)
  } finally {
    await file.close()
  }
}

/** Writes what is encrypted in place of a file, whole or not at all, with the owner and permissions that were there. */
export const replaceFile = async (path: string, bytes: Uint8Array): Promise<void> =>
  void (await replaceWhere({ path, bytes, holds: () => Promise.resolve(true) }))

/** The same where the file is still what was read of it. False: somebody else changed it, and it was left alone. */
export const replaceUnchanged = ({ path, bytes: before }: ConfigFile, bytes: Uint8Array): Promise<boolean> =>
  replaceWhere({ path, bytes, holds: async () => (await readFile(path).catch(() => null))?.equals(before) === true })

/** The same, and refused where somebody else was faster: two who change one file at once must not lose one change. */
export const replaceAsRead = async (file: ConfigFile, bytes: Uint8Array): Promise<void> => {
  if (await replaceUnchanged(file, bytes)) return
  throw new CliError({
    code: 'conflict',
    message: `${file.name} was changed by somebody else meanwhile, and was left as it is`,
    hint: 'run the command again',
  })
}

interface Replacing {
  readonly path: string
  readonly bytes: Uint8Array
  /** Asked at the last moment: whether the file may be replaced. */
  readonly holds: () => Promise<boolean>
}

async function replaceWhere({ path, bytes, holds }: Replacing): Promise<boolean> {
  const before = await requireNoLink(path)
  const temporary = await unfinishedName({ path, ending: 'tmp' })
  try {
    await writeSynced(temporary, { bytes, before })
    const replaced = await holds()
    await (replaced ? rename(temporary, path) : rm(temporary))
    return replaced
  } catch (cause) {
    await rm(temporary, { force: true })
    throw notWritten(path, cause)
  }
}

const notWritten = (path: string, cause: unknown): CliError =>
  localError(`cannot write ${path}: ${whyUnread(cause)}`, { cause })

/** What stands at a path; null: nothing. */
const requireNoLink = async (path: string): Promise<Stats | null> => {
  const before = await lstat(path).catch(() => null)
  if (before?.isSymbolicLink() === true)
    throw localError(`${path} is a link`, { hint: 'name the file that it leads to' })
  return before
}

/** Refuses a file that could not be replaced, before anybody takes the trouble to edit it. */
export const requireReplaceable = async ({ path }: ConfigFile): Promise<void> => {
  await requireNoLink(path)
  await access(dirname(path), constants.W_OK).catch((cause: unknown) => {
    throw notWritten(path, cause)
  })
}

async function writeSynced(
  path: string,
  { bytes, before }: { readonly bytes: Uint8Array; readonly before: Stats | null },
): Promise<void> {
  const file = await open(path, 'wx', before === null ? 0o600 : before.mode & 0o777)
  try {
    const made = await file.stat()
    if (before !== null && (before.uid !== made.uid || before.gid !== made.gid))
      await file.chown(before.uid, before.gid) // else a service could no longer read its own file
    await file.writeFile(bytes)
    await file.sync()
  } finally {
    await file.close()
  }
}

/** The rule of the nearest rule file for a path; null where there is no such file. */
export const ruleOf = async (cli: Cli, path: string): Promise<CreationRule | null> => {
  const found = await ruleFileOf(cli, path)
  if (found === null) return null
  const bytes = await boundedFile(found).catch((cause: unknown) => {
    if (cause instanceof CliError) throw cause
    throw localError(`cannot read ${found}: ${whyUnread(cause)}`, { cause })
  })
  const text = await aboutFile(found, async () => utf8Text(bytes))
  return ruleFor(text, relative(dirname(found), path))
}

const ruleFileOf = async ({ config }: Cli, path: string): Promise<string | null> => {
  const given = config.environment['SOPS_CONFIG'] ?? ''
  return given === '' ? nearestRuleFile(dirname(path)) : resolve(config.cwd, given)
}

/** One that cannot be seen is refused: the next one above may name others. */
const nearestRuleFile = async (directory: string): Promise<string | null> => {
  const path = join(directory, ruleFileName)
  const isThere = await lstat(path).then(
    () => true,
    (cause: NodeJS.ErrnoException) => {
      if (cause.code === 'ENOENT') return false
      throw localError(`cannot read ${path}: ${whyUnread(cause)}`, { cause })
    },
  )
  if (isThere) return path
  const parent = dirname(directory)
  return parent === directory ? null : nearestRuleFile(parent)
}

/** Refuses where there is no rule file for a path. */
export const requireRuleFile = async (cli: Cli, path: string): Promise<void> => {
  if ((await ruleFileOf(cli, path)) === null)
    throw localError(`there is no ${ruleFileName} that says what to encrypt`, {
      hint: 'gatehouse config init-encryption',
    })
}

/** What each refusal means to a script. */
const codes = {
  malformed: 'invalid-input',
  encoding: 'invalid-input',
  'too-large': 'invalid-input',
  unsupported: 'invalid-input',
  'not-encrypted': 'invalid-input',
  'already-encrypted': 'invalid-input',
  tampered: 'fault',
  'no-key': 'fault',
  'no-rule': 'invalid-input',
  'bad-rule': 'invalid-input',
  'bad-recipient': 'invalid-input',
  'path-not-found': 'not-found',
} as const satisfies Record<SopsErrorCode, string>

const hints: Partial<Record<SopsErrorCode, string>> = {
  encoding:
    'save it as UTF-8 without a byte order mark, with lines that end in LF; ' +
    'where a shell of Windows does this, write with --output instead of `>`',
  'no-key': 'name a key file in SOPS_AGE_KEY_FILE, log in to AWS or Vault, or ask somebody who holds one of these keys',
  'no-rule': `add a rule to ${ruleFileName}, or name recipients with --age`,
  'not-encrypted': 'gatehouse config encrypt FILE',
  tampered: 'compare it with an earlier version of the file; somebody may have edited it without sops',
}

/** Runs what works on a file; a refusal names the file and the next step. */
export const aboutFile = async <T>(name: string, work: () => Promise<T>): Promise<T> => {
  try {
    return await work()
  } catch (error) {
    if (!(error instanceof SopsError)) throw error
    throw new CliError({
      code: codes[error.code],
      message: `${name}: ${error.message}`,
      hint: hints[error.code] ?? null,
      details: { reason: error.code },
      cause: error,
    })
  }
}

/** The rule for a file; null: no rule file, or no rule that fits. A rule file with a fault is refused. */
export const ruleOrNull = async (cli: Cli, { path, name }: ConfigFile): Promise<CreationRule | null> => {
  try {
    return await aboutFile(name, () => ruleOf(cli, path))
  } catch (error) {
    if (error instanceof CliError && error.details['reason'] === 'no-rule') return null
    throw error
  }
}

/** Whether there is nothing in a file that anybody could encrypt. */
export const isBlank = ({ bytes }: ConfigFile): boolean => Buffer.from(bytes).toString('latin1').trim() === ''

/** How each value begins that stock SOPS or we encrypted, also in UTF-16, where no document is read. */
const ciphertextBeginnings = ['utf8', 'utf16le'].map((encoding) =>
  Buffer.from('ENC[AES256_GCM,', encoding as BufferEncoding),
)

/** Whether a file holds what was encrypted, though it may be a document no more. */
export const holdsCiphertext = ({ bytes }: ConfigFile): boolean =>
  ciphertextBeginnings.some((beginning) => Buffer.from(bytes).includes(beginning))
