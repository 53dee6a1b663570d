import type { RaiseAlert } from '@gatehouse/alerts'
import type {
  Change,
  CheckpointKey,
  OutsideLedgers,
  PeopleEverywhere,
  SubjectKeys,
  VerifyThreads,
  EmergencyRemoval,
} from '@gatehouse/audit'
import type { Listen, Store } from '@gatehouse/database'
import type {
  Alerts,
  Approvals,
  AuditTrail,
  Clock,
  Directory,
  LoadWorkspaces,
  Overview,
  Random,
  Sealer,
  Slices,
  Subjects,
  TemporalWeb,
  Workflows,
} from '@gatehouse/enforcement'
import type { Reach, Steady } from '@gatehouse/breakglass'
import type {
  Administrators,
  EmergencySessions,
  Lockables,
  Mailer,
  SecondPerson,
  SigningKeys,
  VoteKeys,
  WorkspaceContents,
  SettingsInForce,
} from '@gatehouse/identity'
import type { EmergencySteps, OpenIncident } from '@gatehouse/incidents'
import type { KekPlace, KeyEncryptionKey, Regions, TransitTokens } from '@gatehouse/keys'
import type { Outbound } from '@gatehouse/kit/outbound'
import type { PolicyEngine } from '@gatehouse/policy'
import type { Backends, HostsByReference, Leases, LivingEmergencies } from '@gatehouse/secrets'
import type { DomainSettings } from './domain-settings.ts'
import type { TemporalClient } from './process-options.ts'
import type { ForwardingPeer } from './system/proxies-status.ts'

/** What every domain may be opened with. What one needs beyond it does not compile. */
export interface Kernel {
  readonly db: Store
  /** Where a whole audit log may be read: its statements take long, and hold no connection that calls wait for. */
  readonly records: Store
  /** In which a whole audit log is verified. */
  readonly verifyThreads: VerifyThreads
  /** Hears what the database's sessions tell one another. */
  readonly listen: Listen
  readonly clock: Clock
  readonly random: Random
  readonly sealer: Sealer
  /** The key encryption keys that the settings name and this process has, in their order. */
  readonly keks: readonly KeyEncryptionKey[]
  readonly regions: Regions
  readonly kekPlaces: readonly KekPlace[]
  readonly change: Change
  readonly checkpointKey: CheckpointKey
  readonly subjectKeys: SubjectKeys
  /** What is kept beside the database. */
  readonly ledgers: OutsideLedgers
  readonly policy: PolicyEngine
  readonly workspaces: LoadWorkspaces<Store>
  readonly slices: Slices<Store>
  readonly trail: Pick<AuditTrail, 'record'>
  readonly directory: Directory<Store>
  readonly outbound: Outbound
  /** What no hand sets: time that went by. */
  readonly steady: Steady
  /** Knows emergency sessions, for who proves callers and for who issues credentials. */
  readonly emergencies: EmergencySessions & LivingEmergencies
  readonly alerts: Alerts
  /** What administrators have set, as a transaction sees it. */
  readonly settingsInForce: Pick<SettingsInForce, 'within'>
  /** Raises an alert in the transaction that makes it true. */
  readonly raiseAlert: RaiseAlert
  /** Null: the settings name no mail server. */
  readonly mailer: Mailer | null
  /** Where people find this Gatehouse. */
  readonly publicUrl: string
  readonly settings: DomainSettings
  readonly version: string
  readonly temporalWeb: TemporalWeb
  /** Opens what was sealed for Temporal; null: none is configured. */
  readonly openPayloads: TemporalClient['open'] | null
  /** Resolves when Temporal answers; null: none is configured. */
  readonly pingTemporal: (() => Promise<void>) | null
  /** Peers that forward for others and are not trusted to, as this process has seen them. */
  readonly untrustedForwarding: () => readonly ForwardingPeer[]
  readonly isExemptAddress?: ((address: string) => boolean) | undefined
  readonly onOneTimePasswordChanged?: (userId: string) => void
  readonly onError: (part: string, error: unknown) => void
}

/** What domains may ask of one another, once all of them are open. */
export interface Ports {
  readonly backends: Backends
  readonly leases: Leases
  readonly contents: WorkspaceContents
  readonly lockables: Lockables
  readonly administrators: Administrators
  readonly hosts: HostsByReference
  readonly overview: Overview
  readonly people: PeopleEverywhere
  readonly subjects: Subjects
  readonly approvals: Approvals
  readonly voteKeys: VoteKeys
  readonly signingKeys: SigningKeys
  readonly transitTokens: TransitTokens
  readonly reach: Reach
  readonly openIncident: OpenIncident
  readonly emergencies: EmergencySteps
  readonly emergencyRemoval: EmergencyRemoval
  readonly workflows: Workflows
  readonly secondPerson: SecondPerson
}
