import { createServer as createTlsServer } from 'node:https'
import { createAdaptorServer, type Http2Bindings, type HttpBindings, type ServerType } from '@hono/node-server'
import type { Pair } from './tls/pair.ts'

/** How long a client may take. It bounds what is held for a client that sends a byte now and then. */
export interface HttpTimes {
  /** Until the header is there. */
  readonly headersMilliseconds: number
  /** Until the whole request is there: a quarter of a megabyte at most, over the slowest line that is still of use. */
  readonly requestMilliseconds: number
  /** How often is looked whether one is late. */
  readonly checkMilliseconds: number
  /** How long a connection that asks nothing is kept. */
  readonly idleMilliseconds: number
}

/** Answers take as long as they take, streams for ever: these are about what comes in. */
export const httpTimes: HttpTimes = {
  headersMilliseconds: 10_000,
  requestMilliseconds: 30_000,
  checkMilliseconds: 2_000,
  idleMilliseconds: 65_000, // longer than proxies keep theirs, so that it is not us who close under their request
}

/** Answers one request. */
export type Fetch = (request: Request, env: HttpBindings | Http2Bindings) => Response | Promise<Response>

export interface HttpServerOptions {
  readonly times?: HttpTimes
  /** What it speaks TLS with; null: plain http. */
  readonly pair?: Pair | null
}

/** The server that stands before the application. Who is too slow is answered 408, or cut off. */
export function createHttpServer(fetch: Fetch, { times = httpTimes, pair = null }: HttpServerOptions = {}): ServerType {
  const limits = {
    headersTimeout: times.headersMilliseconds,
    requestTimeout: times.requestMilliseconds,
    connectionsCheckingInterval: times.checkMilliseconds,
    keepAliveTimeout: times.idleMilliseconds,
  }
  return pair === null
    ? createAdaptorServer({ fetch, serverOptions: limits })
    : createAdaptorServer({ fetch, createServer: createTlsServer, serverOptions: { ...limits, ...tlsOptions(pair) } })
}

const tlsOptions = ({ certificate, key }: Pair) => ({ cert: certificate, key, minVersion: 'TLSv1.2' as const })

/** New connections get the new certificate; those that stand go on with what they began with. */
export function serveNow(server: ServerType, pair: Pair): void {
  if ('setSecureContext' in server) server.setSecureContext(tlsOptions(pair))
}
