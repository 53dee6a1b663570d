import type {
  AlertKind,
  EventName,
  LockKind,
  OperationName,
  PlatformAction,
  PlatformType,
  RefusalCode,
  Role,
  RowClockKind,
} from '@gatehouse/contract'
import type { CallFacts, Caller } from './call.ts'
import type { Decision, DecisionRequest } from './decision.ts'
import type { AnyPermit } from './permit.ts'
import type { Principal, ServicePrincipal, UserPrincipal } from './principal.ts'
import type { CedarEntity, EntityUid } from './slice.ts'

/** What time it is. Database time in production, so that two nodes agree; a hand in tests. */
export interface Clock {
  now(): Date
}

export interface Random {
  bytes(length: number): Uint8Array
  /** A new opaque id (UUID version 7: sortable by time). */
  id(): string
}

/**
 * Proves who calls. Throws `Refusal('unauthenticated')` for a credential that is not good now, from here; null
 * credential: Anonymous.
 */
export interface Authenticator {
  authenticate(caller: Caller): Promise<Principal>
  /**
   * Whom the credential proved a moment ago, without a look: a principal that is `assumed`. Null: nobody that is known
   * here. Absent: every caller is looked at.
   */
  assume?(caller: Caller): Promise<UserPrincipal | null>
  /** The same principal as it stands now; throws when its session or token has ended. For streams, once a second. */
  recheck(principal: UserPrincipal | ServicePrincipal, caller: Caller): Promise<Principal>
}

/** Counts calls. Throws `Refusal('rate-limited')`, or `unavailable` when it cannot count. */
export interface Limiter {
  /** Before authentication: the address against its wide limit. A request's first call was counted at the door. */
  admitAddress(caller: Caller): Promise<void>
  /** After it: the session or the program, or the address without one, against its own limit. */
  admitCaller(principal: Principal, caller: Caller): Promise<void>
}

/** Decides. Synchronous, never throws: an error is a deny. */
export interface Decider {
  decide(request: DecisionRequest): Decision
  /** The policy set that would decide now. */
  version(): string
}

export type AuditOutcome = 'allowed' | 'refused' | 'failed' | 'intent' | 'unknown'

/** One audit entry before it is stored: no secret, personal fields still in clear (the trail commits to them). */
export interface AuditDraft {
  /** Chosen before it is written, where the answer names the entry; absent: it gets one. */
  readonly id?: string
  readonly action: OperationName | EventName
  readonly outcome: AuditOutcome
  readonly call: CallFacts
  readonly principal: Principal
  readonly resource: EntityUid
  readonly workspace: string | null
  readonly decision: Decision | null
  /** What was decided, so that it can be decided again; absent or null: nothing was. */
  readonly request?: DecisionRequest | null
  readonly refusal: RefusalCode | null
  /** Input as recorded: omitted and secret fields are gone already. */
  readonly input: Readonly<Record<string, unknown>>
  readonly detail?: Readonly<Record<string, unknown>>
}

/**
 * The record of what is not a change: refusals, faults, reads. Resolves once the entry is durable, with its id, or with
 * null where it was only counted with others like it. Throws `Refusal('unavailable')` when it cannot be kept, and
 * `CallerMovedError` where its principal was assumed and is no longer who they were.
 */
export interface AuditTrail {
  record(draft: AuditDraft): Promise<string | null>
  /** What `change()` has written under a call so far. */
  writtenUnder(permit: Pick<AnyPermit, 'call'>): 'none' | 'intent' | 'outcome'
}

/** Seals secrets at rest with associated data `gatehouse:<table>:<column>:<row id>`. */
export interface Sealer {
  seal(place: SealedPlace, plaintext: Uint8Array): Uint8Array
  /** Throws when the bytes were not sealed for this very place. */
  unseal(place: SealedPlace, sealed: Uint8Array): Uint8Array
  /** The same under another key: of one person, say, whose values are to end with it. Its id is a UUID. */
  under(key: { readonly id: string; readonly key: Uint8Array }): Sealer
}

export interface SealedPlace {
  readonly table: string
  readonly column: string
  readonly id: string
}

/** A person who can log in, as policies see them. */
export interface ActivePerson {
  readonly id: string
  readonly username: string
  readonly roles: readonly Role[]
  readonly teams: readonly string[]
  readonly hasAuthenticator: boolean
  /** What they can begin a log-in with: a password of theirs, a passkey that works. */
  readonly logsInBy: readonly ('password' | 'passkey')[]
}

/** Knows people, programs and workspaces: asked by those whose rows name them, for the tables have one owner. */
export interface Directory<Db> {
  /** The id of a workspace by its id or name; null: there is none. */
  findWorkspaceId(db: Db, reference: string): Promise<string | null>
  /** The ids of all workspaces, archived ones among them. */
  allWorkspaces(db: Db): Promise<readonly string[]>
  /** The id of a person by their id, or by the name that they go by today; null: there is nobody. */
  findUserId(db: Db, reference: string): Promise<string | null>
  /** People who can log in, Admins first; at most a thousand. */
  activePeople(db: Db): Promise<readonly ActivePerson[]>
  /**
   * Holds a person or program until the transaction ends: who is shut out comes wholly before or wholly after. False:
   * they are disabled or gone.
   */
  holdActive(tx: Db, holder: { readonly type: 'User' | 'ServiceAccount'; readonly id: string }): Promise<boolean>
  /**
   * The kind of a lock over any of these; null: none of them is locked, and none comes to be before the transaction
   * ends. To be asked after all rows are held: who locks one of them waits for this transaction.
   */
  findLock(tx: Db, targets: readonly LockTarget[]): Promise<LockKind | null>
}

/** Something that can be locked, by what locks know it: an id, a role, a fingerprint. */
export interface LockTarget {
  readonly kind: LockKind
  readonly target: string
}

/**
 * By what a lock knows the role of a lease. An account of a host is known by the host's id: it is the same one when the
 * host is called otherwise.
 */
export const lockedRole = (role: string, hostId: string | null): LockTarget => ({
  kind: 'role',
  target: hostId === null ? role : `${role.slice(0, role.lastIndexOf('@'))}@${hostId}`,
})

/** Whom the policies are asked about, by what the platform says of them. */
export interface AskedSubject {
  readonly type: 'User' | 'Service'
  /** Id or name. */
  readonly reference: string
  /** The session that they call in; null: nobody has said, and they count as proved by a password alone. */
  readonly sessionId: string | null
}

/**
 * Knows people and programs as they stand now: roles, teams, factors, whether they are there at all. Null: nobody goes
 * by this name who may call, or the session is not theirs or has ended.
 */
export interface Subjects {
  find(asked: AskedSubject): Promise<UserPrincipal | ServicePrincipal | null>
  /** People and programs who may call, by their ids, after one of these; each as proved by a password alone. */
  listAfter(asked: {
    readonly after: string | null
    readonly limit: number
  }): Promise<readonly (UserPrincipal | ServicePrincipal)[]>
}

/** One exact call of the platform, with its references resolved. */
export interface ApprovedCall {
  readonly action: PlatformAction
  readonly resourceType: PlatformType
  readonly resourceId: string
  readonly workspaceId: string
  /** `name=value`, each name once. */
  readonly parameters: readonly string[]
}

/**
 * Knows which calls a second person has approved. Only looks: who does the call uses the approval up. Null: nobody has
 * approved this very call of this person, or no more.
 */
export interface Approvals {
  find(asked: {
    readonly call: ApprovedCall
    readonly requesterId: string
    readonly now: Date
  }): Promise<{ readonly id: string; readonly entities: readonly CedarEntity[] } | null>
}

/**
 * Starts and wakes what outlives a request, by the names of sweeps. Never awaited on a request's path for an answer; a
 * failure is logged and healed by the worker.
 */
export interface Workflows {
  /** Has one thing of a sweep tried again by itself, until it is done. */
  retry(sweep: string, item: string): Promise<void>
  /** Has a sweep look at its rows now rather than at its next look. */
  wake(sweep: string): Promise<void>
  /** Has a row's own workflow look at it now; begins it where there is none. */
  follow(kind: RowClockKind, id: string): Promise<void>
}

/** Tells people. Never throws. `Kind`: what its holder has said that it raises. */
export interface Alerts<Kind extends AlertKind = AlertKind> {
  raise(kind: Kind, detail: Readonly<Record<string, unknown>>): void
}
