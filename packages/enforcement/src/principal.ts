import type { Assurance, Role } from '@gatehouse/contract'

/** What a user still has to do before anything else answers. */
export type MissingStep = 'passwordChange' | 'authenticator'

/** The session behind a user's token, as it stands in the database at this request. */
export interface SessionFacts {
  readonly id: string
  /** `mfa` once a second factor was proved in this session. */
  readonly assurance: 'pw' | 'mfa'
  /** When a TOTP or WebAuthn factor was last proved; null if never (a backup code does not count). */
  readonly provedAt: Date | null
  readonly authTime: Date
  readonly expiresAt: Date
  /** When it ends if it is not used again. */
  readonly idleExpiresAt?: Date
  readonly methods: readonly string[]
  /** Opened with a backup code: until then it may add one authenticator. */
  readonly recoveryUntil?: Date | null
}

/** The API token that proved a caller, where no log-in did. */
export interface ApiTokenFacts {
  readonly id: string
  /** What it may be used for at most: operations, nouns, or every read. */
  readonly scopes: readonly string[]
  readonly expiresAt: Date
  /** Thumbprint (RFC 7638) of the key that its bearer must prove to hold; null: none. */
  readonly keyThumbprint: string | null
}

export interface UserPrincipal {
  readonly type: 'User'
  readonly id: string
  readonly username: string
  readonly displayName: string
  readonly roles: readonly Role[]
  readonly teams: readonly { readonly id: string; readonly name: string }[]
  readonly hasAuthenticator: boolean
  readonly missing: readonly MissingStep[]
  readonly session: SessionFacts
  readonly tokenId: string
  /**
   * Set when an API token proved the person: `session` then stands for the token, and nothing that needs a factor or
   * changes the account is done by it.
   */
  readonly apiToken?: ApiTokenFacts
  /** Set when an emergency token proved the person: `session` then stands for the emergency session. */
  readonly emergency?: EmergencyFacts
  /** Set when a token for Vault's clients proved the person: made in `session`, and for the keys that it names. */
  readonly transit?: TransitFacts
  /**
   * Set while the person is taken for who they were a moment ago: the version of all that the database said of
   * session, token and person. INVARIANT: what is recorded in their name is recorded only while it still says so, or
   * `CallerMovedError` is thrown.
   */
  readonly assumed?: string
  /** The same version, as it was when this call looked. Absent: no session that the database says all of. */
  readonly looked?: string
}

/** A caller is not who they were a moment ago: nothing was recorded, and nothing of it may be answered. */
export class CallerMovedError extends Error {
  override readonly name = 'CallerMovedError'
}

/** What a token of `kms.facadeToken` is for. */
export interface TransitFacts {
  /** Names or ids of keys, as they were asked for. */
  readonly keys: readonly string[]
  readonly expiresAt: Date
}

/** The emergency session that a caller came with: what was asked for and approved, and no more. */
export interface EmergencyFacts {
  readonly id: string
  readonly workspace: string
  readonly actions: readonly string[]
  readonly incident: string
  readonly expiresAt: Date
}

export interface ServicePrincipal {
  readonly type: 'Service'
  readonly id: string
  readonly name: string
  /** Tied to an address, a key or a certificate; a bound service meets every floor but `su`. */
  readonly bound: boolean
  /** None: it sees no workspace. */
  readonly teams?: readonly { readonly id: string; readonly name: string }[]
  /** Set for programs from outside; our own processes have no token. */
  readonly apiToken?: ApiTokenFacts
}

export interface AnonymousPrincipal {
  readonly type: 'Anonymous'
  readonly id: 'anonymous'
}

export type Principal = UserPrincipal | ServicePrincipal | AnonymousPrincipal

export const anonymous: AnonymousPrincipal = Object.freeze({ type: 'Anonymous', id: 'anonymous' })

/** How strongly the caller is proved at `now`. `stepUpMaxAgeSeconds` is `[mfa] step_up_max_age`. */
export function assuranceOf(principal: Principal, now: Date, stepUpMaxAgeSeconds: number): Assurance {
  if (principal.type === 'Anonymous') return 'none'
  if (principal.type === 'Service') return principal.bound ? 'mfa' : 'pw'
  // INVARIANT (threat rule 41): a token that lies in a script has proved no factor, whatever its owner has
  if (principal.apiToken !== undefined) return 'pw'
  const { assurance, provedAt } = principal.session
  if (assurance === 'pw') return 'pw'
  const fresh = provedAt !== null && now.getTime() - provedAt.getTime() <= stepUpMaxAgeSeconds * 1000
  return fresh ? 'su' : 'mfa'
}

/** The token that a caller came with, where it was no log-in. */
export const apiTokenOf = (principal: Principal): ApiTokenFacts | null =>
  principal.type === 'Anonymous' ? null : (principal.apiToken ?? null)

/** The emergency session that a caller came with, where it was no log-in. */
export const emergencyOf = (principal: Principal): EmergencyFacts | null =>
  principal.type === 'User' ? (principal.emergency ?? null) : null

/** What a caller's token for Vault's clients is for, where they came with one. */
export const transitOf = (principal: Principal): TransitFacts | null =>
  principal.type === 'User' ? (principal.transit ?? null) : null

/** True while a session that a backup code opened may still add an authenticator. */
export const mayRecover = (principal: Principal, now: Date): boolean =>
  principal.type === 'User' &&
  principal.apiToken === undefined &&
  principal.transit === undefined &&
  now < (principal.session.recoveryUntil ?? now)

/** The name people know a principal by. */
export const nameOf = (principal: Principal): string | null => {
  if (principal.type === 'User') return principal.username
  return principal.type === 'Service' ? principal.name : null
}
