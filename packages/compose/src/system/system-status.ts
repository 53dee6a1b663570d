import type { Store } from '@gatehouse/database'
import type { StatusPart } from '@gatehouse/enforcement'
import { readWorkerSilence } from './system.queries.ts'

/** A worker says every few seconds that it lives; after this it counts as gone. */
const workerSilenceSeconds = 20

export interface SystemStatusDeps {
  readonly db: Store
  /** Resolves when Temporal answers; null: none is configured. */
  readonly pingTemporal: (() => Promise<void>) | null
}

/** What the processes say of themselves: the database that answers, Temporal, the worker. */
export async function systemParts({ db, pingTemporal }: SystemStatusDeps, now: Date): Promise<readonly StatusPart[]> {
  const [silence, temporal] = await Promise.all([readWorkerSilence(db, now), temporalPart(pingTemporal)])
  return [{ name: 'database', health: 'ok', message: 'answers' }, temporal, workerPart(silence)]
}

async function temporalPart(pingTemporal: SystemStatusDeps['pingTemporal']): Promise<StatusPart> {
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

function workerPart(silence: number | null): StatusPart {
  if (silence === null) return { name: 'worker', health: 'down', message: 'never seen; nothing expires until it runs' }
  return silence < workerSilenceSeconds
    ? { name: 'worker', health: 'ok', message: 'working' }
    : {
        name: 'worker',
        health: 'down',
        message: `silent for ${Math.round(silence)} s; nothing expires until it runs again`,
      }
}
