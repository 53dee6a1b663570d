import type { Output, Secret } from '@gatehouse/contract'
import type { Transaction } from '@gatehouse/database'

/** The names of the backends there are. */
export type BackendName = Output<'lease.get'>['backend']

/** A lease as a backend knows it: the id names the credential. */
export interface LeaseRef {
  readonly id: string
  readonly expiresAt: Date
}

/** What a backend allows, as data. */
export interface BackendLimits {
  readonly ttlSecondsMin: number
  readonly ttlSecondsMax: number
  readonly renewable: boolean
  /**
   * `deletes`: the credential is taken away where it is. `denies`: it dies by itself at its end, and before it by a
   * list that who takes it looks at. `expires-only`: it only dies by itself.
   */
  readonly revocation: 'deletes' | 'denies' | 'expires-only'
  /** Of `denies`: how long those who take the credential may go on taking it. */
  readonly deniesWithinSeconds?: number
}

/**
 * What was learned from whoever would have to take a credential. `dead`: it was asked, and does not take it. Else
 * `said` is why it is not known to be dead yet: it takes it, or cannot be asked in a way that would tell.
 */
export interface Testimony {
  readonly dead: boolean
  /** Who was asked, as people know it: `sshd of db-1`. */
  readonly provider: string
  /** The answer, in a sentence. */
  readonly said: string
  /** What was asked with, and what else bears the answer out; it is signed, so nothing of a person and no secret. */
  readonly facts: Readonly<Record<string, string | boolean>>
  /** Nobody can ever be asked about this one, as `said` says; absent: it is asked again. */
  readonly never?: true
}

/** Where a credential stands, for the backend's own rows. */
export type CredentialPhase = 'removing' | 'revoked' | 'expired'

/** What the sweep needs of a backend. */
export interface RevocableBackend {
  readonly name: BackendName
  readonly limits: BackendLimits
  /** Its credentials die by a list of ours, in the transaction that ends their lease: nobody outside is asked. */
  readonly listed?: true
  /** Resolves once the credential cannot work, also if it never existed. Throws only if that is unknown. */
  revoke(lease: LeaseRef): Promise<void>
  /**
   * Has a credential live on until then, and answers until when it really does: never longer. Absent: none can be
   * renewed, as `limits.renewable` says.
   */
  renew?(lease: LeaseRef, until: Date): Promise<Date>
  /**
   * Where the credentials of leases are, by the lease's id: a place that does not answer for one of them is not asked
   * for the others. Leases without a place stand for themselves.
   */
  placesOf?(leaseIds: readonly string[]): Promise<ReadonlyMap<string, string>>
  /**
   * Asks whether the credential of a lease that was revoked is dead, by what would take it and with no secret. Absent:
   * nobody can be asked, and it is known to be dead at its end alone. Throws where there is no answer.
   */
  prove?(lease: LeaseRef): Promise<Testimony>
  /** Writes the backend's own rows in the transaction that moves the leases, so that the two never disagree. */
  mark(tx: Transaction, leaseIds: readonly string[], phase: CredentialPhase): Promise<void>
}

/** Mints credentials on demand. The lease id names the credential. */
export interface SecretBackend<Params, Material> extends RevocableBackend {
  /** May be retried with the same lease: it returns the same credential or replaces it, never a second one. */
  issue(lease: LeaseRef, params: Params): Promise<Secret<Material>>
  /** Proves reachability and permission without minting anything. */
  probe(): Promise<void>
}

/** Total: a backend without an adapter does not compile. */
export type Backends = { readonly [N in BackendName]: RevocableBackend }
