import { Fault, type Caller, type Enforcer } from '@gatehouse/enforcement'
import {
  operations,
  proofAlgorithms,
  Refusal,
  refusals,
  type Operation,
  type OperationName,
  type RefusalDetails,
  type SubscriptionName,
} from '@gatehouse/contract'
import { runningRequest } from '@gatehouse/kit/tracing'
import type { Context } from 'hono'
import { z } from 'zod'
import type { CookieTokens, SessionCookies } from './cookies.ts'

/** One HTTP request as both transports see it. */
export interface RequestContext {
  readonly http: Context
  readonly caller: Caller
  readonly requestId: string
  /** The cookie session, when the request says that it has one. */
  readonly cookies: CookieTokens | null
}

/**
 * Runs operations for a transport: raw values in, wire values out, tokens into cookies where the browser asked for
 * that.
 */
export interface Runner {
  call(context: RequestContext, name: OperationName, raw: unknown): Promise<unknown>
  /** The same, for what is made of it; where nothing of it goes into cookies, while its entry is on its way. */
  made<T>(context: RequestContext, call: MadeCall<T>): Promise<T>
  /** What an edge asks: it gives no tokens, and does not count for the limit of calls. */
  nested(context: RequestContext, name: OperationName, raw: unknown): Promise<unknown>
  subscribe(context: RequestContext, name: OperationName, raw: unknown): Promise<AsyncIterable<unknown>>
  isKnown(caller: Caller): Promise<boolean>
  /** Why they are not; null: they are. */
  whyUnknown(caller: Caller): Promise<Refusal | null>
  /** Records that a request was refused before it came to an operation. */
  refused(request: Pick<RequestContext, 'caller' | 'requestId'>, refusal: Refusal): Promise<void>
}

/** A call, and what its answer is made into. */
export interface MadeCall<T> {
  readonly name: OperationName
  readonly raw: unknown
  /** Made once, and of a query before anybody knows whether it will be told; so it does nothing else. */
  readonly make: (wire: unknown) => T
}

export function createRunner(enforcer: Enforcer, cookies: SessionCookies): Runner {
  const made = async <T>(context: RequestContext, { name, raw, make }: MadeCall<T>): Promise<T> => {
    const { caller, requestId } = context
    const { heavy }: Operation = operations[name]
    // asked for these alone: whether a client is still there costs as much to follow as a look at the policies
    const held = heavy === true ? { signal: context.http.req.raw.signal } : {}
    const call = { name, raw: withRefreshCookie(context, name, raw), caller, requestId, ...held }
    const wireOf = (output: unknown): unknown => z.encode(operations[name].output, output as never) // its own output
    if (context.cookies === null)
      return (
        await enforcer.call(
          call,
          attempted((output) => make(wireOf(output))),
        )
      )()
    const wire = (await enforcer.call(call, attempted(wireOf)))()
    if (name === 'auth.logout') cookies.clear(context.http)
    return make(givesTokens(wire) ? moveTokens(wire, (tokens) => cookies.set(context.http, tokens)) : wire)
  }
  return {
    isKnown: (caller) => enforcer.isKnown(caller),
    whyUnknown: (caller) => enforcer.whyUnknown(caller),
    refused: (request, refusal) => enforcer.refused(request, refusal),

    call: (context, name, raw) => made(context, { name, raw, make: (wire) => wire }),
    made,

    nested: async ({ caller, requestId }, name, raw) => {
      const output = await enforcer.call({ name, raw, caller, requestId, nested: true })
      return z.encode(operations[name].output, output)
    },

    subscribe: async (context, name, raw) => {
      const { caller, requestId } = context
      // the transports ask for declared subscriptions only
      const { signal } = context.http.req.raw
      const { output } = operations[name]
      const call = { name: name as SubscriptionName, raw, caller, requestId, signal }
      return enforcer.subscribe(call, (item) => z.encode(output, item))
    },
  }
}

/** What a function comes to, to be asked for later: only then does it throw. */
const attempted =
  <A, T>(work: (given: A) => T): ((given: A) => () => T) =>
  (given) => {
    try {
      const made = work(given)
      return () => made
    } catch (error) {
      return () => {
        throw error
      }
    }
  }

/** A browser has its refresh token in a cookie: `auth.refresh` then takes no input. */
function withRefreshCookie(context: RequestContext, name: OperationName, raw: unknown): unknown {
  const refresh = context.cookies?.refresh
  if (
    name !== 'auth.refresh' ||
    refresh === undefined ||
    (typeof raw === 'object' && raw !== null && 'refreshToken' in raw)
  )
    return raw
  return { ...(raw ?? {}), refreshToken: refresh }
}

interface WireTokens {
  readonly accessToken?: string
  readonly refreshToken?: string
  readonly deviceToken?: string
}

/** Takes the tokens out of an answer and gives them to the cookies. */
function moveTokens(wire: unknown, keep: (tokens: CookieTokens) => void): unknown {
  if (typeof wire !== 'object' || wire === null || !('tokens' in wire) || wire.tokens === null) return wire
  // encoded by the contract's Tokens
  const { accessToken, refreshToken, deviceToken, ...rest } = wire.tokens as WireTokens
  keep({ access: accessToken, refresh: refreshToken, device: deviceToken })
  return { ...wire, tokens: rest }
}

/** Not all `tokens` are a session's: of a program's account it is how many it has. */
const givesTokens = (wire: unknown): boolean =>
  typeof wire === 'object' && wire !== null && 'tokens' in wire && typeof wire.tokens === 'object'

/** A refusal as it leaves, on every transport. */
export interface RefusalBody extends RefusalDetails {
  readonly code: string
  /** The request that was refused, as the audit log names it. */
  readonly requestId?: string | undefined
}

/**
 * What of an error may be told outside, with its HTTP status. Everything but a refusal is a fault: the request id only.
 */
export function told(error: unknown): { status: number; message: string; body: RefusalBody } {
  if (error instanceof Refusal)
    return {
      status: refusals[error.code].status,
      message: error.message,
      body: { code: error.code, ...error.details, requestId: runningRequest()?.requestId },
    }
  const requestId = error instanceof Fault ? error.requestId : runningRequest()?.requestId
  return {
    status: 500,
    message: error instanceof Fault ? error.message : 'something went wrong',
    body: { code: 'internal', requestId },
  }
}

/** How a token may be shown: a bearer's, or one bound to a key, with the proofs that are understood (RFC 9449 §7.1). */
const schemes = ['Bearer realm="gatehouse"', `DPoP realm="gatehouse", algs="${proofAlgorithms.join(' ')}"`]

/** `WWW-Authenticate` of RFC 6750 §3, RFC 9449 §7.1 and RFC 9470 §3: what would have been enough. */
export function challengeHeader(body: RefusalBody, status: number): string | null {
  if (status !== 401) return null
  if (body.code !== 'step-up-required' && body.code !== 'mfa-required') return schemes.join(', ')
  const wanted =
    'error="insufficient_user_authentication", error_description="a second factor is needed", ' +
    `acr_values="${body.assurance ?? 'mfa'}", max_age="${body.maxAgeSeconds ?? 0}"`
  return schemes.map((scheme) => `${scheme}, ${wanted}`).join(', ')
}
