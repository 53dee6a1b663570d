import type { Output } from '@gatehouse/contract'
import type { HandlersOf } from '@gatehouse/enforcement'
import { readDashboard, type DashboardDeps } from './dashboard.ts'
import { readSystemFigures, type SystemFigures } from './system.queries.ts'

export interface SystemDeps extends DashboardDeps {
  readonly version: string
  readonly temporalWebUrl: string | null
  /** Resolves when Temporal answers; null: none is configured. */
  readonly pingTemporal: (() => Promise<void>) | null
  readonly policyError: () => string | null
}

type Status = Output<'system.status'>
type Part = Status['parts'][number]

/** A worker says every few seconds that it lives; after this it counts as gone. */
const workerSilenceSeconds = 20
/** The sequencer is at most a second behind; ten is a fault. */
const sequencerLagSeconds = 10

/** `system.version`, `system.status` and `system.dashboard`. */
export const systemHandlers = (deps: SystemDeps): HandlersOf<'system'> => ({
  'system.version': () => Promise.resolve({ version: deps.version }),

  'system.dashboard': () => readDashboard(deps),

  'system.status': async () => {
    const [figures, temporal] = await Promise.all([readSystemFigures(deps.db, deps.clock.now()), temporalPart(deps)])
    const parts = [
      { name: 'database', health: 'ok', message: 'answers' } as const,
      temporal,
      ...partsOf(figures),
      policyPart(deps.policyError()),
    ]
    return {
      health: worst(parts),
      parts,
      leasesActive: figures.leasesActive,
      leasesOverdue: figures.leasesOverdue,
      auditPending: figures.auditPending,
      temporalWebUrl: deps.temporalWebUrl,
    }
  },
})

async function temporalPart({ pingTemporal }: SystemDeps): Promise<Part> {
  if (pingTemporal === null)
    return { name: 'temporal', health: 'degraded', message: 'not configured; the worker expires leases by itself' }
  try {
    await pingTemporal()
    return { name: 'temporal', health: 'ok', message: 'answers' }
  } catch {
    return {
      name: 'temporal',
      health: 'degraded',
      message: 'does not answer; leases are still issued, and the worker expires them by itself',
    }
  }
}

function partsOf(figures: SystemFigures): Part[] {
  const silent = figures.workerSeenSecondsAgo
  const plural = (count: number, one: string): string => `${count} ${one}${count === 1 ? '' : 's'}`
  return [
    silent !== null && silent < workerSilenceSeconds
      ? { name: 'worker', health: 'ok', message: 'working' }
      : {
          name: 'worker',
          health: 'down',
          message:
            silent === null
              ? 'never seen; nothing expires until it runs'
              : `silent for ${Math.round(silent)} s; nothing expires until it runs again`,
        },
    figures.oldestPendingSeconds < sequencerLagSeconds
      ? { name: 'audit', health: 'ok', message: `${figures.auditPending} pending` }
      : {
          name: 'audit',
          health: 'degraded',
          message: `the sequencer is ${Math.round(figures.oldestPendingSeconds)} s behind`,
        },
    figures.leasesIrrevocable + figures.leasesOverdue === 0
      ? { name: 'leases', health: 'ok', message: `${figures.leasesActive} active` }
      : {
          name: 'leases',
          health: 'degraded',
          message: `${plural(figures.leasesOverdue, 'lease')} overdue, ${figures.leasesIrrevocable} irrevocable`,
        },
    figures.hostsUnreachable === 0
      ? { name: 'hosts', health: 'ok', message: 'all that were checked answer' }
      : { name: 'hosts', health: 'degraded', message: `${plural(figures.hostsUnreachable, 'host')} unreachable` },
  ]
}

const policyPart = (error: string | null): Part =>
  error === null
    ? { name: 'policy', health: 'ok', message: 'the newest set is in force' }
    : { name: 'policy', health: 'degraded', message: `a newer set was refused, the old one stays: ${error}` }

const worst = (parts: readonly Part[]): Status['health'] =>
  parts.some(({ health }) => health === 'down')
    ? 'down'
    : parts.some(({ health }) => health === 'degraded')
      ? 'degraded'
      : 'ok'
