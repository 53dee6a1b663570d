import type { OperationName, Secret } from '@gatehouse/contract'

/** `vault`: the interface of Vault's Transit engine. */
export type Transport = 'graphql' | 'trpc' | 'vault' | 'http' | 'internal'

/**
 * What a request shows of a key that its sender holds (RFC 9449). The header is as it came; nothing of it is believed
 * before it was verified.
 */
export interface KeyProof {
  readonly header: string
  readonly method: string
  /** The path that was asked, without query. */
  readonly path: string
  /** The HTTP request: its calls may show one proof together, another request may not show it again. */
  readonly requestId: string
}

/** Facts of one HTTP request, shared by the operations it carries. */
export interface Caller {
  /** Access token or API token, as it came; null: none. */
  readonly credential: string | null
  /**
   * How the credential was shown. Absent: as a bearer's, so a token that is bound to a key is refused. `itself`: only
   * to be ended; an access or a refresh token,
   * and no key is asked for, since whoever has found a token should be able to end it. INVARIANT: no transport sets it
   * but for `auth.logout`.
   */
  readonly scheme?: 'bearer' | 'dpop' | 'itself'
  /** The `DPoP` header, with what it must speak of. */
  readonly proof?: KeyProof | null
  /** The address key's source: the socket's peer, or what a trusted proxy says. */
  readonly address: string
  /** The address asks for somebody else and is not trusted to: it may be a proxy's, and no person's. Absent: no. */
  readonly forwards?: boolean
  readonly userAgent: string
  readonly transport: Transport
  /**
   * The client says that no person asked for this: it keeps no session from ending for want of use. Absent: a person
   * did.
   */
  readonly background?: boolean
  /** What a device that somebody has logged in with keeps to be known again; absent: a stranger. It proves nobody. */
  readonly device?: Secret<string> | null
}

/** One use of one operation, as the transport received it. */
export interface Call<N extends OperationName = OperationName> {
  readonly name: N
  readonly raw: unknown
  readonly caller: Caller
  readonly requestId: string
  /**
   * Asked by an edge of another call's answer: it is decided and audited as any other, and does not count for the limit
   * of calls. What may be asked so is declared, and what a document costs bounds how often. Absent: no.
   */
  readonly nested?: boolean
  /**
   * Aborted when the client has gone: what is held open for it, or takes minutes, ends. Absent: it is asked by `return`
   * alone, or does not take long.
   */
  readonly signal?: AbortSignal
}

/** What handlers and the audit record may know of a call. The device's secret is a `Secret`: it cannot be recorded. */
export interface CallFacts {
  readonly requestId: string
  /** The `DPoP` header: tokens that this call gives out are bound to its key. */
  readonly proof?: KeyProof | null
  readonly at: Date
  readonly address: string
  /** As in `Caller`: nothing may be bound to the address that was not asked to be. */
  readonly forwards?: boolean
  readonly userAgent: string
  readonly transport: Transport
  readonly background?: boolean
  readonly device?: Secret<string> | null
  /** As in `Call`: work that takes minutes ends with who waits for it. */
  readonly signal?: AbortSignal | null
}
