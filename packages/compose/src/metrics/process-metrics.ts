import type { OnRecorded } from '@gatehouse/audit'
import type { Decider, ReadGauges } from '@gatehouse/enforcement'
import type { KeyEncryptionKey } from '@gatehouse/keys'
import { createMetrics } from '@gatehouse/kit'
import { beginSpan, type SpanLoss } from '@gatehouse/kit/tracing'
import { metrics as declared, type MetricName } from './declared.ts'
import { observeEntry } from './observe-entry.ts'

/** What one process counts. Everything is counted where it passes by already. */
export interface ProcessMetrics {
  readonly onRecorded: OnRecorded
  /** The same decider, its time taken. */
  decider(decider: Decider): Decider
  /** Counts spans that were sent to a collector of traces, or were not. */
  readonly spans: (result: SpanLoss | 'sent', count: number) => void
  /** The same key, its uses counted. */
  kek(kek: KeyEncryptionKey): KeyEncryptionKey
  /** What Prometheus reads, with what domains measure at this moment. */
  text(gauges: readonly ReadGauges[], now: Date): Promise<string>
}

/** Opens the counters of a process. */
export function createProcessMetrics(): ProcessMetrics {
  const metrics = createMetrics<MetricName>(declared)
  return {
    spans: (result, count) => metrics.add('gatehouse_telemetry_spans_total', [result], count),
    onRecorded: (draft, { seconds }) => observeEntry(metrics, draft, seconds),
    decider: (decider) => ({
      version: () => decider.version(),
      decide: (request) => {
        const begun = performance.now()
        const span = beginSpan({ name: 'cedar.decide', attributes: { 'gatehouse.operation': request.action } })
        const decision = decider.decide(request)
        span?.end({ attributes: { 'gatehouse.effect': decision.effect, 'gatehouse.policies': decision.policies } })
        metrics.observe('gatehouse_authz_decision_seconds', [], (performance.now() - begun) / 1000)
        return decision
      },
    }),
    kek: (kek) => {
      const backend = kek.uri.slice(0, kek.uri.indexOf(':'))
      const counted = async <T>(operation: string, use: () => Promise<T>): Promise<T> => {
        try {
          const result = await use()
          metrics.add('gatehouse_kms_operations_total', [backend, operation, 'success'])
          return result
        } catch (error) {
          metrics.add('gatehouse_kms_operations_total', [backend, operation, 'failed'])
          throw error
        }
      }
      return {
        ...kek,
        wrap: (dataKey, purpose) => counted('wrap', () => kek.wrap(dataKey, purpose)),
        unwrap: (wrapped, purpose) => counted('unwrap', () => kek.unwrap(wrapped, purpose)),
        generate: (purpose) => counted('generate', () => kek.generate(purpose)),
      }
    },
    text: async (gauges, now) => {
      const readings = await Promise.all(gauges.map((read) => read(now)))
      for (const { name, rows } of readings.flat()) if (isDeclared(name)) metrics.set(name, rows)
      return metrics.text()
    },
  }
}

const isDeclared = (name: string): name is MetricName => Object.hasOwn(declared, name)
