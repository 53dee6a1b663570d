import { readdir, readFile } from 'node:fs/promises'
import { join, relative, resolve, sep } from 'node:path'
import { operations, PolicyFileInput } from '@gatehouse/contract'
import { whyUnread } from '@gatehouse/kit'
import { manifestFile } from '@gatehouse/policy/bundle'
import type { Cli } from './cli.ts'
import { flagError } from './cli-error.ts'
import { flag } from './flag.ts'
import { withNames } from './known-names.ts'
import { requireFlags, textOf, type Arguments } from './parse-arguments.ts'
import { printable } from './printable.ts'
import { showOutput } from './show-output.ts'

/** Publishes a directory of this machine, or what lies in the directory of the server that answers. */
export const runPolicyPublish = async (cli: Cli, { values }: Arguments): Promise<number> => {
  requireFlags(values, [flag('reason', '', { required: true })])
  const directory = textOf(values, 'directory')
  const files = directory === null ? null : await signedFilesIn(resolve(cli.config.cwd, directory), directory)
  const reason = textOf(values, 'reason') ?? ''
  const output = await (await cli.client()).call('policy.publish', { reason, ...(files && { files }) })
  showOutput(cli, operations['policy.publish'], output)
  return 0
}

/** Lets a directory of this machine decide beside what is in force. */
export const runPolicyShadow = async (cli: Cli, { values }: Arguments): Promise<number> => {
  requireFlags(values, [flag('directory', '', { required: true }), flag('reason', '', { required: true })])
  const directory = textOf(values, 'directory') ?? ''
  const files = await policyFilesIn(resolve(cli.config.cwd, directory), directory)
  const output = await (
    await cli.client()
  ).call('policy.shadowPublish', { reason: textOf(values, 'reason') ?? '', files })
  showOutput(cli, operations['policy.shadowPublish'], await withNames(cli, output))
  return 0
}

/** With what was signed of them, where they are. */
async function signedFilesIn(path: string, name: string): Promise<GivenFile[]> {
  const files = await policyFilesIn(path, name)
  const manifest = await readFile(join(path, manifestFile), 'utf8').catch(() => null)
  return manifest === null ? files : [...files, { path: manifestFile, text: manifest }]
}

/** A policy or schema file, as operations take it. */
interface GivenFile {
  readonly path: string
  readonly text: string
}

/** The policy and schema files of a directory, by name. */
export async function policyFilesIn(path: string, name: string): Promise<GivenFile[]> {
  const files = (await entriesOf(path, name))
    .filter((entry) => entry.isFile() && /\.(?:cedar|cedarschema)$/.test(entry.name))
    .map((entry) => relative(path, join(entry.parentPath, entry.name)).split(sep).join('/'))
    .filter((file) => !file.split('/').some((part) => part.startsWith('.')))
    .sort()
  if (files.length === 0) throw flagError('directory', `there is no policy (*.cedar) in ${name}`)
  return Promise.all(
    files.map(async (file) => accepted({ path: file, text: await readFile(join(path, file), 'utf8') })),
  )
}

/** A file that servers take: of one that they would not, its name is said, and not its place among the files. */
function accepted(file: GivenFile): GivenFile {
  const problem = PolicyFileInput.safeParse(file).error?.issues[0]
  if (problem !== undefined) throw flagError('directory', `${printable(file.path)}: ${problem.message}`)
  return file
}

async function entriesOf(path: string, name: string) {
  try {
    return await readdir(path, { recursive: true, withFileTypes: true })
  } catch (cause) {
    throw flagError('directory', `cannot read ${name}: ${whyUnread(cause)}`)
  }
}
