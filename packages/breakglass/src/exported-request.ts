/** The form of an export. A file of another form is not understood, and not passed. */
export const exportVersion = 2

/** A request with all that proves its votes. */
export interface ExportedRequest {
  readonly v: typeof exportVersion
  readonly type: 'gatehouse.break-glass.export'
  readonly request: string
  readonly versions: readonly {
    readonly version: number
    readonly hash: string
    readonly document: string
    readonly at: string
  }[]
  readonly votes: readonly {
    readonly voter: string
    readonly says: 'approve' | 'deny'
    readonly hash: string
    readonly method: 'webauthn' | 'totp'
    readonly team: string | null
    readonly statement: string
    readonly evidence: string | null
    readonly at: string
  }[]
  readonly people: readonly { readonly id: string; readonly name: string }[]
  readonly teams: readonly { readonly id: string; readonly name: string }[]
  readonly session: {
    readonly id: string
    readonly quorum: string
    readonly activatedAt: string
    readonly expiresAt: string
    readonly endedBy: string | null
    readonly endedAt: string | null
  } | null
  readonly seal: {
    /** The public key of the audit log, whose private one is not in the database: who owns that cannot seal. */
    readonly key: string
    readonly signature: string
  }
}

/** What is sealed: all else. */
export type UnsealedRequest = Omit<ExportedRequest, 'seal'>

/** What can't be read is wrong: undefined is unlike anything that is expected. */
export function guarded<T>(read: () => T): T | undefined {
  try {
    return read()
  } catch {
    return undefined
  }
}
