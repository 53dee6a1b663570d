import { composeProcess, forgetNodes, payloadKey, touchNode, type Foundation, type Process } from '@gatehouse/compose'
import type { Config } from '@gatehouse/config'
import { Refusal } from '@gatehouse/contract'
import type { Limiter } from '@gatehouse/enforcement'
import { startTemporalWorker } from '@gatehouse/temporal'
import { createWorkflows } from '@gatehouse/temporal/client'
import type { Logger } from 'pino'
import { version } from './config.ts'
import { startFallback } from './fallback.ts'
import { lastReconciledAt } from './reconciled.queries.ts'

/** How often a node says that it lives. */
const heartbeatMilliseconds = 5000
const forgottenAfterMilliseconds = 3_600_000

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
  const stopBeating = beat(process, config.runtime.node, onError)
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

function beat({ foundation: { db, clock } }: Process, id: string, onError: (part: string, error: unknown) => void): () => Promise<void> {
  const startedAt = clock.now()
  const touch = (): Promise<void> => touchNode(db, { id, kind: 'worker', startedAt, now: clock.now() }).catch((error: unknown) => onError('heartbeat', error))
  void touch()
  const timer = setInterval(() => void touch(), heartbeatMilliseconds)
  return async () => {
    clearInterval(timer)
    await forgetNodes(db, id, new Date(clock.now().getTime() - forgottenAfterMilliseconds)).catch(() => undefined)
  }
}
