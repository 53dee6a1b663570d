import type { Secret } from '@gatehouse/contract'
import type { Outbound } from '@gatehouse/kit/outbound'

/** Who Gatehouse is at AWS; null: who this machine is, by the SDK's chain (variables, web identity, its own role). */
export interface OwnKey {
  readonly accessKeyId: string
  readonly secretAccessKey: Secret<string>
  /** Of a session. */
  readonly sessionToken?: Secret<string>
}

/** How an account is reached. */
export interface AwsContact {
  readonly outbound: Outbound
  readonly region: string
  readonly key: OwnKey | null
  /** Another address than the region's own; null: the region's. */
  readonly endpoint: string | null
  /** For all that is asked of it at once. */
  readonly secondsMax: number
}

/** What may be asked for with a role. */
export interface RoleTerms {
  readonly roleArn: string
  /** What of the role's rights a session has; null: all. */
  readonly policy: string | null
  readonly externalId: string | null
  readonly tags: readonly { readonly key: string; readonly value: string }[]
}

export interface NewSession extends RoleTerms {
  readonly leaseId: string
  readonly backendId: string
  readonly seconds: number
}

/** What AWS gives for a session. */
export interface Session {
  readonly accessKeyId: string
  readonly secretAccessKey: Secret<string>
  readonly sessionToken: Secret<string>
}

/** Which lease is denied in a role, and until when that means anything. */
export interface Denial {
  readonly roleArn: string
  readonly leaseId: string
  readonly until: Date
}

/** An account for one piece of work, which ends in time. Throws `BackendError` for whatever is AWS's doing. */
export interface AwsAccount {
  /** Seconds that are left for it. */
  left(): number
  /** Who we are there. */
  caller(): Promise<{ readonly account: string; readonly arn: string }>
  /** Begins a session whose source identity is the lease: that stays with it, and is what it can be denied by. */
  begin(session: NewSession): Promise<Session>
  /** Does what a witness does, and answers nothing. Throws where it is denied: see `isDenied`. */
  act(): Promise<void>
  /** Denies everything to the sessions of one lease. A role that is gone has no sessions that can do anything. */
  deny(denial: Denial): Promise<void>
  /** Takes a denial away again. */
  allowAgain(denial: Denial): Promise<void>
  /** Takes away denials that mean nothing any more: a role has room for some tens of them. */
  clearDenials(role: { readonly roleArn: string; readonly now: Date }): Promise<void>
  /** Refuses a role that is not there, or is another than its ARN says. */
  requireRole(roleArn: string): Promise<void>
  /** Another key of ours that nobody has seen. A user has two at most. */
  makeOwnKey(): Promise<OwnKey>
  /** Ends a key of ours; one that is gone is gone. */
  endOwnKey(accessKeyId: string): Promise<void>
}
