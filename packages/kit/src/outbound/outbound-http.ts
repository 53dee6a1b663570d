import { Buffer } from 'node:buffer'
import {
  request as requestPlain,
  validateHeaderName,
  validateHeaderValue,
  type ClientRequest,
  type IncomingHttpHeaders,
  type IncomingMessage,
} from 'node:http'
import { request as requestTls } from 'node:https'
import { isIP } from 'node:net'
import { inSpan, tracingHeaders } from '../tracing/running-request.ts'
import { OutboundError, type NamedPlace, type Outbound } from './outbound.ts'

/** One request to an address that a person named. */
export interface OutboundRequest {
  readonly url: string
  readonly method: 'GET' | 'POST' | 'PUT' | 'DELETE'
  /** `host`, `content-length` and the like are set by us, whatever stands here. */
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: string | Uint8Array
  /** For all of it: name, connection, TLS, what we send and the whole answer. */
  readonly secondsMax: number
  /** Longer answers are cut off and refused. */
  readonly answerBytesMax: number
  /** `https` alone, unless this says that plain text may be sent. */
  readonly plain?: 'allowed'
}

/** The whole answer, of whatever status but a redirect. */
export interface OutboundAnswer {
  readonly status: number
  readonly headers: IncomingHttpHeaders
  readonly body: Uint8Array
}

/**
 * HTTP through the one gate: the name is resolved once, the connection goes to that very address, the certificate is
 * checked for the name, and no redirect is followed. Nothing is kept for the next request.
 */
export interface OutboundHttp {
  /** Throws `OutboundError`; its message repeats nothing of the answer. */
  send(request: OutboundRequest): Promise<OutboundAnswer>
}

/** What the requests go by. */
export interface OutboundHttpSettings {
  readonly outbound: Outbound
  /** Certificates of authorities that are trusted instead of the system's; PEM. */
  readonly authorities?: readonly string[]
  /** `public`: private networks only where they are listed; `anywhere`: as hosts are reached. */
  readonly reach: 'public' | 'anywhere'
}

/** Headers of an answer; more is no answer that is of use to us. */
const HEADER_BYTES_MAX = 16 * 1024

/** Makes the requests. */
export const createOutboundHttp = (settings: OutboundHttpSettings): OutboundHttp => ({
  // nothing of the URL: a webhook's path may be its secret
  send: (request) =>
    inSpan(
      { name: request.method, kind: 'client', attributes: { 'http.request.method': request.method } },
      async (span) => {
        const answer = await sendInTime(settings, request)
        span?.end({ attributes: { 'http.response.status_code': answer.status }, failed: answer.status >= 400 })
        return answer
      },
    ),
})

/** What is left of a longer time has digits that nobody reads. */
const shownSeconds = (seconds: number): number => Number(seconds.toFixed(1))

async function sendInTime(settings: OutboundHttpSettings, request: OutboundRequest): Promise<OutboundAnswer> {
  const target = targetOf(request, settings)
  const end = new AbortController()
  const late = new OutboundError('late', `it was not done within ${shownSeconds(request.secondsMax)} s`)
  const timer = setTimeout(() => end.abort(late), request.secondsMax * 1000)
  try {
    return await sendTo({ settings, request, target, signal: end.signal })
  } catch (error) {
    throw end.signal.aborted ? late : problemOf(error)
  } finally {
    clearTimeout(timer)
  }
}

/** Where a request goes, from its URL alone. */
interface Target {
  readonly url: URL
  readonly place: NamedPlace
}

function targetOf(request: OutboundRequest, { reach }: OutboundHttpSettings): Target {
  const url = URL.parse(request.url)
  const schemes = request.plain === 'allowed' ? ['https:', 'http:'] : ['https:']
  if (url === null || !schemes.includes(url.protocol))
    throw new OutboundError('refused', `the URL does not begin with ${schemes.map((one) => `${one}//`).join(' or ')}`)
  if (url.username !== '' || url.password !== '')
    throw new OutboundError('refused', 'the URL has a user name or a password in it')
  for (const [name, value] of Object.entries(request.headers ?? {})) refuseBadHeader(name, value)
  const defaultPort = url.protocol === 'https:' ? 443 : 80
  const place = { host: hostOf(url), port: url.port === '' ? defaultPort : Number(url.port) }
  return { url, place: reach === 'public' ? { ...place, reach } : place }
}

/** IPv6 stands in brackets in a URL and nowhere else. */
const hostOf = ({ hostname }: URL): string => hostname.replace(/^\[(.*)\]$/, '$1')

function refuseBadHeader(name: string, value: string): void {
  try {
    validateHeaderName(name)
    validateHeaderValue(name, value)
  } catch (cause) {
    throw new OutboundError('refused', 'a header has a character that no header has', { cause })
  }
}

interface Sending {
  readonly settings: OutboundHttpSettings
  readonly request: OutboundRequest
  readonly target: Target
  readonly signal: AbortSignal
}

async function sendTo(sending: Sending): Promise<OutboundAnswer> {
  const { settings, request, target, signal } = sending
  const address = await orAborted(settings.outbound.locate(target.place), signal)
  signal.throwIfAborted()
  const outgoing = open(sending, address)
  try {
    const answered = answerTo(outgoing, signal)
    outgoing.end(request.body)
    const answer = await answered
    refuseRedirect(answer)
    const body = await bodyOf(answer, request.answerBytesMax)
    signal.throwIfAborted() // without a length, an answer that we cut off looks as if it had ended
    return { status: answer.statusCode ?? 0, headers: answer.headers, body }
  } finally {
    outgoing.on('error', () => undefined) // what is cut here has been told, or is done
    outgoing.destroy()
  }
}

/** Rejects with what ends the request before its answer begins. */
function answerTo(outgoing: ClientRequest, signal: AbortSignal): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    outgoing.once('response', resolve)
    outgoing.once('error', reject)
    outgoing.once('upgrade', (_, socket) => {
      socket.destroy()
      reject(new OutboundError('broken', 'it changes to another protocol'))
    })
    signal.addEventListener('abort', () => reject(signal.reason), { once: true })
  })
}

/** Goes to the address alone: no name is left that could be resolved again. The certificate is still the name's. */
function open({ settings, request, target, signal }: Sending, address: string): ClientRequest {
  const { url, place } = target
  const body = request.body ?? ''
  const options = {
    host: address,
    port: place.port,
    method: request.method,
    path: `${url.pathname}${url.search}`,
    agent: false,
    signal,
    maxHeaderSize: HEADER_BYTES_MAX,
    headers: {
      ...lowerCased(request.headers ?? {}),
      ...tracingHeaders(), // whose request this is; never a caller's own words of it
      host: url.host,
      connection: 'close',
      'accept-encoding': 'identity', // a small answer must not grow
      'content-length': Buffer.byteLength(body),
    },
  } as const
  if (url.protocol === 'http:') return requestPlain(options)
  const named = isIP(place.host) === 0 ? { servername: place.host } : {}
  const ca = settings.authorities === undefined ? {} : { ca: [...settings.authorities] }
  return requestTls({ ...options, ...named, ...ca, rejectUnauthorized: true, minVersion: 'TLSv1.2' })
}

/** Set by us or of one connection only. */
const ownHeaders: ReadonlySet<string> = new Set([
  'host',
  'connection',
  'content-length',
  'transfer-encoding',
  'accept-encoding',
  'upgrade',
  'expect',
  'te',
  'trailer',
])

const lowerCased = (headers: Readonly<Record<string, string>>): Record<string, string> =>
  Object.fromEntries(
    Object.entries(headers)
      .map(([name, value]) => [name.toLowerCase(), value] as const)
      .filter(([name]) => !ownHeaders.has(name)),
  )

function refuseRedirect({ statusCode = 0 }: IncomingMessage): void {
  if (statusCode >= 300 && statusCode < 400)
    throw new OutboundError('redirected', `it answers with a redirect (${statusCode}); give the address it leads to`)
  if (statusCode < 200) throw new OutboundError('broken', 'it answers with no status that ends a request')
}

async function bodyOf(answer: IncomingMessage, bytesMax: number): Promise<Uint8Array> {
  const chunks: Uint8Array[] = []
  let bytes = Number(answer.headers['content-length'] ?? 0) > bytesMax ? Infinity : 0
  if (bytes === 0)
    for await (const chunk of answer as AsyncIterable<Uint8Array>) {
      bytes += chunk.length
      if (bytes > bytesMax) break
      chunks.push(chunk)
    }
  if (bytes <= bytesMax && !answer.complete) throw new OutboundError('broken', 'it ended in the middle of its answer')
  if (bytes > bytesMax) throw new OutboundError('too-large', `its answer is longer than ${bytesMax} bytes`)
  return Buffer.concat(chunks)
}

/** The resolver knows no signals; what it says after the end is nobody's. */
function orAborted<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    signal.addEventListener('abort', () => reject(signal.reason), { once: true })
    work.then(resolve, reject)
  })
}

/** Codes of OpenSSL and Node for a certificate that is not good. */
const untrusted = /^(CERT_|ERR_TLS_CERT|UNABLE_TO_|DEPTH_ZERO_|SELF_SIGNED_|HOSTNAME_|INVALID_CA|PATH_LENGTH)/
const unreachable: ReadonlySet<string> = new Set(['ECONNREFUSED', 'EHOSTUNREACH', 'ENETUNREACH', 'ETIMEDOUT', 'EACCES'])

function problemOf(cause: unknown): unknown {
  if (cause instanceof OutboundError || !(cause instanceof Error)) return cause
  const code = 'code' in cause && typeof cause.code === 'string' ? cause.code : ''
  if (untrusted.test(code))
    return new OutboundError('untrusted', 'its certificate is not trusted for its name', { cause })
  if (unreachable.has(code)) return new OutboundError('unreachable', 'it takes no connection', { cause })
  return new OutboundError('broken', 'it ended the connection or does not speak HTTP', { cause })
}
