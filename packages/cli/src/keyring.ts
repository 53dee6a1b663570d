import { createHash } from 'node:crypto'
import type { AsyncEntry } from '@napi-rs/keyring'

/**
 * One secret text in the system's keyring. Each call answers, or throws when there is no keyring, or it stays locked.
 */
export interface KeyringEntry {
  readonly read: () => Promise<string | null>
  readonly write: (text: string) => Promise<void>
  /** Answers also when there was none. */
  readonly remove: () => Promise<void>
}

/** What a keyring's own programs show our entries under. */
const SERVICE = 'gatehouse'

/** Enough to type the password of a locked keyring; whoever does not is not there. */
const KEYRING_MS_MAX = 60_000

/**
 * The entry of one account. Two config homes are two people's, or one's two worlds, and do not share.
 * The library is loaded at the first use: most commands of most machines never pay for it.
 */
export const keyringEntry = (configHome: string, account: string): KeyringEntry => {
  const name = `${account} ${createHash('sha256').update(configHome).digest('hex').slice(0, 8)}`
  let entry: Promise<AsyncEntry> | null = null
  const opened = (): Promise<AsyncEntry> => (entry ??= openEntry(name))
  return {
    read: async () => (await opened()).getPassword(AbortSignal.timeout(KEYRING_MS_MAX)),
    write: async (text) => (await opened()).setPassword(text, AbortSignal.timeout(KEYRING_MS_MAX)),
    remove: async () => void (await (await opened()).deleteCredential(AbortSignal.timeout(KEYRING_MS_MAX))),
  }
}

/**
 * The kernel's key ring, to which the library would fall back on Linux, is empty after a reboot and shared with all of
 * the user's processes: it is no keyring to us.
 */
const openEntry = async (name: string): Promise<AsyncEntry> => {
  const { AsyncEntry: Entry } = await import('@napi-rs/keyring')
  return new Entry(SERVICE, name, { linux: { store: 'secret-service' } })
}
