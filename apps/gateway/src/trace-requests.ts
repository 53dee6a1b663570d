import { asRequest, beginRequest, parseTraceContext, requestIdHeader, type Sampler } from '@gatehouse/kit/tracing'
import type { HttpBindings } from '@hono/node-server'
import type { Context, MiddlewareHandler } from 'hono'
import { routePath } from 'hono/route'
import type { GatewayEnv } from './request-context.ts'
import { isWhole } from './whole-answer.ts'

export interface TraceDeps {
  /** UUIDs of version 7: where a request's entries are to be looked for follows from its id. */
  readonly newRequestId: () => string
  readonly sampler: Sampler
  readonly isTrustedProxy: (address: string) => boolean
}

/**
 * Gives each request its id, which every answer, line of the log and entry of the audit log names, and its place in the
 * trace of its caller, or in a new one. A trace that is not well-formed is none: nobody is refused for it.
 */
export const traceRequests =
  ({ newRequestId, sampler, isTrustedProxy }: TraceDeps): MiddlewareHandler<GatewayEnv> =>
  (c, next) => {
    const peer = peerOf(c)
    const parent = parseTraceContext(c.req.header('traceparent'), c.req.header('tracestate'))
    const trusted = peer !== undefined && isTrustedProxy(peer)
    const request = beginRequest(sampler, { requestId: newRequestId(), parent, trusted })
    c.set('requestId', request.requestId)
    const attributes = { 'http.request.method': c.req.method, 'gatehouse.request_id': request.requestId }
    return asRequest(
      { request, parentId: parent?.spanId ?? null },
      { name: c.req.method, kind: 'server', attributes },
      async (span) => {
        await next()
        // AuthZEN has its caller's own id go back
        if (!isWhole(c.res) && !c.res.headers.has(requestIdHeader))
          c.res.headers.set(requestIdHeader, request.requestId)
        // the route, and never the path: what stands in a path may be somebody's
        span?.end({
          attributes: { 'http.route': routePath(c), 'http.response.status_code': c.res.status },
          failed: c.res.status >= 500,
        })
      },
    )
  }

/** Absent where no server stands before the app. */
function peerOf(c: Context): string | undefined {
  const { incoming } = (c.env ?? {}) as Partial<HttpBindings>
  return incoming?.socket.remoteAddress
}
