import { composeProcess, payloadKey, startHeartbeat, type Foundation } from '@gatehouse/compose'
import type { Config } from '@gatehouse/config'
import { Refusal } from '@gatehouse/contract'
import type { Limiter } from '@gatehouse/enforcement'
import { startTemporalWorker } from '@gatehouse/temporal'
import { createWorkflows } from '@gatehouse/temporal/client'
import type { Logger } from 'pino'
import { version } from './config.ts'
import { startFallback } from './fallback.ts'
import { lastReconciledAt } from './reconciled.queries.ts'

/** Nobody calls the worker from outside; should somebody, he is refused. */
const nobody: Limiter = {
  admitAddress: () => Promise.reject(new Refusal('unavailable')),
  admitCaller: () => Promise.reject(new Refusal('unavailable')),
}

/** Puts the worker together: the process behind the enforcer, Temporal's worker, and the fallback without it. `Service::"worker"` is minted here and nowhere else. */
export async function composeWorker(config: Config, log: Logger): Promise<{ close(): Promise<void> }> {
  const onError = (part: string, error: unknown): void => log.error({ part, err: error }, 'something in the background failed')
  const identity = `worker@${config.runtime.node}`
  const opened = Promise.withResolvers<Foundation>()
  const codecKey = async (): Promise<Uint8Array> => payloadKey(config, await opened.promise)
  const client = createWorkflows({ temporal: config.runtime.temporal, identity, codecKey, onError: (error) => onError('temporal', error) })
  const process = await composeProcess({
    config, name: 'worker', version, workflows: client.workflows, pingTemporal: client.ping, limiter: () => nobody, onError,
    service: { type: 'Service', id: 'worker', name: 'worker', bound: true },
    alerts: { raise: (kind, detail) => log.warn({ alert: kind, detail }, 'alert') },
    onFault: (fault, operation) => log.error({ operation, requestId: fault.requestId, err: fault.cause }, 'fault'),
  })
  opened.resolve(process.foundation)
  const { db, clock, random } = process.foundation
  const stopBeating = startHeartbeat(process.foundation, { id: config.runtime.node, kind: 'worker' }, (error) => onError('heartbeat', error))
  const temporal = startTemporalWorker({ temporal: config.runtime.temporal, identity, codecKey, enforcer: process.enforcer, requestId: () => random.id(), onError: (error) => onError('temporal', error) })
  const fallback = startFallback({
    backends: ['ssh-key', 'ssh-certificate'], leases: process.leases, enforcer: process.enforcer, clock, random,
    reconciledAt: () => lastReconciledAt(db), onError: (error) => onError('fallback', error),
  })
  return {
    close: async () => {
      await Promise.all([fallback.close(), temporal.close()])
      await stopBeating()
      await process.close()
      await client.close()
    },
  }
}
