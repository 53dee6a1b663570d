import { workflowIds } from '@gatehouse/contract'
import type { Listen, Schema, Store } from '@gatehouse/database'
import {
  nothingToErase,
  type Alerts,
  type Clock,
  type Decider,
  type Directory,
  type Domain,
  type DomainStatus,
  type GaugeReading,
  type Random,
  type Sealer,
} from '@gatehouse/enforcement'
import { durationText } from '@gatehouse/kit'
import type { Outbound } from '@gatehouse/kit/outbound'
import { loadAuditEntrySlice } from './audit-entry-slice.ts'
import type { Change } from './change.ts'
import type { CheckpointKey } from './checkpoint-key.ts'
import type { PeopleEverywhere } from './erase-person.ts'
import type { ExportSource } from './export/export-format.ts'
import { auditHandlers } from './handlers.ts'
import { readBacklog } from './record.queries.ts'
import { keepOutside, tellOfLedger, type OutsideLedgers } from './outside-ledgers.ts'
import type { EmergencyRemoval, RetentionFloor } from './retention/retention-handlers.ts'
import { selectHolds } from './retention/hold.queries.ts'
import { findLastRun } from './last-run.queries.ts'
import { readSinkLag, selectRequiredDown } from './sinks/sink.queries.ts'
import type { SinkDeps } from './sinks/deliver.ts'
import { startDelivery } from './sinks/start-delivery.ts'
import type { Witness } from './witness/ask-witness.ts'
import { startWitnessing } from './witness/start-witnessing.ts'
import type { WitnessDeps } from './witness/submit-checkpoint.ts'
import { readWitnessLag } from './witness/witness.queries.ts'
import type { ListenForLeaves } from './tail-feed.ts'
import { leavesChannel } from './tail.queries.ts'
import { logDocuments } from './tree/log-documents.ts'
import type { SubjectKeys } from './subject-keys.ts'
import type { VerifyThreads } from './verify-threads.ts'

/** What the settings say of the audit log. */
export interface AuditSettings {
  /** Where files of sinks are; null: there are none. */
  readonly sinkDirectory: string | null
  /** The least for which entries stay, and what holds until somebody sets more. */
  readonly retention: RetentionFloor
  /** Who co-signs checkpoints. */
  readonly witnesses: readonly Witness[]
}

/** What the audit log is opened with. */
export interface AuditNeeds {
  readonly db: Store
  /** Where a whole audit log may be read: its statements take long, and hold no connection that calls wait for. */
  readonly records: Store
  /** In which a whole audit log is verified; absent: in the one thread of the process. */
  readonly verifyThreads?: VerifyThreads
  readonly checkpointKey: CheckpointKey
  readonly subjectKeys: SubjectKeys
  readonly ledgers: OutsideLedgers
  readonly clock: Clock
  readonly random: Random
  readonly change: Change
  readonly sealer: Sealer
  readonly version: string
  readonly outbound: Outbound
  readonly alerts: Alerts<'audit-ledger-failed'>
  readonly settings: {
    readonly audit: AuditSettings
    readonly identity: { readonly mfa: { readonly stepUpMaxAgeSeconds: number } }
  }
  readonly onError: (part: string, error: unknown) => void
  readonly directory: Directory<Store>
  readonly listen: Listen
  /** Decides who is shown people. */
  readonly policy: { readonly decider: Decider }
}

/** What the audit log asks of others, once all domains are open. */
export interface AuditPorts {
  readonly people: PeopleEverywhere
  readonly emergencyRemoval: EmergencyRemoval
}

/** The audit log, as one value. */
export const auditDomain = {
  slices: { AuditEntry: loadAuditEntrySlice },
  parents: [],
  schedules: [
    { id: workflowIds.auditPrune, cron: '23 * * * *', everySeconds: 3600, operation: 'audit.prune', input: {} },
  ],
  tables: {
    audit_entry: { rows: 'pruned', by: 'audit.prune', personal: ['principal_id', 'session_id', 'asked'] },
    audit_placed: { rows: 'pruned', by: 'audit.prune', personal: ['principal_id', 'session_id', 'asked'] },
    audit_pending: { rows: 'owner', personal: ['asked', 'caller_sealed', 'caller_ip', 'input_sealed'] },
    audit_leaf: { rows: 'kept', personal: [] },
    audit_checkpoint: { rows: 'owner', personal: [] },
    audit_subject_key: { rows: 'kept', personal: ['sealed', 'name'] },
    audit_personal: { rows: 'pruned', by: 'audit.prune', personal: ['sealed', 'ip'] },
    audit_mention: { rows: 'pruned', by: 'audit.prune', personal: ['value'] },
    audit_erasure: { rows: 'kept', personal: [] },
    audit_personal_clear: { rows: 'owner', personal: ['value'] },
    audit_intent: { rows: 'owner', personal: [] },
    audit_export: { rows: 'owner', personal: ['principal_id', 'filters'] },
    audit_node: { rows: 'kept', personal: [] },
    audit_cosignature: { rows: 'kept', personal: [] },
    audit_witness: { rows: 'owner', personal: [] },
    audit_sink: { rows: 'owner', personal: [] },
    audit_sink_dead_letter: { rows: 'parent', personal: [] },
    audit_retention: { rows: 'kept', personal: ['updated_by'] },
    audit_hold: { rows: 'pruned', by: 'audit.prune', personal: ['placed_by', 'principal_id', 'names', 'reason'] },
    audit_view: { rows: 'owner', personal: ['name', 'filters'] },
  },
  alerts: ['audit-ledger-failed'],
  open: ({ checkpointKey: key, version, settings, ...needs }) => {
    const listenForLeaves: ListenForLeaves = (onHeard) =>
      needs.listen({
        name: 'gatehouse-audit-tail',
        channel: leavesChannel,
        onHeard,
        onError: (error) => needs.onError('audit tail', error),
      })
    const { witnesses } = settings.audit
    const outside = keepOutside({ ...needs, onFailed: (ledger, error) => tellOfLedger(needs.alerts, ledger, error) })
    const deps = {
      ...needs,
      outside,
      listenForLeaves,
      source: sourceOf(key, version),
      sinkDirectory: settings.audit.sinkDirectory,
      retentionFloor: settings.audit.retention,
      witnesses,
      decider: needs.policy.decider,
      stepUpMaxAgeSeconds: settings.identity.mfa.stepUpMaxAgeSeconds,
    }
    return Promise.resolve({
      documents: logDocuments({ db: needs.db, key, witnesses }),
      backends: {},
      handlers: ({ people, emergencyRemoval: emergencies }: AuditPorts) =>
        auditHandlers({ ...deps, key, people, emergencies }),
      sweeps: () => [],
      eraser: () => nothingToErase,
      status: (now: Date) => statusOf(needs.db, witnesses, now),
      figures: () => Promise.resolve({}),
      gauges: (now: Date) => gaugesOf(needs.db, witnesses, now),
      startDelivery: () => startBoth(deps, needs.onError),
    })
  },
} as const satisfies Domain<Store, Schema, AuditNeeds, AuditPorts>

/** Whatever goes out of the audit log by itself: to sinks, and checkpoints to witnesses. */
function startBoth(deps: SinkDeps & WitnessDeps, onError: AuditNeeds['onError']): { close(): Promise<void> } {
  const both = [
    startDelivery({ ...deps, onError: (error) => onError('audit sinks', error) }),
    startWitnessing({ ...deps, onError: (error) => onError('audit witnesses', error) }),
  ]
  return { close: async () => void (await Promise.all(both.map((one) => one.close()))) }
}

/** What names this Gatehouse where its audit log goes: the host of the log's origin. */
const sourceOf = ({ origin }: CheckpointKey, version: string): ExportSource => ({
  version,
  host: origin.split('/')[0] ?? origin,
})

/** The sequencer is at most a second behind; ten is a fault. */
const sequencerLagSeconds = 10

/** A sink that is further behind gets less than is written, or nothing. */
const sinkLagSeconds = 300

/** A witness that is asked every ten seconds and is further behind has not signed for minutes. */
const witnessLagSeconds = 300

async function statusOf(db: Store, witnesses: readonly Witness[], now: Date) {
  const { pending, oldestSeconds } = await readBacklog(db, now)
  const part =
    oldestSeconds < sequencerLagSeconds
      ? ({ name: 'audit', health: 'ok', message: `${pending} pending` } as const)
      : ({
          name: 'audit',
          health: 'degraded',
          message: `the sequencer is ${durationText(oldestSeconds)} behind`,
        } as const)
  const others = [await sinkStatusOf(db, now), await witnessStatusOf(db, witnesses, now)]
  return {
    parts: [part, ...others.filter((one) => one !== null)],
    facts: { auditPending: pending },
  } satisfies DomainStatus
}

/** Of all sinks together; null: there are none. */
async function sinkStatusOf(db: Store, now: Date) {
  const { sinks, failing, deadLetters, seconds } = await readSinkLag(db, now)
  const down = await selectRequiredDown(db, now)
  if (down.length > 0)
    return {
      name: 'audit sinks',
      health: 'down',
      message: `nothing is changed: ${down.join(', ')} is required and does not take the audit log`,
    } as const
  if (sinks === 0) return null
  const letters = `${deadLetters} dead ${deadLetters === 1 ? 'letter' : 'letters'}`
  const message = `${sinks} active, ${failing} failing, ${durationText(seconds)} behind, ${letters}`
  const isWell = failing === 0 && deadLetters === 0 && seconds < sinkLagSeconds
  return { name: 'audit sinks', health: isWell ? 'ok' : 'degraded', message } as const
}

/** Of all witnesses of the settings together; null: there are none. */
async function witnessStatusOf(db: Store, witnesses: readonly Witness[], now: Date) {
  if (witnesses.length === 0) return null
  const { failing, seconds } = await readWitnessLag(db, namesOf(witnesses), now)
  const count = `${witnesses.length} ${witnesses.length === 1 ? 'witness' : 'witnesses'}`
  const message = `${count}, ${failing} failing, ${durationText(seconds)} behind`
  const isWell = failing === 0 && seconds < witnessLagSeconds
  return { name: 'audit witnesses', health: isWell ? 'ok' : 'degraded', message } as const
}

const namesOf = (witnesses: readonly Witness[]): string[] => witnesses.map(({ verifier }) => verifier.name)

async function gaugesOf(db: Store, witnesses: readonly Witness[], now: Date): Promise<GaugeReading[]> {
  const [{ oldestSeconds }, { seconds, deadLetters }] = [await readBacklog(db, now), await readSinkLag(db, now)]
  const [ran, holds] = [await findLastRun(db, 'audit.prune'), await selectHolds(db)]
  const lag = await readWitnessLag(db, namesOf(witnesses), now)
  const one = (name: string, value: number): GaugeReading => ({ name, rows: [{ labels: [], value }] })
  return [
    one('gatehouse_audit_sequencer_lag_seconds', Math.max(0, oldestSeconds)),
    one('gatehouse_audit_sink_lag_seconds', seconds),
    one('gatehouse_audit_sink_dead_letters', deadLetters),
    one('gatehouse_audit_required_sinks_down', (await selectRequiredDown(db, now)).length),
    one(
      'gatehouse_audit_prune_last_run_seconds',
      ran === null ? 0 : Math.max(0, (now.getTime() - ran.getTime()) / 1000),
    ),
    one('gatehouse_audit_holds', holds.length),
    one('gatehouse_audit_witness_lag_seconds', lag.seconds),
    one('gatehouse_audit_witnesses_failing', lag.failing),
  ]
}
