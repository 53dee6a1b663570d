import { readFile, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { z } from 'zod'
import { whyUnread } from '@gatehouse/kit'
import { localError, usageError } from './cli-error.ts'
import type { CliConfig } from './config.ts'
import { ProofKey } from './dpop-proof.ts'
import type { Server } from './find-server.ts'
import { keyringEntry, type KeyringEntry } from './keyring.ts'
import { readPrivateFile, writePrivateFile } from './private-file.ts'
import { tokenPlaces, type TokenPlace } from './token-places.ts'
import { withFileLock } from './with-file-lock.ts'

const StoredTokens = z.object({
  /** Tokens never leave for another origin, whatever a context says now. */
  server: z.string(),
  username: z.string(),
  accessToken: z.string().min(1),
  /** Null for an API token: it lives as long as it lives. */
  refreshToken: z.string().min(1).nullable(),
  accessExpiresAt: z.iso.datetime({ offset: true }).nullable(),
  /** The key that the session is bound to; absent where its tokens are a bearer's. */
  key: ProofKey.optional(),
  /** When the server was asked to exchange the refresh token, and has not answered yet: it may be spent. */
  refreshAskedAt: z.iso.datetime().optional(),
})

/**
 * What stands in the file when the tokens themselves are in the keyring: enough to find them, nothing to log in with.
 */
const InKeyring = z.object({ server: z.string(), username: z.string(), keptIn: z.literal('keyring') })
const TokenFile = z.union([InKeyring, StoredTokens])

/** The tokens of one account. */
export type StoredTokens = z.output<typeof StoredTokens>
type NewTokens = Omit<StoredTokens, 'server'>

/** Where tokens went, and why not into the keyring where that was meant. */
export interface Kept {
  readonly place: TokenPlace
  readonly keyringProblem: string | null
}

/** What is known of an account without opening the keyring, which might ask for its password. */
export interface KnownAccount {
  readonly username: string
  readonly place: TokenPlace
}

/** Keeps the tokens of one account: in the system's keyring, or in a file that only its owner can read. */
export interface TokenStore {
  /** The file: with the tokens, or saying that they are in the keyring. */
  readonly path: string
  /** Null when nothing is kept for this account at this server. */
  readonly known: () => Promise<KnownAccount | null>
  /** Null when there are none; throws when the keyring that has them does not answer. */
  readonly read: () => Promise<StoredTokens | null>
  /** Never loses them to a keyring that fails: then the file takes them. Throws when neither does. */
  readonly write: (tokens: NewTokens, wish?: TokenPlace | null) => Promise<Kept>
  readonly remove: () => Promise<void>
  /** Runs alone among all commands of this account: two refreshes of one token would end the session. */
  readonly locked: <T>(work: () => Promise<T>) => Promise<T>
}

/** The store of one account. */
export const openTokenStore = (config: Pick<CliConfig, 'configHome' | 'tokenStore'>, server: Server): TokenStore => {
  const directory = join(config.configHome, 'tokens')
  const account: Account = {
    server: server.url,
    path: join(directory, `${server.account}.json`),
    keyring: keyringEntry(config, server.account),
    wish: placeFrom(config.tokenStore),
  }
  return {
    path: account.path,
    known: async () => {
      const file = await readTokens(account)
      return file === null ? null : { username: file.username, place: placeOf(file) }
    },
    read: () => readAccount(account),
    write: (tokens, wish) => writeAccount(account, { server: server.url, ...tokens }, wish ?? null),
    remove: () => removeAccount(account),
    locked: (work) => withFileLock({ path: account.path, what: 'the tokens' }, work),
  }
}

interface Account {
  readonly server: string
  readonly path: string
  readonly keyring: KeyringEntry
  /** `GATEHOUSE_TOKEN_STORE`. */
  readonly wish: TokenPlace | null
}

type TokenFile = z.output<typeof TokenFile>

const placeOf = (file: TokenFile): TokenPlace => ('keptIn' in file ? file.keptIn : 'file')

const readTokens = async ({ path, server }: Account): Promise<TokenFile | null> => {
  const file = await readPrivateFile(path, TokenFile)
  return file?.server === server ? file : null
}

const readAccount = async (account: Account): Promise<StoredTokens | null> => {
  const file = await readTokens(account)
  if (file === null || !('keptIn' in file)) return file
  const text = await account.keyring.read().catch((cause: Error) => {
    throw localError(`the keyring that has your tokens does not give them: ${cause.message}`, {
      hint: 'unlock it, or: gatehouse auth login --token-store file',
      cause,
    })
  })
  const tokens = text === null ? null : StoredTokens.parse(JSON.parse(text))
  return tokens?.server === account.server ? tokens : null
}

/** What was wished for now, else what the environment says, else where they lay before, else the keyring. */
const writeAccount = async (account: Account, tokens: StoredTokens, wish: TokenPlace | null): Promise<Kept> => {
  const before = await readTokens(account).catch(() => null) // a damaged file is written anew
  const wanted = wish ?? account.wish ?? (before === null ? 'keyring' : placeOf(before))
  const keyringProblem = wanted === 'keyring' ? await writeKeyring(account, tokens) : null
  if (wanted === 'keyring' && keyringProblem === null) return { place: 'keyring', keyringProblem }
  await writePrivateFile(account.path, tokens)
  // old tokens in a keyring that cannot be opened die with their session
  if (before !== null && placeOf(before) === 'keyring') await account.keyring.remove().catch(() => {})
  return { place: 'file', keyringProblem }
}

const placeFrom = (text: string | null): TokenPlace | null => {
  if (text === null) return null
  const place = tokenPlaces.find((candidate) => candidate === text)
  if (place === undefined) throw usageError(`GATEHOUSE_TOKEN_STORE: \`${text}\` is none of ${tokenPlaces.join(', ')}`)
  return place
}

/** Answers what is wrong with the keyring; null when it has the tokens. */
const writeKeyring = async ({ keyring, path, server }: Account, tokens: StoredTokens): Promise<string | null> => {
  const problem = await keyring.write(JSON.stringify(tokens)).then(
    () => null,
    (error: Error) => error.message,
  )
  if (problem === null) await writePrivateFile(path, { server, username: tokens.username, keptIn: 'keyring' })
  return problem
}

const removeAccount = async (account: Account): Promise<void> => {
  const file = await readPrivateFile(account.path, TokenFile).catch(() => null)
  if (file !== null && placeOf(file) === 'keyring') {
    await account.keyring.remove().catch((cause: Error) => {
      throw localError(`the keyring does not let go of the tokens: ${cause.message}`, {
        hint: 'unlock it and do this again',
        cause,
      })
    })
  }
  await rm(account.path, { force: true })
}

/** The token of a file that automation names, without the newline at its end. */
export const readTokenFile = async (path: string): Promise<string> => {
  const text = await readFile(path, 'utf8').catch((cause: Error) => {
    throw localError(`GATEHOUSE_TOKEN_FILE: cannot read ${path}: ${whyUnread(cause)}`, { cause })
  })
  if (text.trim() === '') throw localError(`GATEHOUSE_TOKEN_FILE: ${path} is empty`)
  return text.trim()
}
