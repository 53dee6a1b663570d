import { randomBytes } from 'node:crypto'
import { constants } from 'node:fs'
import { link, mkdir, open, unlink } from 'node:fs/promises'
import { dirname } from 'node:path'
import { KeyError } from './key-error.ts'

/** Key files are a line or a few; anything bigger is not one. */
const fileBytesMax = 64 * 1024

const groupAndWorld = 0o077

/**
 * Reads a file that only its owner may read. Null: there is none. Throws `KeyError('exposed')` when others may read or
 * write it,
 * checked on the open file, so it cannot be swapped between the check and the read.
 */
export async function readPrivateFile(path: string): Promise<string | null> {
  const file = await open(path, constants.O_RDONLY).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return null
    throw error
  })
  if (file === null) return null
  try {
    const facts = await file.stat()
    if (!facts.isFile() || facts.size > fileBytesMax) throw new KeyError('malformed', `\`${path}\` is not a key file`)
    if ((facts.mode & groupAndWorld) !== 0)
      throw new KeyError(
        'exposed',
        `\`${path}\` can be read by others; run \`chmod 600 ${path}\`, and replace the key if others had access to it`,
      )
    return await file.readFile('utf8')
  } finally {
    await file.close()
  }
}

/** Makes a private file whole or not at all. False: it was there already (another node was faster) and is untouched. */
export async function createPrivateFile(path: string, content: string): Promise<boolean> {
  await mkdir(dirname(path), { recursive: true, mode: 0o700 })
  const unfinished = `${path}.${randomBytes(6).toString('hex')}`
  const file = await open(unfinished, 'wx', 0o600)
  try {
    await file.writeFile(content)
    await file.sync()
    await file.close()
    // a link, unlike a rename, never replaces what is there
    await link(unfinished, path)
    await syncDirectory(dirname(path))
    return true
  } catch (error) {
    if (isExists(error)) return false
    throw error
  } finally {
    await file.close().catch(() => undefined)
    await unlink(unfinished).catch(() => undefined)
  }
}

/** The name itself must survive a power cut, or a sealed database is left without its key. */
async function syncDirectory(path: string): Promise<void> {
  const directory = await open(path, constants.O_RDONLY)
  try {
    await directory.sync()
  } finally {
    await directory.close()
  }
}

const isExists = (error: unknown): boolean => error instanceof Error && 'code' in error && error.code === 'EEXIST'
