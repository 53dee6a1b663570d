import { chmod, mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { dirname } from 'node:path'
import type { z } from 'zod'
import { whyUnread } from '@gatehouse/kit'
import { localError } from './cli-error.ts'
import { unfinishedName } from './unfinished-file.ts'

/** Reads a JSON file of ours; null when there is none. A damaged one is said, not guessed at. */
export const readPrivateFile = async <T>(path: string, schema: z.ZodType<T>): Promise<T | null> => {
  const text = await readFile(path, 'utf8').catch((cause: NodeJS.ErrnoException) => {
    if (cause.code === 'ENOENT' || cause.code === 'ENOTDIR') return null
    throw localError(`cannot read ${path}: ${whyUnread(cause)}`, { cause })
  })
  return text === null ? null : parseFile(path, text, schema)
}

const parseFile = <T>(path: string, text: string, schema: z.ZodType<T>): T => {
  try {
    return schema.parse(JSON.parse(text))
  } catch (cause) {
    throw localError(`${path} is damaged`, { hint: 'move it away and log in again', cause })
  }
}

/** Writes a JSON file that only its owner may read, whole or not at all. */
export const writePrivateFile = async (path: string, value: unknown): Promise<void> => {
  await makePrivateDirectory(dirname(path))
  const temporary = await unfinishedName({ path, ending: 'tmp' })
  try {
    await writeFile(temporary, `${JSON.stringify(value, null, 2)}\n`, { mode: 0o600, flag: 'wx' })
    await rename(temporary, path)
  } catch (cause) {
    await rm(temporary, { force: true })
    throw cause
  }
}

/** Makes a directory for its owner alone; one that others could open is closed. */
export const makePrivateDirectory = async (path: string): Promise<void> => {
  await mkdir(path, { recursive: true, mode: 0o700 })
  await chmod(path, 0o700)
}
