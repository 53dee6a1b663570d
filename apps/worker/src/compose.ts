import { findLastRun } from '@gatehouse/audit'
import {
  composeProcess,
  mailerOf,
  schedules,
  startHeartbeat,
  startMetricsServer,
  tellFailures,
  type Foundation,
  type Log,
} from '@gatehouse/compose'
import type { Config } from '@gatehouse/config'
import { Refusal } from '@gatehouse/contract'
import type { Limiter } from '@gatehouse/enforcement'
import { startMailing } from '@gatehouse/identity'
import { createActivities, createWorkflows, startTemporalWorker, type RunningWorkflows } from '@gatehouse/temporal'
import { runningRequest } from '@gatehouse/kit/tracing'
import { version } from './config.ts'
import { startFallback } from './fallback.ts'

/** Nobody calls the worker from outside; should somebody, they are refused. */
const nobody: Limiter = {
  admitAddress: () => Promise.reject(new Refusal('unavailable')),
  admitCaller: () => Promise.reject(new Refusal('unavailable')),
}

/**
 * Puts the worker together: the process behind the enforcer, Temporal's worker, and the fallback without it.
 * `Service::"worker"` is minted here and nowhere else.
 */
export async function composeWorker(config: Config, log: Log): Promise<{ close(): Promise<void> }> {
  const onError = tellFailures(log)
  const address = config.runtime.temporal
  let client: RunningWorkflows | null = null
  const process = await composeProcess({
    config,
    name: 'worker',
    version,
    limiter: () => nobody,
    onError,
    temporal:
      address === null
        ? null
        : ({ sealer }) =>
            (client = createWorkflows({
              temporal: address,
              sealer,
              process: 'worker',
              onError: (error) => onError('temporal', error),
            })),
    service: { type: 'Service', id: 'worker', name: 'worker', bound: true },
    alerts: { raise: (kind, detail) => log.warn({ alert: kind, detail }, 'alert') },
    onFault: (fault, operation) => log.error({ operation, requestId: fault.requestId, err: fault.cause }, 'fault'),
  })
  const { foundation, sweeps, clocks } = process
  const { db, clock, random, sealer } = foundation
  const stopBeating = sayHello({ config, foundation, log, onError })
  const temporal =
    address === null || client === null
      ? null
      : startTemporalWorker({
          temporal: address,
          sealer,
          sampler: process.sampler,
          newRequestId: () => random.id(),
          workflows: client,
          standing: { sweeps, clocks, schedules },
          activities: createActivities({
            enforcer: process.enforcer,
            sweeps,
            clocks,
            schedules,
            // all that one activity does is done for one request: what it was started for, where there was one
            newRequestId: () => runningRequest()?.requestId ?? random.id(),
            onError: (error) => onError('activity', error),
          }),
          onLog: (level, message, error) => log[level]({ part: 'temporal', err: error }, message),
        })
  const fallback = startFallback({
    sweeps,
    schedules,
    enforcer: process.enforcer,
    clock,
    random,
    lastRunAt: (operation) => findLastRun(db, operation),
    onError: (error) => onError('fallback', error),
  })
  const metrics = await startMetrics(config, () => process.metrics())
  const delivery = process.startDelivery()
  const mailing = startMail({ config, foundation, onError: (error) => onError('mail', error) })
  return {
    close: async () => {
      await Promise.all([fallback.close(), metrics?.close(), delivery.close(), mailing?.close(), temporal?.stop()])
      await stopBeating()
      await process.close()
    },
  }
}

interface Greeting {
  readonly config: Config
  readonly foundation: Foundation
  readonly log: Log
  readonly onError: (part: string, error: unknown) => void
}

/** Says what there is to say of the keys, and from then on that this worker lives. */
function sayHello({ config, foundation, log, onError }: Greeting): ReturnType<typeof startHeartbeat> {
  for (const warning of foundation.keyWarnings) log.warn({ part: 'keys' }, warning)
  return startHeartbeat(foundation, { id: config.runtime.node, kind: 'worker' }, (error) => onError('heartbeat', error))
}

/** Where nobody looks, nothing is started. */
function startMetrics({ runtime: { metrics } }: Config, text: () => Promise<string>) {
  return metrics.listen === null ? null : startMetricsServer(metrics.listen, text)
}

interface MailOptions {
  readonly config: Config
  readonly foundation: Foundation
  readonly onError: (error: unknown) => void
}

/** Sends what waits, where mail is set up; else nothing is started. */
function startMail({ config, foundation: { db, clock, sealer }, onError }: MailOptions) {
  const mailer = mailerOf(config)
  if (mailer === null) return null
  return startMailing({ db, clock, sealer, mailer, publicUrl: config.runtime.publicUrl, onError })
}
