import { AsyncLocalStorage } from 'node:async_hooks'
import { newSpanId, traceparentOf, type TraceContext } from './trace-context.ts'

/** What a span may say: words of ours, never a caller's. */
export type SpanAttributes = Readonly<Record<string, string | number | boolean | readonly string[]>>

/** What a span is to those around it (OTLP's `SpanKind`). */
export type SpanKind = 'internal' | 'server' | 'client' | 'consumer'

/** A part of the work that is over. */
export interface Span {
  readonly name: string
  readonly kind: SpanKind
  readonly traceId: string
  readonly spanId: string
  /** Null: the first of its trace. */
  readonly parentId: string | null
  /** The state of the trace as its caller sent it; empty: none. */
  readonly state: string
  /** Milliseconds on the process's own clock, as `performance.now()` has them. */
  readonly begunAt: number
  readonly endedAt: number
  readonly attributes: SpanAttributes
  readonly failed: boolean
}

/** Takes spans that are over. Never throws and never waits. */
export interface SpanRecorder {
  record(span: Span): void
}

/** The request that is being worked on, whatever part of it asks. */
export interface RunningRequest {
  readonly requestId: string
  readonly trace: TraceContext
  /** Null: nothing of this request is recorded, and nothing is spent on it. */
  readonly recorder: SpanRecorder | null
}

const running = new AsyncLocalStorage<RunningRequest>()

/** The request in whose work we are; absent in what a process does by itself. */
export const runningRequest = (): RunningRequest | undefined => running.getStore()

/** Runs the work of a request. */
export const withRequest = <T>(request: RunningRequest, work: () => T): T => running.run(request, work)

/** Runs what belongs to no request, whoever happened to set it going: a loop that outlives its first asker, say. */
export const withoutRequest = <T>(work: () => T): T => running.exit(work)

/** The headers by which a request goes on to another system; none outside of a request. */
export function tracingHeaders(): Readonly<Record<string, string>> {
  const request = running.getStore()
  if (request === undefined) return {}
  const { requestId, trace } = request
  return {
    traceparent: traceparentOf(trace),
    ...(trace.state === '' ? {} : { tracestate: trace.state }),
    [requestIdHeader]: requestId,
  }
}

/** The header that names a request in answers, and in what is asked of others for it. */
export const requestIdHeader = 'x-request-id'

/** A span that has begun. */
export interface OpenSpan {
  /** Told once; what comes later is nobody's. */
  end(more?: { readonly attributes?: SpanAttributes; readonly failed?: boolean }): void
}

/** What a span is called, and what is known when it begins. */
export interface SpanStart {
  readonly name: string
  readonly kind?: SpanKind
  readonly attributes?: SpanAttributes
}

/** What marks a line of a log as a request's; nothing outside of one. */
export function requestMarks(): { readonly requestId?: string; readonly traceId?: string } {
  const request = running.getStore()
  return request === undefined ? {} : { requestId: request.requestId, traceId: request.trace.traceId }
}

/** The work of a request as the first span of its part of the trace; `told` says at its end what came of it. */
export async function asRequest<T>(
  { request, parentId }: { readonly request: RunningRequest; readonly parentId: string | null },
  start: SpanStart,
  work: (span: OpenSpan | null) => Promise<T>,
): Promise<T> {
  const { recorder, trace } = request
  return running.run(request, async () => {
    if (recorder === null) return work(null)
    const span = opened({ trace, recorder, parentId }, start, trace.spanId)
    try {
      return await work(span)
    } catch (error) {
      span.end({ failed: true })
      throw error
    } finally {
      span.end()
    }
  })
}

/** Begins a span below the one we are in; null where nothing is recorded. What is done meanwhile is not below it. */
export function beginSpan(start: SpanStart): OpenSpan | null {
  const request = running.getStore()
  return request === undefined || request.recorder === null ? null : opened(below(request), start, newSpanId())
}

/** Runs work as a span, and what it does as parts of that. Where nothing is recorded it is just run. */
export async function inSpan<T>(start: SpanStart, work: (span: OpenSpan | null) => Promise<T>): Promise<T> {
  const request = running.getStore()
  if (request === undefined || request.recorder === null) return work(null)
  const spanId = newSpanId()
  const span = opened(below(request), start, spanId)
  try {
    const result = await running.run({ ...request, trace: { ...request.trace, spanId } }, () => work(span))
    span.end()
    return result
  } catch (error) {
    span.end({ failed: true })
    throw error
  }
}

interface SpanPlace extends Pick<RunningRequest, 'trace' | 'recorder'> {
  readonly parentId: string | null
}

const below = ({ trace, recorder }: RunningRequest): SpanPlace => ({ trace, recorder, parentId: trace.spanId })

function opened({ trace, recorder, parentId }: SpanPlace, start: SpanStart, spanId: string): OpenSpan {
  const begunAt = performance.now()
  let over = false
  return {
    end: ({ attributes = {}, failed = false } = {}) => {
      if (over) return
      over = true
      recorder?.record({
        name: start.name,
        kind: start.kind ?? 'internal',
        traceId: trace.traceId,
        spanId,
        parentId,
        state: trace.state,
        begunAt,
        endedAt: performance.now(),
        attributes: { ...start.attributes, ...attributes },
        failed,
      })
    },
  }
}
