import type { OperationName } from '@gatehouse/contract'

export type Transport = 'graphql' | 'trpc' | 'http' | 'internal'

/** Facts of one HTTP request, shared by the operations it carries. */
export interface Caller {
  /** Access token or API token, as it came; null: none. */
  readonly credential: string | null
  /** The address key's source: the socket's peer, or what a trusted proxy says. */
  readonly address: string
  readonly userAgent: string
  readonly transport: Transport
  /** The client says that no person asked for this: it keeps no session from ending for want of use. Absent: a person did. */
  readonly background?: boolean
}

/** One use of one operation, as the transport received it. */
export interface Call<N extends OperationName = OperationName> {
  readonly name: N
  readonly raw: unknown
  readonly caller: Caller
  readonly requestId: string
}

/** What handlers and the audit record may know of a call. */
export interface CallFacts {
  readonly requestId: string
  readonly at: Date
  readonly address: string
  readonly userAgent: string
  readonly transport: Transport
  readonly background?: boolean
}
