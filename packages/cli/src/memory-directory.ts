import { chmod, mkdtemp, open, readdir, rm, stat, statfs } from 'node:fs/promises'
import { join } from 'node:path'
import { localError } from './cli-error.ts'

/** Linux's magic numbers of file systems that lie in memory: tmpfs and ramfs. */
const inMemory = [0x01021994, 0x858458f6]

/** Where Linux has one that everybody may use, and the one of the person's session. */
const candidates = (environment: NodeJS.ProcessEnv): readonly string[] =>
  ['/dev/shm', environment['XDG_RUNTIME_DIR'] ?? ''].filter((path) => path !== '')

/**
 * Runs work with a directory that only this person can enter and that lies in memory; at its end all of it is
 * overwritten and gone. Refuses where there is none: plaintext never touches a disk.
 */
export const withMemoryDirectory = async <T>(
  environment: NodeJS.ProcessEnv,
  work: (path: string) => Promise<T>,
): Promise<T> => {
  const parent = await firstInMemory(candidates(environment))
  if (parent === null)
    throw localError('there is no file system in memory here, and plaintext is not written to a disk', {
      hint: 'on Linux mount a tmpfs at /dev/shm; elsewhere: gatehouse config set FILE PATH --value-stdin',
    })
  const directory = await mkdtemp(join(parent, 'gatehouse-'))
  try {
    await chmod(directory, 0o700)
    return await work(directory)
  } finally {
    await wipe(directory)
  }
}

const firstInMemory = async (paths: readonly string[]): Promise<string | null> => {
  for (const path of paths) {
    const type = await statfs(path).then(
      ({ type: magic }) => magic,
      () => null,
    )
    if (type !== null && inMemory.includes(type)) return path
  }
  return null
}

/** Editors leave copies beside a file; they go, too. */
const wipe = async (directory: string): Promise<void> => {
  for (const entry of await readdir(directory, { recursive: true, withFileTypes: true }))
    if (entry.isFile()) await overwrite(join(entry.parentPath, entry.name)).catch(() => {}) // it goes in any case
  await rm(directory, { recursive: true, force: true })
}

const overwrite = async (path: string): Promise<void> => {
  const { size } = await stat(path)
  const file = await open(path, 'r+')
  try {
    await file.write(Buffer.alloc(size), 0, size, 0)
  } finally {
    await file.close()
  }
}
