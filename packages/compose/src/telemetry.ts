import type { Config } from '@gatehouse/config'
import type { Clock } from '@gatehouse/enforcement'
import { createOtlpSender, openSpanQueue, recordsNothing, type Sampler, type SpanLoss } from '@gatehouse/kit/tracing'

export interface TelemetryDeps {
  readonly config: Config
  readonly name: string
  readonly version: string
  readonly clock: Clock
  readonly count: (result: SpanLoss | 'sent', count: number) => void
  readonly onError: (error: unknown) => void
}

/** Which requests of a process are recorded, and where to. */
export interface Telemetry {
  readonly sampler: Sampler
  close(): Promise<void>
}

/** Where OTLP has traces below the address of a collector. */
const tracesPath = 'v1/traces'

/** Opens what sends spans to the collector of `[telemetry] endpoint`; without one nothing is recorded or kept. */
export function openTelemetry({ config, name, version, clock, count, onError }: TelemetryDeps): Telemetry {
  const { settings, runtime } = config
  const { endpoint, sample_ratio, traces_per_second } = settings.telemetry
  if (endpoint === undefined) return { sampler: recordsNothing, close: () => Promise.resolve() }
  const queue = openSpanQueue({
    ratio: sample_ratio,
    tracesPerSecondMax: traces_per_second,
    onSent: (sent) => count('sent', sent),
    onLost: count,
    onError,
    send: createOtlpSender({
      url: `${endpoint.replace(/\/+$/, '')}/${tracesPath}`,
      headers: runtime.telemetryHeaders?.expose() ?? {},
      resource: {
        'service.name': `gatehouse-${name}`,
        'service.version': version,
        'service.instance.id': runtime.node,
      },
      epochMilliseconds: () => clock.now().getTime() - performance.now(),
    }),
  })
  return { sampler: queue, close: () => queue.close() }
}
