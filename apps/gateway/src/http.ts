import { Refusal } from '@gatehouse/contract'
import { UnavailableError } from '@gatehouse/kit'
import { runningRequest } from '@gatehouse/kit/tracing'
import type { HttpBindings } from '@hono/node-server'
import { Hono, type Context, type ErrorHandler, type MiddlewareHandler } from 'hono'
import { bodyLimit } from 'hono/body-limit'
import { answerToOurNames, type HostDeps } from './allowed-hosts.ts'
import { countAtTheDoor, refusedOn } from './door.ts'
import { headersOfAll } from './headers-of-all.ts'
import { answerDocument, type PublicDocument } from './public-document.ts'
import { browserContext, plainContext, type GatewayEnv } from './request-context.ts'
import type { AnswerRevocationList } from './revocation-list.ts'
import { errorAnswer } from './transit/answers.ts'
import { vaultPrefix } from './transit/route.ts'
import type { SessionCookies } from './transports/cookies.ts'
import type { GraphqlTransport } from './transports/graphql.ts'
import type { RequestContext } from './transports/run.ts'
import { codecPath } from './temporal-codec.ts'
import { traceRequests, type TraceDeps } from './trace-requests.ts'
import type { WebFiles } from './web.ts'
import { isWhole } from './whole-answer.ts'

/** The largest body of a call: a public key and a purpose fit a hundred times. */
const bodyBytesMax = 256 * 1024

export interface HttpDeps extends HostDeps, TraceDeps {
  readonly graphql: GraphqlTransport
  readonly trpc: (context: RequestContext) => Promise<Response>
  readonly cookies: SessionCookies
  /** Endpoints of OAuth by path; POST only, no cookies. */
  readonly oauth: Readonly<Record<string, (context: RequestContext) => Promise<Response>>>
  /** Endpoints of AuthZEN by path; POST only, no cookies. */
  readonly authzen: Readonly<Record<string, (context: RequestContext) => Promise<Response>>>
  /** Answers Vault's clients. */
  readonly vault: (context: RequestContext) => Promise<Response>
  /** Where Temporal Web has payloads decoded; null: there is none. */
  readonly temporalCodec: ((c: Context<GatewayEnv>, plain: RequestContext) => Promise<Response>) | null
  /** Public documents by their paths, some of them by what is asked behind `?`. */
  readonly documents: Readonly<Record<string, (query: Readonly<Record<string, string>>) => Promise<PublicDocument>>>
  /** The revocation list of certificates, for hosts. */
  readonly revocationList: AnswerRevocationList
  /** Public documents below a path, by the whole path; null: there is none. */
  readonly trees: Readonly<Record<string, (path: string) => Promise<PublicDocument | null>>>
  readonly web: WebFiles
  /** What Prometheus reads, for whom it is; null: as if it were not there. */
  readonly metrics: (context: RequestContext) => Promise<Response> | null
  /** Whether browsers may be told to come by TLS only: not where its certificate is one for development. */
  readonly strictTransport: boolean
  readonly ready: () => Promise<void>
  readonly onError: (error: unknown, requestId: string) => void
}

/** Everything HTTP: two transports, a handful of public documents, the web, health. Nothing else answers. */
export function createHttp(deps: HttpDeps): Hono<GatewayEnv> {
  const app = new Hono<GatewayEnv>()
  app.use(traceRequests(deps))
  app.use(tellBrowsers)
  app.use(speakForOurHost(deps))
  app.use(limitBodies())

  // Threat C21: whatever a request is, and however it ends, it counts. What asks whether the process lives does not: it
  // costs nothing, and a supervisor that is refused would end a gateway for being busy.
  app.get('/healthz', (c) => c.text('ok\n', 200, notKept))
  app.use(countAtTheDoor(deps))
  app.use(answerToOurNames(deps))

  const call =
    (answer: (context: RequestContext) => Promise<Response>) =>
    async (c: Context<GatewayEnv>): Promise<Response> => {
      const context = browserContext(c, deps)
      deps.door.entered(context.caller)
      const answered = notStored(await answer(context))
      return context.cookies === null ? answered : withCookies(c, answered)
    }
  app.post(
    '/graphql',
    call((context) => deps.graphql.answer(context)),
  )
  app.on(
    ['GET', 'POST'],
    '/graphql/stream',
    call((context) => deps.graphql.stream(context)),
  )
  app.all(
    '/trpc/*',
    call((context) => deps.trpc(context)),
  )

  answerPosts(app, deps, { endpoints: deps.oauth, what: 'POST with a form' })
  answerPosts(app, deps, { endpoints: deps.authzen, what: 'POST with JSON' })
  app.all(`${vaultPrefix}*`, (c) => {
    const context = plainContext(c, deps)
    deps.door.entered(context.caller)
    return deps.vault(context)
  })
  const { temporalCodec } = deps
  if (temporalCodec !== null)
    app.on(['POST', 'OPTIONS'], codecPath, (c) => {
      const context = plainContext(c, deps)
      deps.door.entered(context.caller)
      return temporalCodec(c, context)
    })
  for (const [path, document] of Object.entries(deps.documents))
    app.get(path, async (c) => answerDocument(c, await document(c.req.query())))
  app.get('/ssh/krl', (c) => deps.revocationList(c, plainContext(c, deps).caller.address))
  for (const [path, find] of Object.entries(deps.trees))
    app.get(path, async (c) => {
      const document = await find(new URL(c.req.url).pathname)
      return document === null ? c.notFound() : answerDocument(c, document)
    })
  app.get('/readyz', (c) =>
    deps.ready().then(
      () => c.text('ready\n', 200, notKept),
      () => c.text('not ready\n', 503, notKept),
    ),
  )
  app.get('/metrics', (c) => deps.metrics(plainContext(c, deps)) ?? c.notFound())
  app.all('/graphql', () => problem(405, 'invalid-input', 'POST with application/json'))
  answerWeb(app, deps.web)
  app.notFound(() => problem(404, 'not-found', 'there is nothing here'))
  app.onError(answerErrors(deps))
  return app
}

/** The control center; and to a person who mistyped an address, its page that says so. Programs are told in JSON. */
function answerWeb(app: Hono<GatewayEnv>, web: WebFiles): void {
  const programs = new Set(app.routes.map(({ path }) => firstPart(path)))
  app.get('*', (c) => {
    const { path } = c.req
    const found = web.answer(path, c.req.header('if-none-match'))
    if (found !== null) return found
    const isLost = isVisit(c.req.header('accept')) && !programs.has(firstPart(path))
    return (isLost ? web.answerLost(path) : null) ?? c.notFound()
  })
}

const firstPart = (path: string): string | undefined => path.split('/')[1]

/** Whether a browser asks for a page to show: a program that takes JSON, or anything, is none. */
const isVisit = (accept = ''): boolean => accept.includes('text/html') && !accept.includes('json')

/** The answer where none was made. */
const answerErrors =
  (deps: HttpDeps): ErrorHandler<GatewayEnv> =>
  (error, c) => {
    // what the audit log or the database could not take: it was not done, and may be asked again
    const refusal = refusalOf(error)
    if (refusal !== null) return withCookies(c, refusedOn(plainContext(c, deps).caller.transport, refusal))
    const requestId = c.get('requestId')
    deps.onError(error, requestId)
    const message = `something went wrong; ask with request id ${requestId}`
    return isVault(c) ? errorAnswer(500, message) : withCookies(c, problem(500, 'internal', message))
  }

/** What of an error is an answer to whoever asked; null: it is a fault of ours. */
function refusalOf(error: unknown): Refusal | null {
  if (error instanceof Refusal) return error
  if (!(error instanceof UnavailableError)) return null
  return new Refusal('unavailable', { retryAfterSeconds: 1 }, { cause: error })
}

interface Posts {
  readonly endpoints: Readonly<Record<string, (context: RequestContext) => Promise<Response>>>
  /** What is right instead of any other method. */
  readonly what: string
}

/** Endpoints that programs post to: cookies are not looked at. */
function answerPosts(app: Hono<GatewayEnv>, deps: HttpDeps, { endpoints, what }: Posts): void {
  for (const [path, answer] of Object.entries(endpoints)) {
    app.post(path, (c) => {
      const context = plainContext(c, deps)
      deps.door.entered(context.caller)
      return answer(context)
    })
    app.all(path, () => problem(405, 'invalid-input', what))
  }
}

/** No cache on the way shall answer in our place. */
const notKept = { 'cache-control': 'no-store' } as const

/** Says what every answer says on those that were made without it. */
const tellBrowsers: MiddlewareHandler = async (c, next) => {
  await next()
  if (isWhole(c.res)) return
  for (const [name, value] of Object.entries(headersOfAll)) c.res.headers.set(name, value)
}

/**
 * HSTS (RFC 6797): for our own host only, since others below its name are not ours to speak for, and only to who came
 * by TLS, to us or to a proxy of ours.
 */
function speakForOurHost({ strictTransport, isTrustedProxy }: HttpDeps): MiddlewareHandler {
  return async (c, next) => {
    await next()
    if (!strictTransport) return
    const { incoming } = (c.env ?? {}) as Partial<HttpBindings> // absent where no server stands before the app
    const peer = incoming?.socket.remoteAddress
    const byProxy = peer !== undefined && isTrustedProxy(peer)
    const encrypted = incoming !== undefined && 'encrypted' in incoming.socket
    if (encrypted || (byProxy && c.req.header('x-forwarded-proto') === 'https'))
      c.res.headers.set('strict-transport-security', `max-age=${strictTransportSeconds}`)
  }
}

/** A year, as is usual. */
const strictTransportSeconds = 31_536_000

const problem = (status: number, code: string, message: string): Response =>
  Response.json(
    { error: { code, message, requestId: runningRequest()?.requestId } },
    { status, headers: { 'cache-control': 'no-store' } },
  )

/** Vault's clients read errors in its own form, whatever refuses them. */
const isVault = (c: Context): boolean => c.req.path.startsWith(vaultPrefix)

/** Answers are one person's, for one moment. */
function notStored(response: Response): Response {
  if (isWhole(response)) return response
  // on the very response: a copy would read the body as a stream, which costs as much as all else that HTTP does
  response.headers.set('cache-control', 'no-store')
  return response
}

/** Cookies set while answering go along. */
function withCookies(c: Context, response: Response): Response {
  for (const cookie of c.res.headers.getSetCookie()) response.headers.append('set-cookie', cookie)
  return response
}

/**
 * What has a body is counted before it is read; what has none (RFC 9110 §9.3.1) is let by without a look. What is left
 * unread of a refused one is not for the next request of that connection to fail by: it is closed, and says so.
 */
function limitBodies(): MiddlewareHandler {
  const limit = bodyLimit({
    maxSize: bodyBytesMax,
    onError: (c) => {
      const message = `a body of at most ${bodyBytesMax} bytes`
      const refused = isVault(c) ? errorAnswer(413, message) : problem(413, 'invalid-input', message)
      refused.headers.set('connection', 'close')
      return refused
    },
  })
  return (c, next) => {
    if (c.req.method === 'GET' || c.req.method === 'HEAD') return next()
    // asked for its body, a request makes a stream of it, which costs more than to read it
    return saysShort(c.req.raw.headers) ? next() : limit(c, next)
  }
}

/** Whether a request says how long its body is, and that is within the limit: no server reads more than was said. */
function saysShort(headers: Headers): boolean {
  const length = headers.get('content-length')
  if (length === null || headers.has('transfer-encoding')) return false
  return /^\d+$/.test(length) && Number(length) <= bodyBytesMax
}
