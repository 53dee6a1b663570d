import { constants } from 'node:fs'
import { open } from 'node:fs/promises'

/** Resolves once the names in a directory are on the disk: a file that is there and has no name is lost. */
export async function syncDirectory(path: string): Promise<void> {
  const directory = await open(path, constants.O_RDONLY)
  try {
    await directory.sync()
  } finally {
    await directory.close()
  }
}
