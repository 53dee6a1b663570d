import type { OperationName, Raw, RefusalCode, RefusalDetails, Wire } from '@gatehouse/contract'
import { shownValue } from '@gatehouse/kit'
import { eventsOf } from './event-stream.ts'
import { refusalTexts } from './generated/documents.ts'
import { answerOf, documentOf, variablesOf, type CallName } from './wire.ts'

/** A declared no. `code` and `details` are the contract's. */
export class CallRefused extends Error {
  override readonly name = 'CallRefused'
  readonly operation: CallName
  readonly code: RefusalCode
  readonly details: RefusalDetails

  constructor(operation: CallName, refusal: { code: RefusalCode; details: RefusalDetails }, message: string) {
    super(message)
    const { code, details } = refusal
    this.operation = operation
    this.code = code
    this.details = details
  }
}

/** The server answered, and not with what was asked: its fault. `requestId` finds it in the log. */
export class CallFailed extends Error {
  override readonly name = 'CallFailed'
  readonly requestId: string | null

  constructor(message: string, requestId: string | null, options?: ErrorOptions) {
    super(message, options)
    this.requestId = requestId
  }
}

/** Nothing answered: the network or the server is away. `mayBeDone` where a change was asked for. */
export class CallUnanswered extends Error {
  override readonly name = 'CallUnanswered'
  readonly mayBeDone: boolean

  constructor(message: string, { mayBeDone = false, ...options }: ErrorOptions & { mayBeDone?: boolean } = {}) {
    super(message, options)
    this.mayBeDone = mayBeDone
  }
}

/**
 * Told when the session is over and cannot be refreshed: `ended`; and when a call was answered in it, which keeps it
 * alive: `used`.
 */
export const sessionEvents = new EventTarget()

interface GraphqlError {
  readonly message: string
  readonly extensions?: { readonly code?: string; readonly requestId?: string } & RefusalDetails
}

interface GraphqlResult {
  readonly data?: Readonly<Record<string, unknown>> | null
  readonly errors?: readonly GraphqlError[]
}

/** Other codes, such as `internal` or Apollo's own, are faults of the server and no refusals of the contract. */
const isRefusalCode = (code: string | undefined): code is RefusalCode =>
  code !== undefined && Object.hasOwn(refusalTexts, code)

function errorOf(name: CallName, error: GraphqlError): Error {
  const { message, extensions = {} } = shownValue(error)
  const { code, requestId, ...details } = extensions
  if (isRefusalCode(code)) return new CallRefused(name, { code, details }, message)
  return new CallFailed(message, requestId ?? null)
}

function resultOf(name: CallName, result: GraphqlResult): unknown {
  const error = result.errors?.[0]
  if (error !== undefined) throw errorOf(name, error)
  return answerOf(name, result.data?.[documentOf(name).field])
}

/** Who wants a call: a person, or the page by itself, which keeps nobody logged in. */
export type CallCause = 'person' | 'page'

/** Who is here is known at once or not: until it is, nothing can be drawn, and other tabs wait for a refresh. */
const identityDeadlineMs = 10_000
/** What the server takes longest for, verifying a large audit log, is done within a minute. */
const deadlineMs = 120_000

const deadlineOf = (name: CallName): number =>
  name === 'auth.whoami' || name === 'auth.refresh' ? identityDeadlineMs : deadlineMs

/** Who logs in, refreshes or logs out may do so twice. */
const isChange = (name: CallName): boolean => documentOf(name).kind === 'mutation' && !name.startsWith('auth.')

const unanswered = (name: CallName, cause: unknown): CallUnanswered =>
  new CallUnanswered('the server does not answer', { cause, mayBeDone: isChange(name) })

async function post(
  path: string,
  { name, input }: { name: CallName; input: object },
  init: { accept: string; cause?: CallCause; signal?: AbortSignal },
): Promise<Response> {
  const body = JSON.stringify({
    query: documentOf(name).text,
    variables: variablesOf(name, input as Record<string, unknown>),
  }) // inputs are plain objects
  try {
    return await fetch(path, {
      method: 'POST',
      credentials: 'same-origin',
      cache: 'no-store',
      body,
      signal: init.signal ?? AbortSignal.timeout(deadlineOf(name)),
      headers: {
        'content-type': 'application/json',
        accept: init.accept,
        'gatehouse-session': 'cookie',
        ...(init.cause === 'page' ? { 'gatehouse-activity': 'background' } : {}),
      },
    })
  } catch (error) {
    if (init.signal?.aborted === true) throw error
    throw unanswered(name, error)
  }
}

/** How far the server's clock is ahead of this device's, by its last answer. */
let offsetMs = 0

/**
 * A moment of the server's on this device's clock, which may be wrong by any amount: who is logged out must not hang on
 * it.
 */
export const onOurClock = (at: string): number => Date.parse(at) - offsetMs

function noteClock(response: Response): void {
  const told = Date.parse(response.headers.get('date') ?? '')
  if (!Number.isNaN(told)) offsetMs = told - Date.now()
}

async function resultOfResponse(name: CallName, response: Response): Promise<GraphqlResult> {
  noteClock(response)
  try {
    // GraphQL over HTTP says so; resultOf looks at each field before using it
    return (await response.json()) as GraphqlResult
  } catch (error) {
    if (error instanceof DOMException) throw unanswered(name, error) // the deadline came in the middle of the answer
    throw new CallFailed(
      `the server answered ${response.status} and no GraphQL`,
      response.headers.get('x-request-id'),
      { cause: error },
    )
  }
}

async function send<N extends CallName>(name: N, input: Raw<N>, cause: CallCause): Promise<Wire<N>> {
  const response = await post(
    '/graphql',
    { name, input: input as object },
    { cause, accept: 'application/graphql-response+json, application/json' },
  ) // every input is declared as an object
  // the document selects exactly the contract's output
  return resultOf(name, await resultOfResponse(name, response)) as Wire<N>
}

const refreshedKey = 'gatehouse.refreshedAt'

/**
 * Refreshes the session once for all tabs: a refresh token used twice ends its family, so whoever comes second finds
 * that it was done.
 * Only the time of the refresh is kept in the browser's storage, never a token.
 */
async function refreshSince(startedAt: number, cause: CallCause): Promise<void> {
  await navigator.locks.request('gatehouse-refresh', async () => {
    if (Number(localStorage.getItem(refreshedKey) ?? 0) > startedAt) return
    await send('auth.refresh', {}, cause)
    localStorage.setItem(refreshedKey, String(Date.now()))
  })
}

/** Calls of somebody who is not in yet: their `unauthenticated` is no session's end. */
const withoutRefresh: ReadonlySet<OperationName> = new Set([
  'auth.login',
  'auth.mfaOptions',
  'auth.completeMfa',
  'auth.passkeyBegin',
  'auth.passkeyComplete',
  'auth.acceptInvite',
  'auth.refresh',
])
const isUnauthenticated = (error: unknown): boolean => error instanceof CallRefused && error.code === 'unauthenticated'
const mayPass = (error: unknown): boolean =>
  !(error instanceof CallRefused) || error.code === 'rate-limited' || error.code === 'unavailable'

/** Runs an attempt; when the session's access token has died, refreshes it and runs the attempt once more. */
async function withSession<T>(name: CallName, cause: CallCause, attempt: () => Promise<T>): Promise<T> {
  const startedAt = Date.now()
  try {
    return await attempt()
  } catch (error) {
    if (!isUnauthenticated(error) || withoutRefresh.has(name)) throw error
    try {
      await refreshSince(startedAt, cause)
    } catch (refreshError) {
      if (mayPass(refreshError)) throw refreshError
      sessionEvents.dispatchEvent(new CustomEvent('ended', { detail: refreshError }))
      throw error
    }
    return attempt()
  }
}

/**
 * Calls an operation as the person logged in.
 * Throws `CallRefused` for a declared no, `CallUnanswered` when nothing answers, `CallFailed` for the server's own
 * faults.
 */
export async function call<N extends CallName>(name: N, input: Raw<N>, cause: CallCause = 'person'): Promise<Wire<N>> {
  const answer = await withSession(name, cause, () => send(name, input, cause))
  if (cause === 'person') sessionEvents.dispatchEvent(new Event('used'))
  return answer
}

/** Operations that are watched rather than called. */
export type WatchName = Extract<
  CallName,
  'lease.watch' | 'alert.stream' | 'breakGlass.watch' | 'audit.tail' | 'audit.exportStream'
>

async function open<N extends WatchName>(name: N, input: Raw<N>, signal: AbortSignal): Promise<Response> {
  const response = await post(
    '/graphql/stream',
    { name, input: input as object },
    { cause: 'page', accept: 'text/event-stream', signal },
  ) // every input is declared as an object
  if (response.headers.get('content-type')?.startsWith('text/event-stream') === true) return response
  resultOf(name, await resultOfResponse(name, response))
  throw new CallFailed('the server answered no stream', response.headers.get('x-request-id'))
}

/**
 * Watches an operation by the graphql-sse protocol (distinct connections) until the server completes or `signal`
 * aborts.
 * Throws as `call` does, also when the stream breaks; the caller decides when to open it again.
 */
export async function* watch<N extends WatchName>(
  name: N,
  input: Raw<N>,
  { signal, onOpen }: { signal: AbortSignal; onOpen: () => void },
): AsyncGenerator<Wire<N>, void> {
  const response = await withSession(name, 'page', () => open(name, input, signal))
  onOpen()
  if (response.body === null) return
  for await (const { event, data } of eventsOf(response.body)) {
    if (event === 'complete') return
    if (event === 'next') yield resultOf(name, JSON.parse(data) as GraphqlResult) as Wire<N> // as in send
  }
}
