import type { OperationKind } from '@gatehouse/contract'
import { CliError, refusalError } from './cli-error.ts'
import { cliVersion } from './cli-version.ts'
import { now } from './clock.ts'
import { proofFor, type ProofKey } from './dpop-proof.ts'
import { tlsProblemOf } from './tls-problem.ts'

/** One call as it goes over the wire. */
export interface TrpcCall {
  readonly server: string
  readonly name: string
  readonly kind: OperationKind
  readonly input: unknown
  readonly bearer: Bearer | null
  /** Key to prove with where no token goes with the call; it will be what the new tokens are bound to. */
  readonly key?: ProofKey | null
  /** What the server knows this machine by. */
  readonly device?: string | null
  /** Ends the call when nobody waits for it any more. */
  readonly over?: AbortSignal | undefined
}

/** A token, and the key that it is bound to. */
export interface Bearer {
  readonly token: string
  readonly key: ProofKey | null
}

/** What a person recognises a session by. */
const userAgent = `gatehouse/${cliVersion} (${process.platform})`

/** Longer than any operation may take: contacting a host has its own, shorter limits on the server. */
const CALL_TIMEOUT_MS = 60_000

/** More than this is no answer of ours. */
const ANSWER_BYTES_MAX = 32 * 1024 * 1024

/** Calls one operation and answers its output. A refusal is thrown as `CliError` with the contract's code. */
export const callTrpc = async (call: TrpcCall): Promise<unknown> => {
  const timeout = AbortSignal.timeout(CALL_TIMEOUT_MS)
  const signal = call.over === undefined ? timeout : AbortSignal.any([timeout, call.over])
  const response = await request(call, { signal, accept: 'application/json' })
  const body = parseBody(await response.text(), response)
  const answer = field(body, 'result')
  if (response.ok && answer !== undefined) return field(answer, 'data') ?? null
  throw errorOf(field(body, 'error'), response.status)
}

/** Opens a subscription: the response whose body is the stream of events. */
export const openTrpcStream = async (call: TrpcCall, signal: AbortSignal): Promise<ReadableStream<Uint8Array>> => {
  const response = await request(call, { signal, accept: 'text/event-stream' })
  if (response.ok && response.body !== null) return response.body
  throw errorOf(field(parseBody(await response.text(), response), 'error'), response.status)
}

const request = async (
  call: TrpcCall,
  { signal, accept }: { signal: AbortSignal; accept: string },
): Promise<Response> => {
  const { url, init } = requestOf(call)
  const headers = {
    ...init.headers,
    accept,
    'user-agent': userAgent,
    ...credentialsOf(call, init.method, url),
    ...(call.device ? { 'gatehouse-device': call.device } : {}),
  }
  try {
    // A redirect would carry the token to somebody else.
    return await fetch(url, { ...init, headers, signal, redirect: 'error' })
  } catch (cause) {
    throw unreachable(call.server, cause)
  }
}

/** A bound token goes with a proof for this very request, and by the scheme that demands it (RFC 9449 §7.1). */
const credentialsOf = ({ bearer, key }: TrpcCall, method: string, url: string): Record<string, string> => {
  const proofKey = bearer?.key ?? key ?? null
  const proof: Record<string, string> =
    proofKey === null ? {} : { dpop: proofFor(proofKey, { method, url, token: bearer?.token ?? null, now: now() }) }
  return bearer === null
    ? proof
    : { ...proof, authorization: `${bearer.key === null ? 'Bearer' : 'DPoP'} ${bearer.token}` }
}

const requestOf = ({
  server,
  name,
  kind,
  input,
}: TrpcCall): { url: string; init: { method: string; headers: Record<string, string>; body?: string } } => {
  const url = `${server}/trpc/${name}`
  if (kind === 'mutation')
    return {
      url,
      init: { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(input) },
    }
  return { url: `${url}?input=${encodeURIComponent(JSON.stringify(input))}`, init: { method: 'GET', headers: {} } }
}

/** Nothing of ours came back: what was asked for may have been done. */
class UnansweredError extends CliError {
  readonly mayBeDone: boolean

  constructor({ mayBeDone, ...parts }: ConstructorParameters<typeof CliError>[0] & { readonly mayBeDone: boolean }) {
    super(parts)
    this.mayBeDone = mayBeDone
  }
}

/** Whether a call may have been done although it failed here: a refusal says that it was not, or that this is open. */
export const isUnanswered = (error: unknown): boolean => {
  if (error instanceof UnansweredError) return error.mayBeDone
  return !(error instanceof CliError) || error.code === 'fault' || error.details['mayBeDone'] === true
}

/** Failures before anything was sent: nobody was there, or nobody of that name. */
const neverSent = new Set([
  'ECONNREFUSED',
  'ENOTFOUND',
  'EAI_AGAIN',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'UND_ERR_CONNECT_TIMEOUT',
])

/** Nothing came back from a server: why, as far as this machine can tell, and what to do. */
const unreachable = (server: string, cause: unknown): CliError => {
  const reason = reasonOf(cause)
  const tls = tlsProblemOf(reason)
  return new UnansweredError({
    mayBeDone: tls === null && !neverSent.has(reason),
    code: 'unavailable',
    message: `${server} ${tls?.message ?? 'does not answer'} (${reason})`,
    hint: tls?.hint ?? 'is it running? npm start, or gatehouse context list',
    cause,
  })
}

const reasonOf = (error: unknown): string => {
  if (!(error instanceof Error)) return 'unknown reason'
  if (error.name === 'TimeoutError') return 'no answer in time'
  const inner: unknown = error.cause
  return inner instanceof Error ? ('code' in inner ? String(inner.code) : inner.message) || inner.name : error.message
}

const parseBody = (text: string, { status }: Response): unknown => {
  try {
    if (text.length > ANSWER_BYTES_MAX) throw new RangeError('too long')
    return JSON.parse(text)
  } catch (cause) {
    const code = status >= 500 ? 'unavailable' : 'fault'
    throw new UnansweredError({
      mayBeDone: true,
      code,
      message: `the server answered ${status} with something that is not ours`,
      hint: 'is this the address of a Gatehouse?',
      cause,
    })
  }
}

/** The error of tRPC's envelope as ours: `data.refusal` when it was declared, a fault with its request id otherwise. */
export const errorOf = (envelope: unknown, status: number): CliError => {
  const refusal = field(field(envelope, 'data'), 'refusal')
  const code = field(refusal, 'code')
  const text = String(field(envelope, 'message') ?? '')
  if (typeof code !== 'string' || code === 'internal')
    return faultOf(field(refusal, 'requestId'), `${status}${text === '' ? '' : `: ${text}`}`)
  const { code: _, ...details } = refusal as Record<string, unknown> // `code` was found in it, so it is an object
  return refusalError(code, details, text)
}

const faultOf = (requestId: unknown, what: string): CliError =>
  typeof requestId === 'string'
    ? new CliError({
        code: 'fault',
        message: `the server failed; its log says why under ${requestId}`,
        details: { requestId },
      })
    : new CliError({ code: 'fault', message: `the server failed (${what})` })

const field = (value: unknown, name: string): unknown =>
  // an object, by the check before
  typeof value === 'object' && value !== null ? (value as Record<string, unknown>)[name] : undefined
