import type { RunningRequest, SpanRecorder } from './running-request.ts'
import { newSpanId, traceIdOf, type TraceContext } from './trace-context.ts'

/** What a request brings of its trace. */
export interface Arrival {
  readonly requestId: string
  /** What its caller says; null: nothing that is good. */
  readonly parent: TraceContext | null
  /** Whether the caller's word counts for what is recorded: a proxy of ours, and nobody else. */
  readonly trusted: boolean
}

/** Says of which requests spans are recorded. */
export interface Sampler {
  /** The recorder of a request; null: nothing of it is recorded. */
  recorderFor(arrival: Arrival): SpanRecorder | null
}

/** Where nothing is recorded at all. */
export const recordsNothing: Sampler = { recorderFor: () => null }

/** A request with its place in a trace: its caller's, or a new one. The span of `trace` is its own. */
export function beginRequest(sampler: Sampler, arrival: Arrival): RunningRequest {
  const { requestId, parent, trusted } = arrival
  const recorder = sampler.recorderFor(arrival)
  const spanId = recorder === null ? (parent?.spanId ?? newSpanId()) : newSpanId()
  // who is not recorded here passes on what it was told, but no stranger's wish that others should record it
  const sampled = recorder !== null || (trusted && parent?.sampled === true)
  return {
    requestId,
    recorder,
    trace: { traceId: parent?.traceId ?? traceIdOf(requestId), spanId, sampled, state: parent?.state ?? '' },
  }
}
