import type { Span, SpanAttributes, SpanKind } from './running-request.ts'

/** `SpanKind` of `opentelemetry/proto/trace/v1/trace.proto`. */
const kinds = { internal: 1, server: 2, client: 3, consumer: 5 } as const satisfies Record<SpanKind, number>
const statusError = 2

/** Who sends. */
export interface OtlpSource {
  /** `service.name`, `service.version`, `service.instance.id`: what tells processes apart. */
  readonly resource: SpanAttributes
  /** The time at which `performance.now()` was zero, as milliseconds of Unix time. */
  readonly epochMilliseconds: () => number
}

/** Spans as OTLP 1.x has them in JSON (`ExportTraceServiceRequest`; ids in hexadecimal, 64-bit numbers as text). */
export function otlpDocument(source: OtlpSource, spans: readonly Span[]): string {
  const epoch = source.epochMilliseconds()
  return JSON.stringify({
    resourceSpans: [
      {
        resource: { attributes: attributesOf(source.resource) },
        scopeSpans: [{ scope: { name: 'gatehouse' }, spans: spans.map((span) => otlpSpan(span, epoch)) }],
      },
    ],
  })
}

function otlpSpan(span: Span, epoch: number): object {
  return {
    traceId: span.traceId,
    spanId: span.spanId,
    ...(span.parentId === null ? {} : { parentSpanId: span.parentId }),
    ...(span.state === '' ? {} : { traceState: span.state }),
    name: span.name,
    kind: kinds[span.kind],
    startTimeUnixNano: nanoseconds(epoch + span.begunAt),
    endTimeUnixNano: nanoseconds(epoch + span.endedAt),
    attributes: attributesOf(span.attributes),
    status: span.failed ? { code: statusError } : {},
  }
}

/** Milliseconds have more digits in front of the point than a double has for nanoseconds: those are added apart. */
function nanoseconds(milliseconds: number): string {
  const whole = Math.floor(milliseconds)
  return String(BigInt(whole) * 1_000_000n + BigInt(Math.round((milliseconds - whole) * 1_000_000)))
}

const attributesOf = (attributes: SpanAttributes): object[] =>
  Object.entries(attributes).map(([key, value]) => ({ key, value: valueOf(value) }))

function valueOf(value: SpanAttributes[string]): object {
  if (typeof value === 'string') return { stringValue: value }
  if (typeof value === 'boolean') return { boolValue: value }
  if (typeof value === 'number') return Number.isInteger(value) ? { intValue: String(value) } : { doubleValue: value }
  return { arrayValue: { values: value.map((one) => ({ stringValue: one })) } }
}
