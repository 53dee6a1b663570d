import { Refusal, type OperationName } from '@gatehouse/contract'
import type { Clock } from '@gatehouse/enforcement'
import { looksLikeApiToken } from '@gatehouse/identity'
import { z } from 'zod'
import { challengeHeader, told, type RequestContext, type Runner } from '../transports/run.ts'
import { OauthError, readForm, required } from './form.ts'
import { deviceCodeGrant, paths } from './metadata.ts'

export interface OauthDeps {
  readonly runner: Runner
  readonly clock: Clock
}

/** One endpoint: it runs the operation it mirrors, so limits, decisions and the audit log are the operation's. */
type Endpoint = (context: RequestContext, form: ReadonlyMap<string, string>) => Promise<Response>

/** The endpoints of OAuth by their paths. Clients are public: `client_id` is a label, and proves nothing. */
export function oauthEndpoints(
  deps: OauthDeps,
): Readonly<Record<string, (context: RequestContext) => Promise<Response>>> {
  return {
    [paths.token]: answering(token(deps)),
    [paths.revoke]: answering(revoke(deps)),
    [paths.introspect]: answering(introspect(deps)),
    [paths.deviceAuthorization]: answering(deviceAuthorization(deps)),
  }
}

const json = (body: unknown): Response =>
  Response.json(body, { headers: { 'cache-control': 'no-store', pragma: 'no-cache' } })

const answering =
  (endpoint: Endpoint) =>
  async (context: RequestContext): Promise<Response> => {
    try {
      return await endpoint(context, await readForm(context.http.req.raw))
    } catch (error) {
      return refused(error instanceof OauthError ? error : asOauth(error))
    }
  }

function refused({ code, message, status, retryAfterSeconds }: OauthError): Response {
  const headers = new Headers({ 'cache-control': 'no-store', pragma: 'no-cache' })
  if (status === 401) headers.set('www-authenticate', challengeHeader({ code: 'unauthenticated' }, status) ?? 'Bearer')
  if (retryAfterSeconds !== undefined) headers.set('retry-after', String(retryAfterSeconds))
  return Response.json({ error: code, error_description: message }, { status, headers })
}

/** What is left after an endpoint has said what its own refusals mean. */
function asOauth(error: unknown): OauthError {
  const { status, message, body } = told(error)
  if (body.fields?.[0]?.path === 'DPoP') return new OauthError('invalid_dpop_proof', body.fields[0].message)
  if (status === 429 || status === 503)
    return new OauthError('temporarily_unavailable', message, { status, retryAfterSeconds: body.retryAfterSeconds })
  if (status >= 500)
    return new OauthError(
      'server_error',
      body.requestId === undefined ? message : `${message}; ask with request id ${body.requestId}`,
      { status },
    )
  return new OauthError(body.code === 'invalid-input' ? 'invalid_request' : 'access_denied', message)
}

/** Calls an operation; refusals named in `meaning` are told in OAuth's words. */
async function call(
  deps: OauthDeps,
  context: RequestContext,
  {
    name,
    input,
    meaning,
  }: { name: OperationName; input: unknown; meaning: Readonly<Partial<Record<Refusal['code'], string>>> },
): Promise<unknown> {
  try {
    return await deps.runner.call(context, name, input)
  } catch (error) {
    const code = error instanceof Refusal ? meaning[error.code] : undefined
    if (code === undefined || !(error instanceof Refusal)) throw error
    throw new OauthError(code, error.message, { retryAfterSeconds: error.details.retryAfterSeconds })
  }
}

const WireTokens = z.object({ accessToken: z.string(), refreshToken: z.string(), accessExpiresAt: z.string() })

/** RFC 6749 §5.1. Whoever showed a key has tokens that are bound to it. */
function tokenAnswer({ clock }: OauthDeps, context: RequestContext, given: unknown): Response {
  const { accessToken, refreshToken, accessExpiresAt } = WireTokens.parse(given)
  const seconds = Math.max(0, Math.floor((Date.parse(accessExpiresAt) - clock.now().getTime()) / 1000))
  return json({
    access_token: accessToken,
    token_type: context.caller.proof ? 'DPoP' : 'Bearer',
    expires_in: seconds,
    refresh_token: refreshToken,
  })
}

/** `POST /oauth/token`. */
const token =
  (deps: OauthDeps): Endpoint =>
  async (context, form) => {
    // a client that thinks it has a secret here is mistaken, and shall hear it (RFC 6749 §5.2)
    if (context.http.req.header('authorization') !== undefined)
      throw new OauthError('invalid_client', 'clients are public: there is nothing to authenticate by', { status: 401 })
    const grant = required(form, 'grant_type')
    if (grant === 'refresh_token') return renewed(deps, context, required(form, 'refresh_token'))
    if (grant === deviceCodeGrant) return polled(deps, context, required(form, 'device_code'))
    throw new OauthError('unsupported_grant_type', 'refresh_token, or the device code grant')
  }

async function renewed(deps: OauthDeps, context: RequestContext, refreshToken: string): Promise<Response> {
  const wire = await call(deps, context, {
    name: 'auth.refresh',
    input: { refreshToken },
    meaning: { unauthenticated: 'invalid_grant' },
  })
  return tokenAnswer(deps, context, z.object({ tokens: z.unknown() }).parse(wire).tokens)
}

/** RFC 8628 §3.5. */
const pollErrors = { waiting: 'authorization_pending', denied: 'access_denied', expired: 'expired_token' } as const

async function polled(deps: OauthDeps, context: RequestContext, deviceCode: string): Promise<Response> {
  const wire = await call(deps, context, {
    name: 'auth.devicePoll',
    input: { deviceCode },
    meaning: { 'not-found': 'invalid_grant', conflict: 'invalid_grant', 'rate-limited': 'slow_down' },
  })
  const { state, tokens } = z
    .object({ state: z.enum(['waiting', 'approved', 'denied', 'expired', 'used']), tokens: z.unknown() })
    .parse(wire)
  if (tokens !== null && tokens !== undefined) return tokenAnswer(deps, context, tokens)
  // `in` has just looked
  const code = state in pollErrors ? pollErrors[state as keyof typeof pollErrors] : 'invalid_grant'
  throw new OauthError(code, `the log-in of this device is ${state}`)
}

/** `POST /oauth/device_authorization` (RFC 8628 §3.1). */
const deviceAuthorization =
  (deps: OauthDeps): Endpoint =>
  async (context, form) => {
    const client = form.get('client_id')
    const wire = await call(deps, context, {
      name: 'auth.deviceStart',
      input: client === undefined ? {} : { client },
      meaning: {},
    })
    const given = z
      .object({
        deviceCode: z.string(),
        userCode: z.string(),
        verificationUri: z.string(),
        verificationUriComplete: z.string(),
        expiresAt: z.string(),
        intervalSeconds: z.int(),
      })
      .parse(wire)
    return json({
      device_code: given.deviceCode,
      user_code: given.userCode,
      verification_uri: given.verificationUri,
      verification_uri_complete: given.verificationUriComplete,
      expires_in: Math.floor((Date.parse(given.expiresAt) - deps.clock.now().getTime()) / 1000),
      interval: given.intervalSeconds,
    })
  }

/**
 * `POST /oauth/introspect` (RFC 7662). Who asks must be known: a stranger could try tokens until one is good (RFC 7662
 * §4).
 */
const introspect =
  (deps: OauthDeps): Endpoint =>
  async (context, form) => {
    if (!(await deps.runner.isKnown(context.caller)))
      throw new OauthError('invalid_token', 'show a good token of your own to ask about one', { status: 401 })
    const asked = required(form, 'token')
    return json(await call(deps, context, { name: 'auth.verify', input: { token: asked }, meaning: {} }))
  }

/**
 * `POST /oauth/revoke` (RFC 7009): ends the session of the token that is shown. The token is its own credential, so
 * this is its holder's log-out,
 * decided and recorded as such. A token that is not good has nothing to end, and that is a success (RFC 7009 §2.2).
 */
const revoke =
  (deps: OauthDeps): Endpoint =>
  async (context, form) => {
    const shown = required(form, 'token')
    // it is ended by whoever looks after it, with a reason (RFC 7009 §2.2.1)
    if (looksLikeApiToken(shown))
      throw new OauthError('unsupported_token_type', 'an API token is revoked by `apiToken.revoke`')
    const asItself: RequestContext = { ...context, caller: { ...context.caller, credential: shown, scheme: 'itself' } }
    try {
      await deps.runner.call(asItself, 'auth.logout', {})
    } catch (error) {
      if (!(error instanceof Refusal) || error.code !== 'unauthenticated') throw error
    }
    return new Response(null, { status: 200, headers: { 'cache-control': 'no-store' } })
  }
