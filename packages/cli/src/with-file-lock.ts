import { dirname } from 'node:path'
import { localError } from './cli-error.ts'
import { makePrivateDirectory } from './private-file.ts'

/** What is locked ends within a request's time or says that it lives; whoever waits longer waits for something dead. */
const LOCK_STALE_MS = 15_000
const LOCK_RETRIES = { retries: 100, factor: 1, minTimeout: 50, maxTimeout: 250, randomize: true } as const

/** Runs work alone among all commands of this machine that lock the same path. Its directory is made, for us alone. */
export const withFileLock = async <T>(
  { path, what }: { readonly path: string; readonly what: string },
  work: () => Promise<T>,
): Promise<T> => {
  const lockfile = (await import('proper-lockfile')).default
  await makePrivateDirectory(dirname(path))
  const release = await lockfile
    .lock(path, { realpath: false, stale: LOCK_STALE_MS, retries: LOCK_RETRIES })
    .catch((cause: unknown) => {
      throw localError(`another gatehouse command does not let go of ${what}`, {
        hint: `remove ${path}.lock if none is running`,
        cause,
      })
    })
  try {
    return await work()
  } finally {
    await release()
  }
}
