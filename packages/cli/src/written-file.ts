import { link, open, rename, rm, stat, type FileHandle } from 'node:fs/promises'
import { whyUnread } from '@gatehouse/kit'
import { flagError, localError } from './cli-error.ts'
import { unfinishedName } from './unfinished-file.ts'

export interface WrittenFile {
  readonly path: string
  /** As it was typed. */
  readonly name: string
  /** What may happen to a file that is there already. */
  readonly existing: 'keep' | 'replace'
}

/**
 * Writes a stream to a file that only its owner may read: under another name, and under its own when it is complete and
 * on the disk. What fails on the way leaves what was there, and no half of a file; what is killed leaves its half under
 * the other name, and the next run removes it. Answers its length.
 */
export async function writeWhole({ path, name, existing }: WrittenFile, parts: AsyncIterable<Buffer>): Promise<number> {
  const temporary = await unfinishedName({ path, ending: 'part' })
  // asked again at the end: this is so that nobody waits for an hour to be told
  if (existing === 'keep' && (await stat(path).catch(() => null)) !== null) throw inTheWay(name)
  const file = await open(temporary, 'wx', 0o600).catch((cause: unknown) => unwritable(name, cause))
  try {
    const bytes = await writeParts(file, { name, parts })
    await (existing === 'replace' ? rename(temporary, path) : claim(temporary, { path, name }))
    return bytes
  } finally {
    await rm(temporary, { force: true })
  }
}

async function writeParts(
  file: FileHandle,
  { name, parts }: { readonly name: string; readonly parts: AsyncIterable<Buffer> },
): Promise<number> {
  const told = (cause: unknown): never => unwritable(name, cause)
  let bytes = 0
  try {
    for await (const part of parts) {
      await file.writeFile(part).catch(told)
      bytes += part.length
    }
    await file.sync().catch(told)
    return bytes
  } finally {
    await file.close()
  }
}

/** A rename would take the place of what somebody else put there meanwhile; a link never does. */
const claim = (temporary: string, { path, name }: Pick<WrittenFile, 'path' | 'name'>): Promise<void> =>
  link(temporary, path).catch((cause: NodeJS.ErrnoException) => {
    throw cause.code === 'EEXIST' ? inTheWay(name) : localError(`cannot write ${name}: ${whyUnread(cause)}`, { cause })
  })

const inTheWay = (name: string) => flagError('output', `${name} is there already; --force replaces it`)

function unwritable(name: string, cause: unknown): never {
  throw localError(`cannot write ${name}: ${whyUnread(cause)}`, { cause })
}
