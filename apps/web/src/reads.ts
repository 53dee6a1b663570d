import type { Raw, Wire } from '@gatehouse/contract'
import { hashKey, QueryClient, type QueryObserverOptions } from '@tanstack/solid-query'
import { call, CallRefused } from './api.ts'
import { documentOf, type CallName } from './wire.ts'

/** Screens that are opened one after another within this time share one answer. */
const freshMs = 5_000

/** A read as the cache knows it: which operation, and what it was asked. */
export type ReadKey = readonly [name: CallName, input: object | null]

/** How a read is observed. */
export type ReadOptions<N extends CallName> = QueryObserverOptions<Wire<N>, Error, Wire<N>, Wire<N>, ReadKey>

/** What the page knows of the server: each question is asked once, however many parts of a screen want its answer. */
export interface Reads {
  readonly client: QueryClient
  readonly optionsOf: <N extends CallName>(name: N, input: Raw<N> | null) => ReadOptions<N>
  /** Asks again without a person's wish: it keeps nobody logged in, and what was forbidden is not tried again. */
  readonly askByPage: (key: ReadKey) => Promise<void>
  /** A change went through: lists that may show it are asked again, and all else when it is next looked at. */
  readonly changed: (name: CallName) => void
  /** The person's rights may be others now: whatever is on the screen is asked again. */
  readonly askAll: () => void
  /** Forgets everything: it belongs to the person who was here. */
  readonly forget: () => void
}

const nounOf = (name: string): string => name.split('.')[0] ?? name

/** Nouns whose lists show a change to another noun. */
const shownBy: Readonly<Record<string, readonly string[]>> = {
  breakGlass: ['emergencySession'],
  emergencySession: ['breakGlass'],
  lease: ['sshKey', 'sshCertificate'],
  sshKey: ['lease'],
  sshCertificate: ['lease'],
  role: ['user'],
  team: ['user'],
  user: ['team', 'session'],
  serviceAccount: ['apiToken'],
  mfa: ['authenticator', 'backupCode', 'approval', 'user'],
  totp: ['authenticator', 'mfa', 'backupCode'],
  webauthn: ['authenticator', 'mfa', 'backupCode'],
  authenticator: ['mfa', 'backupCode'],
  policy: ['access', 'decision'],
  environment: ['workspace', 'access'],
  workspace: ['environment', 'access'],
  calendar: ['workspace'],
  kmsKey: ['kms', 'kmsBackend'],
  secretBackend: ['secretRole'],
  sshOtp: ['lease'],
}

/** Whether an answer on the screen may be another after a change. One item is put in by whoever changed it. */
export function mayShow(read: string, change: string): boolean {
  if (read.endsWith('.get')) return false
  const noun = nounOf(change)
  return nounOf(read) === noun || (shownBy[noun] ?? []).includes(nounOf(read))
}

/** A server that is too busy says so, and is asked again before a person has to. */
const busy = { triesMax: 2, afterMs: 1000, afterSecondsMax: 5 } as const

/**
 * So is one that still works at what the same person asked it a moment ago, on a page that they have left since; who
 * has to wait longer than that is told.
 */
function isBusy(error: unknown): boolean {
  if (!(error instanceof CallRefused)) return false
  const { retryAfterSeconds = Infinity } = error.details
  return error.code === 'unavailable' || (error.code === 'rate-limited' && retryAfterSeconds <= busy.afterSecondsMax)
}

const waitMs = (error: unknown): number =>
  error instanceof CallRefused && error.code === 'rate-limited'
    ? (error.details.retryAfterSeconds ?? 0) * 1000
    : busy.afterMs

const isForbidden = (error: unknown): boolean => error instanceof CallRefused && error.code === 'forbidden'

/** Makes the page's one cache. */
export function createReads(): Reads {
  const client = new QueryClient({
    defaultOptions: {
      queries: {
        staleTime: freshMs,
        retry: (tries, error) => isBusy(error) && tries < busy.triesMax,
        retryDelay: (_tries, error) => waitMs(error),
        networkMode: 'always',
        refetchOnWindowFocus: false,
        refetchOnReconnect: false,
      },
    },
  })
  const byPage = new Set<string>()
  const optionsOf = <N extends CallName>(name: N, input: Raw<N> | null): ReadOptions<N> => {
    const queryKey: ReadKey = [name, input as object | null] // every input is declared as an object
    const hash = hashKey(queryKey)
    return {
      queryKey,
      enabled: input !== null,
      queryFn: () => {
        if (input === null) throw new TypeError('a read without a question was asked')
        return call(name, input, byPage.has(hash) ? 'page' : 'person')
      },
    }
  }
  const askByPage = async (queryKey: ReadKey): Promise<void> => {
    if (isForbidden(client.getQueryState(queryKey)?.error)) return
    const hash = hashKey(queryKey)
    byPage.add(hash)
    await client.refetchQueries({ queryKey, exact: true }, { cancelRefetch: false })
    byPage.delete(hash)
  }
  const changed = (name: CallName): void => {
    if (documentOf(name).kind !== 'mutation') return
    void client.invalidateQueries({ refetchType: 'none' })
    void client.refetchQueries({ type: 'active', predicate: ({ queryKey }) => mayShow(String(queryKey[0]), name) })
  }
  return {
    client,
    optionsOf,
    askByPage,
    changed,
    askAll: () => void client.invalidateQueries(),
    forget: () => client.clear(),
  }
}
