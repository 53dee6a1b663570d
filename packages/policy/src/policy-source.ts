import { createHash } from 'node:crypto'
import { readdir, readFile, stat } from 'node:fs/promises'
import { join, posix, relative } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { whyUnread } from '@gatehouse/kit'
import { manifestFile } from './bundle.ts'
import { PolicyError } from './policy-problem.ts'

export interface SourceFile {
  /** Relative to the policy directory, with `/`. */
  readonly file: string
  readonly text: string
}

/** A policy directory as it stood at one moment, with nothing understood yet. */
export interface PolicySource {
  readonly schemas: readonly SourceFile[]
  readonly policies: readonly SourceFile[]
  /** What was signed of them; null: nothing lies there. It decides nothing, so no version is made of it. */
  readonly manifest: SourceFile | null
  /** Changes whenever any file does. */
  readonly version: string
  readonly schemaVersion: string
}

// A policy set of thousands of policies fits; a mistaken path to a data directory does not.
const filesMax = 500
const fileBytesMax = 1024 * 1024
const depthMax = 4
/** Names that are looked at, policies or not: a mistaken path is found out by these and not by a full memory. */
const namesMax = 10_000

/** Characters of a version: 128 bits, so that nobody can make two sets that are called the same. */
const versionLength = 32

/**
 * Reads `schema/*.cedarschema` and every other `*.cedar`. Follows symbolic links and passes over dotted names, so that
 * a mounted
 * ConfigMap (`..data` swapped as a whole) is read through its visible links.
 */
export async function readPolicySource(path: string): Promise<PolicySource> {
  return sourceOf(await readAll(path), path)
}

/**
 * Refuses a file of a directory without a word in it: who saves over one on a full disk leaves it so, and Cedar takes
 * it, without what it forbade. What is meant to say nothing says so by a comment.
 */
export function requireWords({ schemas, policies }: PolicySource): void {
  const empty = [...schemas, ...policies].filter(({ text }) => text.trim() === '')
  if (empty.length === 0) return
  const message = 'is empty, as a full disk leaves a file that was saved: save it again, or delete it'
  throw new PolicyError(empty.map(({ file }) => ({ file, line: null, message })))
}

/** The same of files that are at hand. `place` names where they are from. */
export function sourceOf(given: readonly SourceFile[], place: string): PolicySource {
  const files = [...given].sort(byName)
  const twice = files.find(({ file }, at) => files[at + 1]?.file === file)
  if (twice !== undefined) throw new PolicyError([{ file: twice.file, line: null, message: 'is there twice' }])
  const signed = files.filter(({ file }) => file !== manifestFile)
  const schemas = signed.filter(({ file }) => file.endsWith('.cedarschema'))
  const policies = signed.filter(({ file }) => file.endsWith('.cedar'))
  // an empty set is what a missing mount looks like: it must never pass for a wish
  if (schemas.length === 0)
    throw new PolicyError([{ file: place, line: null, message: 'there is no `schema/*.cedarschema` here' }])
  if (policies.length === 0)
    throw new PolicyError([{ file: place, line: null, message: 'there is no policy (`*.cedar`) here' }])
  const manifest = files.find(({ file }) => file === manifestFile) ?? null
  return { schemas, policies, manifest, version: versionOf(signed), schemaVersion: versionOf(schemas) }
}

/**
 * What is written under another name and renamed may be gone between being listed and being looked at; a moment later
 * it is there by its own. So often is it looked again, before what is missing is told.
 */
const readsMax = 4
const againMilliseconds = 25

async function readAll(path: string): Promise<SourceFile[]> {
  for (let reads = 1; ; reads += 1) {
    try {
      return await readOnce(path)
    } catch (error) {
      if (error instanceof PolicyError) throw error
      if (isGone(error) && reads < readsMax) {
        await sleep(againMilliseconds)
        continue
      }
      // a link that dangles, a directory without rights: the set in force stays
      const message = `cannot be read: ${whyUnread(error)}`
      throw new PolicyError([{ file: placeOf(error, path), line: null, message }], { cause: error })
    }
  }
}

/** The file that could not be read, as all others are named; the directory, where none is known. */
function placeOf(error: unknown, root: string): string {
  const place = error instanceof Error && 'path' in error ? error.path : undefined
  return (typeof place === 'string' ? relative(root, place) : '') || root
}

const isGone = (error: unknown): boolean => error instanceof Error && 'code' in error && error.code === 'ENOENT'

async function readOnce(path: string): Promise<SourceFile[]> {
  const names = [...(await namesIn(path)).files].sort()
  if (names.length > filesMax)
    throw new PolicyError([{ file: path, line: null, message: `more than ${filesMax} policy files` }])
  return Promise.all(names.map((file) => readOne(path, file)))
}

async function readOne(path: string, file: string): Promise<SourceFile> {
  const place = join(path, file)
  // looked at before: what is far too large must not be read to find that out
  if ((await stat(place)).size > fileBytesMax) throw tooLarge(file)
  const bytes = await readFile(place)
  if (bytes.length > fileBytesMax) throw tooLarge(file)
  try {
    return { file, text: new TextDecoder('utf-8', { fatal: true }).decode(bytes) }
  } catch (cause) {
    throw new PolicyError([{ file, line: null, message: 'not UTF-8 text' }], { cause })
  }
}

const tooLarge = (file: string): PolicyError =>
  new PolicyError([{ file, line: null, message: `larger than ${fileBytesMax} bytes` }])

const isPolicyFile = (file: string): boolean =>
  file.endsWith('.cedar') || file.endsWith('.cedarschema') || file === manifestFile

/** Names below a policy directory, which is one of its folders itself. */
export interface PolicyNames {
  readonly folders: readonly string[]
  readonly files: readonly string[]
}

/** Policy files and folders below a directory, level by level, so that what is looked at is counted. */
export async function namesIn(root: string): Promise<PolicyNames> {
  const found: { readonly folders: string[]; readonly files: string[] } = { folders: [], files: [] }
  let [folders, looked]: [string[], number] = [[''], 0]
  for (let depth = 0; depth <= depthMax && folders.length > 0; depth += 1) {
    const below: string[] = []
    found.folders.push(...folders)
    for (const folder of folders) {
      const names = (await readdir(join(root, folder))).filter((name) => !name.startsWith('.'))
      looked += names.length
      if (looked > namesMax)
        throw new PolicyError([{ file: root, line: null, message: `more than ${namesMax} files and directories` }])
      const entries = await Promise.all(names.map((name) => entryAt(root, posix.join(folder, name))))
      below.push(...entries.flatMap(({ file, isFolder }) => (isFolder ? [file] : [])))
      found.files.push(...entries.flatMap(({ file, isPolicy }) => (isPolicy ? [file] : [])))
    }
    folders = below
  }
  return found
}

async function entryAt(root: string, file: string) {
  const facts = await stat(join(root, file))
  return { file, isFolder: facts.isDirectory(), isPolicy: facts.isFile() && isPolicyFile(file) }
}

/** The order in which a version is made of files: the same as of their names. */
export const byName = (one: SourceFile, two: SourceFile): number => {
  if (one.file === two.file) return 0
  return one.file < two.file ? -1 : 1
}

/** Names and contents, each with its length before it, so that no two sets run together into one. */
function versionOf(files: readonly SourceFile[]): string {
  const hash = createHash('sha256')
  for (const { file, text } of files)
    hash.update(`${Buffer.byteLength(file)} ${file} ${Buffer.byteLength(text)} `).update(text)
  return hash.digest('hex').slice(0, versionLength)
}

/** All that lies there, the manifest as well. */
export const filesOf = ({ schemas, policies, manifest }: PolicySource): readonly SourceFile[] => [
  ...schemas,
  ...policies,
  ...(manifest === null ? [] : [manifest]),
]
