import { readdir, stat } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { formatOf } from '@gatehouse/sops'
import { whyUnread } from '@gatehouse/kit'
import type { Cli } from './cli.ts'
import { flagError } from './cli-error.ts'

/** What no configuration lies in. */
const skipped = new Set(['.git', 'node_modules', '.terraform', 'vendor'])

/** A tree of more files is no tree of configuration; it would take minutes without a word. */
const filesMax = 50_000

/** The file that is named, or all configuration files below a directory, as they are named from here. */
export const filesUnder = async (cli: Cli, name: string): Promise<readonly string[]> =>
  (await allFilesUnder(cli, name)).filter((file) => file === name || isConfiguration(file))

/** The file that is named, or all files below a directory. */
export const allFilesUnder = async ({ config }: Cli, name: string): Promise<readonly string[]> => {
  const stats = await stat(resolve(config.cwd, name)).catch((cause: unknown) => {
    throw flagError('file', `cannot read ${name}: ${whyUnread(cause)}`)
  })
  if (!stats.isDirectory()) return [name]
  const found: string[] = []
  await collect({ root: config.cwd, directory: name, found })
  return found.toSorted()
}

/** Links are not followed: they lead out of the tree. */
const collect = async ({
  root,
  directory,
  found,
}: {
  root: string
  directory: string
  found: string[]
}): Promise<void> => {
  for (const item of await readdir(resolve(root, directory), { withFileTypes: true })) {
    const name = join(directory, item.name)
    if (item.isDirectory() && !skipped.has(item.name)) await collect({ root, directory: name, found })
    if (item.isFile()) found.push(name)
    if (found.length > filesMax) throw flagError('file', `${directory} holds more than ${filesMax} files`)
  }
}

const isConfiguration = (name: string): boolean => formatOf(name) !== 'binary' && !name.endsWith('.sops.yaml')
