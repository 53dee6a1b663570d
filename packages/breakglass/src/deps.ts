import type { RaiseAlert } from '@gatehouse/alerts'
import type { Change, CheckpointKey } from '@gatehouse/audit'
import type { Store } from '@gatehouse/database'
import type { Clock, Directory, Random, TemporalWeb, Workflows } from '@gatehouse/enforcement'
import type { OpenIncident } from '@gatehouse/incidents'
import type { SigningKeys, VoteKeys } from '@gatehouse/identity'
import type { IdentityConfig } from '@gatehouse/identity'
import type { Leases } from '@gatehouse/secrets'
import type { Steady } from './steady.ts'

/** What can be reached in a workspace. */
export interface Reach {
  hostsIn(
    db: Store,
    workspaceId: string,
  ): Promise<{ readonly hosts: readonly string[]; readonly accounts: readonly string[] }>
  /** Roles of which credentials can be issued. */
  rolesIn(
    db: Store,
    workspaceId: string,
  ): Promise<readonly { readonly name: string; readonly backend: string; readonly grants: readonly string[] }[]>
}

/** What the policies in force leave of emergency access. */
export interface PoliciesInForce {
  /** Where and when nobody has a way to it; null: nowhere. */
  closedWay(): Promise<{ readonly at: Date; readonly environment: string; readonly problem: string } | null>
}

/** What emergency access needs from outside. */
export interface BreakGlassDeps {
  readonly db: Store
  readonly change: Change
  /** Seals what is handed out: who owns the database does not have it. */
  readonly checkpointKey: Pick<CheckpointKey, 'publicKey' | 'signText'>
  readonly clock: Clock
  readonly steady: Steady
  readonly random: Random
  readonly directory: Pick<Directory<Store>, 'findUserId' | 'findLock'>
  readonly raiseAlert: RaiseAlert
  readonly config: IdentityConfig
  readonly voteKeys: VoteKeys
  readonly signingKeys: SigningKeys
  readonly leases: Pick<Leases, 'endAllIn' | 'hurry'>
  readonly reach: Reach
  /** Opens the incident of a request that names one which is not there. */
  readonly openIncident: OpenIncident
  readonly workflows: Pick<Workflows, 'follow'>
  readonly policy: PoliciesInForce
  readonly temporalWeb: TemporalWeb
  readonly onError: (part: string, error: unknown) => void
}
