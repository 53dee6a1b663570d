import { availableParallelism } from 'node:os'
import { join, resolve } from 'node:path'
import { alertOfEvent, createAlertPort, createRaiseAlert, type AlertPort } from '@gatehouse/alerts'
import {
  createAuditTrail,
  createChange,
  createLedger,
  openCheckpointKey,
  openOutsideLedgers,
  openSubjectKeys,
  sealOldUrls,
  sealOldValues,
  startSequencer,
  type Change,
  type EventFacts,
  type OnRecorded,
  type RunningTrail,
  type Sequencer,
  type VerifyThreads,
} from '@gatehouse/audit'
import { createEmergencies, readCount, systemSteady } from '@gatehouse/breakglass'
import type { Config } from '@gatehouse/config'
import { listenTo, openStore, type Transaction } from '@gatehouse/database'
import type { Workflows } from '@gatehouse/enforcement'
import { directory, followSettings, loadWorkspaces } from '@gatehouse/identity'
import { createOpenIncident, withIncidents } from '@gatehouse/incidents'
import { sealedFile, type KeyEncryptionKey } from '@gatehouse/keys'
import type { Sampler } from '@gatehouse/kit/tracing'
import { createOutbound } from '@gatehouse/kit/outbound'
import { openPolicyEngine, type PolicyEngine } from '@gatehouse/policy'
import type { Closers } from './closers.ts'
import { bundleKeysOf, domainSettingsOf } from './domain-settings.ts'
import { parents, slices } from './domains.ts'
import { openFoundation, type Foundation } from './foundation.ts'
import type { Kernel } from './kernel.ts'
import { alertingKek } from './alerting-kek.ts'
import { mailerOf } from './mailer.ts'
import { createProcessMetrics, type ProcessMetrics } from './metrics/process-metrics.ts'
import { outboundSettingsOf } from './outbound-settings.ts'
import type { ProcessOptions } from './process-options.ts'
import { revocationsIn } from './revocations-in.ts'
import { openTelemetry } from './telemetry.ts'

/** What all domains stand on, and what only the process itself holds. */
export interface OpenKernel {
  readonly kernel: Kernel
  readonly foundation: Foundation
  readonly trail: RunningTrail
  readonly workflows: Workflows
  readonly metrics: ProcessMetrics
  readonly sampler: Sampler
}

/** The audit log's name in checkpoints (C2SP origin); it never changes for a database. */
const auditOrigin = 'gatehouse.local/audit'

const keysOf = ({ keks, regions, kekPlaces }: Foundation) => ({ keks, regions, kekPlaces })

/** Without Temporal nothing is started; sweeps find what is due in the rows. */
const noWorkflows: Workflows = {
  retry: () => Promise.resolve(),
  wake: () => Promise.resolve(),
  follow: () => Promise.resolve(),
}

/** Opens the parts in the order in which they need one another. */
export async function openKernel(options: ProcessOptions, closers: Closers): Promise<OpenKernel> {
  const { config, onError } = options
  const metrics = createProcessMetrics()
  const alerts = createAlertPort({
    log: (kind, detail) => options.alerts.raise(kind, detail),
    onError: (error) => onError('alerts', error),
  })
  const foundationOptions = {
    name: `gatehouse-${options.name}`,
    onNestedCheckout: (error: Error) => onError('database', error),
    counted: (kek: KeyEncryptionKey) => alertingKek(metrics.kek(kek), alerts),
  }
  const foundation = closers.keep(await openFoundation(config, foundationOptions), (part) => part.close())
  closers.keep(alerts, (part) => part.close())
  const { db, clock, random, sealer } = foundation
  const { name, version } = options
  const onTelemetryError = (error: unknown): void => onError('telemetry', error)
  const telemetry = closers.keep(
    openTelemetry({ config, name, version, clock, count: metrics.spans, onError: onTelemetryError }),
    (part) => part.close(),
  )
  const policy = closers.keep(await openPolicy(options, alerts, foundation), (part) => part.close())
  const audit = await openAudit(options, { foundation, policy, closers, metrics, alerts })
  const temporal = options.temporal === null ? null : closers.keep(options.temporal(foundation), (part) => part.close())
  const steady = systemSteady()
  const kernel: Kernel = {
    steady,
    emergencies: createEmergencies({ db, clock, steady, directory }),
    db,
    clock,
    random,
    sealer,
    ...keysOf(foundation),
    policy,
    records: audit.records,
    verifyThreads: verifyThreads(foundation.url),
    listen: (listening) => listenTo(foundation.url, listening),
    checkpointKey: audit.checkpointKey,
    subjectKeys: audit.subjectKeys,
    ledgers: openOutsideLedgers(config.runtime.home, audit.checkpointKey),
    change: audit.change,
    trail: audit.trail,
    slices,
    workspaces: loadWorkspaces,
    directory,
    outbound: createOutbound(outboundSettingsOf(config)),
    alerts,
    settingsInForce: followSettings({ db, config: domainSettingsOf(config).identity }),
    raiseAlert: audit.raiseAlert,
    mailer: mailerOf(config),
    publicUrl: config.runtime.publicUrl,
    settings: domainSettingsOf(config),
    version: options.version,
    temporalWeb: temporalWebOf(options),
    openPayloads: temporal === null ? null : (sealed) => temporal.open(sealed),
    pingTemporal: temporal === null ? null : () => temporal.ping(),
    untrustedForwarding: options.untrustedForwarding ?? (() => []),
    isExemptAddress: options.isExemptAddress,
    onError,
    ...(options.onOneTimePasswordChanged && { onOneTimePasswordChanged: options.onOneTimePasswordChanged }),
  }
  return {
    kernel,
    foundation,
    trail: audit.trail,
    workflows: temporal ?? noWorkflows,
    metrics,
    sampler: telemetry.sampler,
  }
}

/** Above this a verification takes seconds, and starting threads for it a part of one. */
const leavesInOneThreadMax = 50_000
/** The database has to keep up with them. */
const verifyThreadsMax = 4

const verifyThreads = (url: string): VerifyThreads => ({
  program: new URL('./verify-thread.ts', import.meta.url),
  url,
  count: Math.min(verifyThreadsMax, availableParallelism()),
  leavesMin: leavesInOneThreadMax,
})

const openPolicy = (
  { config }: ProcessOptions,
  alerts: AlertPort,
  { db, clock, random }: Foundation,
): Promise<PolicyEngine> =>
  openPolicyEngine({
    path: resolve(config.runtime.root, config.settings.cedar.policies_path),
    hotReload: config.settings.cedar.hot_reload,
    reloadIntervalSeconds: config.settings.cedar.reload_interval,
    bundleKeys: bundleKeysOf(config),
    node: config.runtime.node,
    db,
    clock,
    random,
    alerts,
    emergency: { needs: { readCount }, workspaces: loadWorkspaces, directory },
  })

interface AuditParts {
  readonly foundation: Foundation
  readonly policy: PolicyEngine
  readonly closers: Closers
  readonly metrics: ProcessMetrics
  readonly alerts: AlertPort
}

/** The audit log: its key, the trail beside changes, the one way to change anything, and the sequencer behind them. */
async function openAudit(
  { config, service, onError }: ProcessOptions,
  { foundation: { url, db, clock, random, sealer }, policy, closers, metrics, alerts }: AuditParts,
) {
  const recordsOptions = { size: 1, name: 'gatehouse-records', statements: 'long' } as const
  const records = closers.keep(openStore(url, recordsOptions), (part) => part.destroy())
  const path = join(config.runtime.home, 'keys', 'audit-checkpoint.key')
  const file = sealedFile({ path, sealer, column: 'seed' })
  const checkpointKey = await openCheckpointKey({ db, file, origin: auditOrigin })
  const subjectKeys = await openSubjectKeys({ db, sealer, random, service })
  // before anything is read: what an older version kept in clear is searched for only once it is sealed
  await sealOldValues(records, subjectKeys)
  await sealOldUrls(records, sealer)
  const ledger = createLedger()
  let sequencer: Sequencer | null = null
  const onRecorded: OnRecorded = (draft, written) => {
    // a turn later: who waited for the entry is answered before the sequencer asks the database
    setImmediate(() => sequencer?.soon())
    metrics.onRecorded(draft, written)
    policy.shadow.observe(draft, written)
    const revoked = revocationsIn(draft)
    if (revoked > 0) alerts.noteRevocations(revoked)
  }
  const trailDeps = {
    url,
    clock,
    random,
    ledger,
    subjectKeys,
    onRecorded,
    onError: (error: unknown) => onError('audit trail', error),
  }
  const trail = closers.keep(createAuditTrail(trailDeps), (part) => part.close())
  const change: Change = createChange({
    db,
    slices,
    parents,
    decider: policy.decider,
    clock,
    random,
    ledger,
    subjectKeys,
    service,
    onRecorded,
    onEvent: (tx, event) => raiseOfEvent(tx, event),
  })
  const { raiseAlert, raiseOfEvent } = openAlerts({ config, db, clock, random, change, alerts })
  await policy.follow(change)
  const sequencerDeps = { url, db, key: checkpointKey, clock, random, subjectKeys }
  sequencer = closers.keep(
    startSequencer({ ...sequencerDeps, onError: (error) => onError('sequencer', error) }),
    (part) => part.close(),
  )
  return { records, checkpointKey, subjectKeys, trail, change, raiseAlert }
}

interface AlertParts extends Pick<Foundation, 'db' | 'clock' | 'random'> {
  readonly config: Config
  readonly change: Change
  readonly alerts: AlertPort
}

/** Alerts: raised in a transaction, by what is found in passing, and by events of the audit log. */
function openAlerts({ config, db, clock, random, change, alerts }: AlertParts) {
  const settings = followSettings({ db, config: domainSettingsOf(config).identity })
  const tell = createRaiseAlert({
    clock,
    random,
    change,
    quietMinutes: async (tx) => (await settings.within(tx)).alertQuietMinutes,
  })
  const raiseAlert = withIncidents(tell, createOpenIncident({ clock, random, change, raiseAlert: tell }))
  const revocationSpike = async (tx: Transaction): Promise<number> => (await settings.within(tx)).revocationSpikeAlert
  alerts.open({ db, clock, raiseAlert, revocationSpike })
  const raiseOfEvent = async (tx: Transaction, event: EventFacts): Promise<void> => {
    const alert = alertOfEvent(event)
    if (alert !== null) await raiseAlert(tx, alert)
  }
  return { raiseAlert, raiseOfEvent }
}

const temporalWebOf = ({ config: { runtime } }: ProcessOptions): Kernel['temporalWeb'] =>
  runtime.temporal === null || runtime.temporalWebUrl === null
    ? null
    : { url: runtime.temporalWebUrl, namespace: runtime.temporal.namespace }
