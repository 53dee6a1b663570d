import type { Sealer } from '@gatehouse/enforcement'
import { parseTraceContext, runningRequest, traceparentOf, type TraceContext } from '@gatehouse/kit/tracing'
import { defaultPayloadConverter, type Headers } from '@temporalio/common'
import { createPayloadCodec } from './payload-codec.ts'

/** The header that says for which request a workflow was started or woken. */
export const requestHeader = 'gatehouse-request'

/** The request that something is done for. */
export interface BroughtRequest {
  readonly requestId: string
  readonly trace: TraceContext | null
}

/** The header of the request in whose work we are, sealed as all that crosses Temporal is; none outside of one. */
export async function requestHeaders(sealer: Sealer): Promise<Headers> {
  const request = runningRequest()
  if (request === undefined) return {}
  const { requestId, trace } = request
  const said = { requestId, traceparent: traceparentOf(trace), tracestate: trace.state }
  const [sealed] = await createPayloadCodec(sealer).encode([defaultPayloadConverter.toPayload(said)])
  return sealed === undefined ? {} : { [requestHeader]: sealed }
}

/** What that header says; null: there is none, or none of ours. */
export async function broughtRequest(sealer: Sealer, headers: Headers): Promise<BroughtRequest | null> {
  const sealed = headers[requestHeader]
  if (sealed === undefined) return null
  const [payload] = await createPayloadCodec(sealer)
    .decode([sealed])
    .catch(() => []) // whoever may start workflows could write one: it names nothing then
  if (payload === undefined) return null
  const said: Readonly<Record<string, unknown>> = defaultPayloadConverter.fromPayload(payload)
  const { requestId, traceparent, tracestate } = said
  if (typeof requestId !== 'string' || typeof traceparent !== 'string') return null
  return { requestId, trace: parseTraceContext(traceparent, typeof tracestate === 'string' ? tracestate : undefined) }
}
