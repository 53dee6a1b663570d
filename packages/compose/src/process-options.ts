import type { Config } from '@gatehouse/config'
import type { Alerts, Clock, Fault, Limiter, ServicePrincipal, Workflows } from '@gatehouse/enforcement'
import type { Foundation } from './foundation.ts'
import type { ForwardingPeer } from './system/proxies-status.ts'

/** What differs between gateway and worker. */
export interface ProcessOptions<L extends Limiter = Limiter> {
  readonly config: Config
  readonly name: 'gateway' | 'worker'
  readonly version: string
  /** The principal of internal operations: only the worker has one that may run them. */
  readonly service: ServicePrincipal
  /** Opens the client of Temporal; null: none is configured, and the worker's own fallback does all. */
  readonly temporal: ((foundation: Foundation) => TemporalClient) | null
  readonly limiter: (clock: Clock) => L
  readonly alerts: Alerts
  /** Addresses that are not counted as such; absent: none. */
  readonly isExemptAddress?: (address: string) => boolean
  /** Peers that forward for others and are not trusted to; absent: nobody is served. */
  readonly untrustedForwarding?: () => readonly ForwardingPeer[]
  readonly onFault: (fault: Fault, operation: string) => void
  /** Something in the background went wrong; a line in the log, and it heals or is shown in the status. */
  readonly onError: (part: string, error: unknown) => void
  readonly onOneTimePasswordChanged?: () => void
}

/** A payload as it was before it was sealed. */
export interface OpenedPayload {
  readonly encoding: Uint8Array
  readonly data: Uint8Array
}

/** The port, and what a process does with its adapter beyond that. */
export interface TemporalClient extends Workflows {
  /** Opens payloads that were sealed for Temporal; null for one that was not, or not under this key. */
  open(sealed: readonly Uint8Array[]): readonly (OpenedPayload | null)[]
  /** Throws unless Temporal answers. */
  ping(): Promise<void>
  close(): Promise<void>
}
