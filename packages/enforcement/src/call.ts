import type { OperationName, Secret } from '@gatehouse/contract'

export type Transport = 'graphql' | 'trpc' | 'http' | 'internal'

/** Facts of one HTTP request, shared by the operations it carries. */
export interface Caller {
  /** Access token or API token, as it came; null: none. */
  readonly credential: string | null
  /** The address key's source: the socket's peer, or what a trusted proxy says. */
  readonly address: string
  readonly userAgent: string
  readonly transport: Transport
  /** What a device that somebody has logged in with keeps to be known again; absent: a stranger. It proves nobody. */
  readonly device?: Secret<string> | null
}

/** One use of one operation, as the transport received it. */
export interface Call<N extends OperationName = OperationName> {
  readonly name: N
  readonly raw: unknown
  readonly caller: Caller
  readonly requestId: string
}

/** What handlers and the audit record may know of a call. The device's secret is a `Secret`: it cannot be recorded. */
export interface CallFacts {
  readonly requestId: string
  readonly at: Date
  readonly address: string
  readonly userAgent: string
  readonly transport: Transport
  readonly device?: Secret<string> | null
}
