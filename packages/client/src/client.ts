import { EventSourceParserStream } from 'eventsource-parser/stream'
import { proofFor, type ProofKey } from './dpop-proof.ts'
import {
  operationKinds,
  type Input,
  type Item,
  type ListName,
  type OperationName,
  type Output,
  type StreamName,
} from './generated/operations.ts'
import { GatehouseRefusal, recordOf, refusalOf } from './refusal.ts'

/** Which server, and as whom. */
export interface ClientOptions {
  /** Where the server is: `https://gatehouse.example.org`. */
  readonly url: string
  /** An access token or API token, or what fetches the one in force; without it only operations for anybody work. */
  readonly token?: string | (() => string | null | Promise<string | null>)
  /** The key that the token is bound to (DPoP); without it the token is a bearer's. */
  readonly proofKey?: ProofKey
  /** How long a call may take, in milliseconds; 60,000 unless said otherwise. Streams have no such end. */
  readonly timeoutMs?: number
  /** Another `fetch`, for proxies and tests. */
  readonly fetch?: typeof fetch
}

/** About one call. */
export interface CallOptions {
  /** Ends the call, or the stream. */
  readonly signal?: AbortSignal
}

/** Calls operations of one server as one account. Every call that is not answered throws a `GatehouseRefusal`. */
export interface GatehouseClient {
  /** Calls one operation and answers its output. */
  readonly call: <N extends Exclude<OperationName, StreamName>>(
    name: N,
    input: Input<N>,
    options?: CallOptions,
  ) => Promise<Output<N>>
  /** All items of a list, page by page as they are asked for. */
  readonly list: <N extends ListName>(name: N, input: Input<N>, options?: CallOptions) => AsyncGenerator<Item<N>, void>
  /** What a subscription sends, until the server ends it or the signal aborts. */
  readonly stream: <N extends StreamName>(
    name: N,
    input: Input<N>,
    options?: CallOptions,
  ) => AsyncGenerator<Output<N>, void>
}

/** Longer than any operation may take. */
const CALL_TIMEOUT_MS = 60_000

/** Opens a client. Nothing is sent before the first call. */
export const createClient = (options: ClientOptions): GatehouseClient => {
  const server: Server = { ...options, origin: originOf(options.url) }
  return {
    // the server answers by the contract that these types are made from
    call: (name, input, { signal } = {}) => callOnce(server, { name, input, signal }) as never,
    list: (name, input, { signal } = {}) => pages(server, { name, input, signal }) as never, // as for call
    stream: (name, input, { signal } = {}) => events(server, { name, input, signal }) as never, // as for call
  }
}

interface Server extends ClientOptions {
  readonly origin: string
}

interface Call {
  readonly name: OperationName
  readonly input: unknown
  readonly signal: AbortSignal | undefined
}

const originOf = (text: string): string => {
  if (!URL.canParse(text)) throw new TypeError(`\`${text}\` is no address such as https://gatehouse.example.org`)
  return new URL(text).origin
}

const callOnce = async (server: Server, call: Call): Promise<unknown> => {
  const timeout = AbortSignal.timeout(server.timeoutMs ?? CALL_TIMEOUT_MS)
  const signal = call.signal === undefined ? timeout : AbortSignal.any([timeout, call.signal])
  const response = await send(server, { ...call, signal })
  const body = await bodyOf(response)
  if (response.ok && 'result' in body) return recordOf(body['result'])['data'] ?? null
  throw refusalOf(body['error'], response.status)
}

async function* pages(server: Server, call: Call): AsyncGenerator<unknown, void> {
  let after: string | null = null
  do {
    const input: Readonly<Record<string, unknown>> =
      after === null ? recordOf(call.input) : { ...recordOf(call.input), after }
    const page = recordOf(await callOnce(server, { ...call, input }))
    if (Array.isArray(page['items'])) yield* page['items']
    after = typeof page['nextCursor'] === 'string' ? page['nextCursor'] : null
  } while (after !== null)
}

async function* events(server: Server, call: Call): AsyncGenerator<unknown, void> {
  const response = await send(server, call)
  if (!response.ok || response.body === null) throw refusalOf((await bodyOf(response))['error'], response.status)
  const messages = response.body.pipeThrough(new TextDecoderStream()).pipeThrough(new EventSourceParserStream())
  for await (const { event, data } of messages) {
    if (event === 'serialized-error') throw refusalOf(JSON.parse(data), response.status)
    if (event === 'return') return
    if (event === undefined || event === 'message') yield JSON.parse(data)
  }
}

const send = async (server: Server, { name, input, signal }: Call): Promise<Response> => {
  const isMutation = operationKinds[name] === 'mutation'
  const method = isMutation ? 'POST' : 'GET'
  const place = `${server.origin}/trpc/${name}`
  const url = isMutation ? place : `${place}?input=${encodeURIComponent(JSON.stringify(input))}`
  const headers = {
    accept: operationKinds[name] === 'subscription' ? 'text/event-stream' : 'application/json',
    ...(isMutation ? { 'content-type': 'application/json' } : {}),
    ...(await credentialsOf(server, method, place)),
  }
  try {
    return await (server.fetch ?? fetch)(url, {
      method,
      headers,
      // a redirect would carry the token to somebody else
      redirect: 'error',
      ...(isMutation ? { body: JSON.stringify(input) } : {}),
      ...(signal === undefined ? {} : { signal }),
    })
  } catch (cause) {
    throw new GatehouseRefusal('unreachable', `${server.origin} does not answer`, { cause })
  }
}

/** A bound token goes with a proof for this very request, and by the scheme that demands it (RFC 9449 §7.1). */
const credentialsOf = async (server: Server, method: string, url: string): Promise<Record<string, string>> => {
  const token = typeof server.token === 'function' ? await server.token() : (server.token ?? null)
  const { proofKey } = server
  const proof: Record<string, string> =
    proofKey === undefined ? {} : { dpop: await proofFor(proofKey, { method, url, token }) }
  if (token === null) return proof
  return { ...proof, authorization: `${proofKey === undefined ? 'Bearer' : 'DPoP'} ${token}` }
}

const bodyOf = async (response: Response): Promise<Readonly<Record<string, unknown>>> => {
  try {
    return recordOf(await response.json())
  } catch {
    return {} // refused below, by the status
  }
}
