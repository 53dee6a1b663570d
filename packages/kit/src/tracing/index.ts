export { beginRequest, recordsNothing, type Arrival, type Sampler } from './begin-request.ts'
export { createOtlpSender, type OtlpSenderOptions } from './otlp-sender.ts'
export {
  asRequest,
  beginSpan,
  inSpan,
  requestIdHeader,
  requestMarks,
  runningRequest,
  tracingHeaders,
  withoutRequest,
  withRequest,
  type OpenSpan,
  type RunningRequest,
  type Span,
  type SpanAttributes,
  type SpanRecorder,
  type SpanStart,
} from './running-request.ts'
export { openSpanQueue, spansQueuedMax, type SpanLoss, type SpanQueue, type SpanQueueOptions } from './span-queue.ts'
export { newSpanId, parseTraceContext, traceIdOf, traceparentOf, type TraceContext } from './trace-context.ts'
