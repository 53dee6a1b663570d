import type { AgentCredential } from '../agent/ssh-agent.ts'

/** A host as we reach it. */
export interface HostTarget {
  /** Resolved already where it was a name: this is what is connected to. */
  readonly address: string
  readonly port: number
  readonly user: string
  /** The pinned key, as a line of a `.pub` file or of `known_hosts`. No other key is accepted. */
  readonly hostKeyLine: string
  /** Until the host's banner must have come. */
  readonly connectSeconds?: number
}

/** Opens a way to the files of one host. Nothing is sent before the first call; the caller must close it. */
export type OpenHostAccess = (options: {
  readonly host: HostTarget
  readonly credential: AgentCredential
}) => HostAccess

/**
 * The files of one host, over one connection. Paths that are not absolute start in the account's home.
 * Every method throws `HostAccessError`, and after `unreachable` the access is spent: open a new one.
 */
export interface HostAccess {
  /** Returns once the host has shown its pinned key and let us in. */
  probe(): Promise<void>
  /** What is at the path, a link itself and not its target; null only when the host says that nothing is there. */
  stat(path: string): Promise<FileStat | null>
  /**
   * A regular file and what it held; null only when the host says that nothing is there. Everything else that keeps us
   * from reading throws.
   */
  readFile(path: string): Promise<RemoteFile | null>
  /**
   * Puts the bytes in place in one step: readers see the old file or the new one, whole.
   * Throws `changed` and leaves the file alone when it is not any more what `expected` says.
   */
  writeFileAtomically(write: FileWrite): Promise<void>
  close(): Promise<void>
}

/** Facts of a file. Times are whole seconds, as the protocol has them, so they alone do not tell two versions apart. */
export interface FileStat {
  readonly kind: 'file' | 'directory' | 'link' | 'other'
  readonly sizeBytes: number
  readonly mode: number
  readonly uid: number
  readonly gid: number
  readonly modifiedSeconds: number
}

/** A file as it was read. */
export interface RemoteFile {
  readonly bytes: Uint8Array
  readonly stat: FileStat
}

/** One replacement. */
export interface FileWrite {
  readonly path: string
  readonly bytes: Uint8Array
  /** What `readFile` answered: the file to be replaced, or null for a file that must not exist yet. */
  readonly expected: RemoteFile | null
  /** `keep` takes mode and owner of the old file, and 0600 where there was none. */
  readonly mode: 'keep' | number
}

/** Why a host could not be served. */
export type HostAccessProblem =
  | 'unreachable' // no answer, or it ended in the middle
  | 'host-key-mismatch' // another key than the pinned one: an attack, or a host that was set up anew
  | 'permission-denied' // the log-in was refused
  | 'unreadable' // something is there that we cannot read; it must not be rewritten
  | 'unwritable' // the new file could not be put in place; the old one is untouched
  | 'changed' // somebody else changed the file meanwhile; read again
  | 'unsupported' // the host offers no SFTP, or none that can replace a file atomically
  | 'invalid-target' // the address, user, key or path cannot be right

/** Thrown by every method of `HostAccess`. The message says what the host said. */
export class HostAccessError extends Error {
  override readonly name = 'HostAccessError'
  readonly problem: HostAccessProblem

  constructor(problem: HostAccessProblem, message: string, options?: ErrorOptions) {
    super(message, options)
    this.problem = problem
  }
}
