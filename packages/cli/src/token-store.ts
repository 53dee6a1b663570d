import { readFile, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { z } from 'zod'
import { localError } from './cli-error.ts'
import type { Server } from './find-server.ts'
import { makePrivateDirectory, readPrivateFile, writePrivateFile } from './private-file.ts'

const StoredTokens = z.object({
  /** Tokens never leave for another origin, whatever a context says now. */
  server: z.string(),
  username: z.string(),
  accessToken: z.string().min(1),
  refreshToken: z.string().min(1),
  accessExpiresAt: z.iso.datetime({ offset: true }),
})

/** The tokens of one account, as they lie in its file. */
export type StoredTokens = z.output<typeof StoredTokens>

/** Keeps the tokens of one account in a file that only its owner can read. */
export interface TokenStore {
  readonly path: string
  readonly read: () => Promise<StoredTokens | null>
  readonly write: (tokens: Omit<StoredTokens, 'server'>) => Promise<void>
  readonly remove: () => Promise<void>
  /** Runs alone among all commands of this account: two refreshes of one token would end the session. */
  readonly locked: <T>(work: () => Promise<T>) => Promise<T>
}

/** A refresh takes at most one request's time; whoever waits longer than this waits for something dead. */
const LOCK_STALE_MS = 15_000
const LOCK_RETRIES = { retries: 100, factor: 1, minTimeout: 50, maxTimeout: 250, randomize: true } as const

/** The store of one account. */
export const openTokenStore = (configHome: string, server: Server): TokenStore => {
  const directory = join(configHome, 'tokens')
  const path = join(directory, `${server.account}.json`)
  return {
    path,
    read: async () => {
      const tokens = await readPrivateFile(path, StoredTokens)
      return tokens?.server === server.url ? tokens : null
    },
    write: (tokens) => writePrivateFile(path, { server: server.url, ...tokens }),
    remove: () => rm(path, { force: true }),
    locked: (work) => withLock(directory, path, work),
  }
}

const withLock = async <T>(directory: string, path: string, work: () => Promise<T>): Promise<T> => {
  const lockfile = (await import('proper-lockfile')).default
  await makePrivateDirectory(directory)
  const release = await lockfile.lock(path, { realpath: false, stale: LOCK_STALE_MS, retries: LOCK_RETRIES }).catch((cause: unknown) => {
    throw localError('another gatehouse command does not let go of the tokens', { hint: `remove ${path}.lock if none is running`, cause })
  })
  try {
    return await work()
  } finally {
    await release()
  }
}

/** The token of a file that automation names, without the newline at its end. */
export const readTokenFile = async (path: string): Promise<string> => {
  const text = await readFile(path, 'utf8').catch((cause: Error) => {
    throw localError(`GATEHOUSE_TOKEN_FILE: cannot read ${path}: ${cause.message}`, { cause })
  })
  if (text.trim() === '') throw localError(`GATEHOUSE_TOKEN_FILE: ${path} is empty`)
  return text.trim()
}
