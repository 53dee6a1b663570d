import { execFile } from 'node:child_process'
import { documentBytesMax } from '@gatehouse/sops'
import { promisify } from 'node:util'
import type { Cli } from './cli.ts'
import { flagError, localError } from './cli-error.ts'

/** A version of a file as git keeps it. */
export interface GitFile {
  /** As git has it: from the top of the repository. */
  readonly name: string
  readonly object: string
}

/** Lists of names; what is longer is no change that anybody reads. */
const listBytesMax = 64 * 1024 * 1024
const objectId = /^[0-9a-f]{40,64}$/
/** Another repository, whose commit stands in this one. */
const submoduleMode = '160000'

/** What the next commit would bring, below a directory. */
export const stagedFiles = async (cli: Cli, directory: string): Promise<readonly GitFile[]> => {
  const how = '--raw -z --no-abbrev --no-renames --no-ext-diff --diff-filter=d'
  const listed = await git(cli, ['diff', '--cached', ...how.split(' '), '--', directory])
  const fields = listed.toString('utf8').split('\0')
  return fields.flatMap((head, index): GitFile[] => {
    const [, mode, , object = ''] = head.startsWith(':') && index % 2 === 0 ? head.split(' ') : []
    const name = fields[index + 1]
    return mode === undefined || mode === submoduleMode || name === undefined ? [] : [{ name, object }]
  })
}

/**
 * What the commits of a range brought, below a directory: every version of a file, also one that a later commit took
 * away, for history keeps it.
 */
export const filesOfRange = async (cli: Cli, range: string, directory: string): Promise<readonly GitFile[]> => {
  // a range is no option of git's
  if (!/^[^-\s]\S*\.\.\S*$/.test(range)) throw flagError('range', `\`${range}\` is no range: write A..B`)
  const listed = await git(cli, ['rev-list', '--objects', '--end-of-options', range, '--', directory])
  const files = listed
    .toString('utf8')
    .split('\n')
    .flatMap((line): GitFile[] => {
      const [object = '', name = ''] = line.split(/ (.*)/s)
      return objectId.test(object) && name !== '' ? [{ name, object }] : []
    })
  const ids = files.map(({ object }) => `${object}\n`).join('')
  const types = (await git(cli, ['cat-file', '--batch-check=%(objecttype)'], { stdin: ids })).toString().split('\n')
  return files.filter((_file, index) => types[index] === 'blob')
}

/** A file's bytes; null: it is longer than what is read. */
export const gitContent = (cli: Cli, { object }: GitFile): Promise<Uint8Array | null> =>
  git(cli, ['cat-file', 'blob', object], { bytesMax: documentBytesMax }).catch((error: unknown) => {
    if (error instanceof Error && isTooLong(error.cause)) return null
    throw error
  })

const isTooLong = (cause: unknown): boolean =>
  cause instanceof Error && 'code' in cause && cause.code === 'ERR_CHILD_PROCESS_STDIO_MAXBUFFER'

interface GitOptions {
  readonly stdin?: string
  readonly bytesMax?: number
}

/** Reads a repository, and runs nothing that its settings name. */
const git = async (
  { config }: Cli,
  words: readonly string[],
  { stdin = '', bytesMax = listBytesMax }: GitOptions = {},
): Promise<Buffer> => {
  const running = promisify(execFile)('git', ['--literal-pathspecs', '-c', 'core.fsmonitor=false', ...words], {
    cwd: config.cwd,
    env: config.environment,
    encoding: 'buffer',
    maxBuffer: bytesMax,
  })
  running.child.stdin?.on('error', () => undefined) // it ended; its code says why
  running.child.stdin?.end(stdin)
  const { stdout } = await running.catch((cause: Error & { stderr?: Buffer }) => {
    const [said = ''] = (cause.stderr?.toString('utf8').trim() ?? '').split('\n')
    throw localError(`git ${words[0]}: ${said === '' ? cause.message : said}`, { cause })
  })
  return stdout
}
