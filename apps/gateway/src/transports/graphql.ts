import { ApolloServer, HeaderMap, type ApolloServerPlugin } from '@apollo/server'
import { ApolloServerPluginLandingPageDisabled } from '@apollo/server/plugin/disabled'
import { Refusal } from '@gatehouse/contract'
import { GraphQLError, type GraphQLFormattedError, type GraphQLSchema } from 'graphql'
import { createHandler } from 'graphql-sse/lib/use/fetch'
import { z } from 'zod'
import { guardDocument } from './graphql-guard.ts'
import { documentProblems } from './graphql-problems.ts'
import { buildSchema } from './graphql-schema.ts'
import { challengeHeader, told, type RequestContext, type Runner } from './run.ts'

/** What is executed of a request; extensions are not, so they do not come further than this. */
const Body = z.object({
  query: z.string().max(100_000),
  operationName: z.string().max(256).nullish(),
  variables: z.record(z.string(), z.unknown()).nullish(),
})

/** What resolvers get. */
type GraphqlContext = { readonly request: RequestContext }

export interface GraphqlTransport {
  /** `POST /graphql`. */
  answer(context: RequestContext): Promise<Response>
  /** `GET|POST /graphql/stream`, graphql-sse in distinct connections mode. */
  stream(context: RequestContext): Promise<Response>
  stop(): Promise<void>
}

export async function openGraphql(
  runner: Runner,
  options: { readonly introspection: boolean },
): Promise<GraphqlTransport> {
  const schema = buildSchema<GraphqlContext>({
    call: ({ request }, name, raw) => runner.call(request, name, raw),
    subscribe: ({ request }, name, raw) => runner.subscribe(request, name, raw),
  })
  const apollo = new ApolloServer<GraphqlContext>({
    schema,
    introspection: options.introspection,
    persistedQueries: false, // a document by its hash would not come past the guard
    includeStacktraceInErrorResponses: false,
    hideSchemaDetailsFromClientErrors: true,
    formatError: (_formatted, error) => formatted(error),
    plugins: [ApolloServerPluginLandingPageDisabled(), statusOfRefusal, placesOfMisfits(runner)],
    csrfPrevention: true,
    stopOnTerminationSignals: false,
  })
  await apollo.start()
  const sse = streamHandler(runner, schema, options.introspection)
  return {
    answer: (context) => answer(apollo, runner, context, options.introspection),
    stream: (context) => sse(context),
    stop: () => apollo.stop(),
  }
}

/** A document with one refused root field answers with the refusal's HTTP status; a partial answer stays 200. */
const statusOfRefusal: ApolloServerPlugin<GraphqlContext> = {
  requestDidStart: () =>
    Promise.resolve({
      willSendResponse: ({ response, errors }) => {
        const result = response.body.kind === 'single' ? response.body.singleResult : undefined
        const failed =
          result?.data === null ||
          result?.data === undefined ||
          Object.values(result.data).every((value) => value === null)
        const first = errors?.[0]?.originalError
        if (failed && first !== undefined)
          Object.entries(refusalHeaders(first)).forEach(([name, value]) => response.http.headers.set(name, value))
        if (failed && first instanceof Refusal) response.http.status = told(first).status
        return Promise.resolve()
      },
    }),
}

/** Tells a known caller which field of a document does not fit the schema. */
const placesOfMisfits = (runner: Runner): ApolloServerPlugin<GraphqlContext> => ({
  requestDidStart: () =>
    Promise.resolve({
      didEncounterErrors: async ({ schema, document, request, errors, contextValue }) => {
        const misfits = errors.filter(isOfTheDocument)
        if (misfits.length === 0 || document === undefined) return
        if (!(await runner.isKnown(contextValue.request.caller))) return
        const fields = documentProblems({ schema, document, variables: request.variables ?? {} }, misfits)
        for (const { extensions } of misfits) Object.assign(extensions, { fields })
      },
    }),
})

function refusalHeaders(error: unknown): Record<string, string> {
  const { status, body } = told(error)
  const challenge = challengeHeader(body, status)
  return {
    ...(challenge === null ? {} : { 'www-authenticate': challenge }),
    ...(body.retryAfterSeconds === undefined ? {} : { 'retry-after': String(body.retryAfterSeconds) }),
  }
}

/**
 * What leaves of an error: a refusal with its code, a mistake in the document without schema hints, a fault with its
 * id.
 */
function formatted(error: unknown): GraphQLFormattedError {
  const original = error instanceof GraphQLError ? error.originalError : error
  const path = error instanceof GraphQLError ? error.path : undefined
  if (original === undefined || original === null || (error instanceof GraphQLError && isOfTheDocument(error))) {
    const fields: unknown = error instanceof GraphQLError ? error.extensions['fields'] : undefined
    return {
      message: 'the document does not fit the schema',
      extensions: { code: 'invalid-input', ...(fields === undefined ? {} : { fields }) },
    }
  }
  const { message, body } = told(original)
  return { message, ...(path === undefined ? {} : { path }), extensions: { ...body } }
}

/** Apollo's own codes for documents that cannot run. */
const documentCodes: ReadonlySet<unknown> = new Set([
  'GRAPHQL_PARSE_FAILED',
  'GRAPHQL_VALIDATION_FAILED',
  'BAD_USER_INPUT',
  'OPERATION_RESOLUTION_FAILURE',
  'BAD_REQUEST',
  'PERSISTED_QUERY_NOT_FOUND',
])
const isOfTheDocument = (error: GraphQLError): boolean =>
  !(error.originalError instanceof Refusal) && documentCodes.has(error.extensions['code'])

const refused = (error: unknown): Response => {
  const { status, message, body } = told(error)
  return Response.json({ errors: [{ message, extensions: body }] }, { status, headers: refusalHeaders(error) })
}

type Document = z.output<typeof Body>

const wrong = (path: string, message: string): Refusal => new Refusal('invalid-input', { fields: [{ path, message }] })

/**
 * Reads and guards what a request asks. What leaves here is what is executed, text by text: nobody reads the request a
 * second time (threat C20).
 */
async function readGuarded(context: RequestContext, runner: Runner, introspection: boolean): Promise<Document> {
  const { req } = context.http
  const raw = req.method === 'GET' ? askedInUrl(req.raw.url) : await askedInBody(context)
  const body = Body.safeParse(raw)
  if (!body.success) throw wrong('query', 'a JSON object with query, variables and operationName')
  guardDocument(body.data.query, { known: await runner.isKnown(context.caller), introspection })
  return body.data
}

/** Only JSON: other content types are what a foreign form could send. */
async function askedInBody({ http: { req } }: RequestContext): Promise<unknown> {
  const type = req.header('content-type')?.split(';')[0]?.trim().toLowerCase()
  if (type !== 'application/json') throw wrong('content-type', 'application/json')
  return req.json().catch(() => {
    throw wrong('body', 'a JSON object with query, variables and operationName')
  })
}

/** The parameters of GraphQL over HTTP, as the URL standard reads them; a document ends at no `#` here. */
function askedInUrl(url: string): unknown {
  const parameters = new URL(url).searchParams
  const json = (name: string): unknown => {
    const text = parameters.get(name)
    if (text === null) return undefined
    try {
      return JSON.parse(text)
    } catch {
      throw wrong(name, 'a JSON object')
    }
  }
  return {
    query: parameters.get('query') ?? undefined,
    operationName: parameters.get('operationName') ?? undefined,
    variables: json('variables'),
  }
}

/** Apollo tells an absent field from a null one. */
const withoutNulls = (body: Document): Record<string, unknown> =>
  Object.fromEntries(Object.entries(body).filter(([, value]) => value !== null && value !== undefined))

async function answer(
  apollo: ApolloServer<GraphqlContext>,
  runner: Runner,
  context: RequestContext,
  introspection: boolean,
): Promise<Response> {
  try {
    const body = await readGuarded(context, runner, introspection)
    const headers = new HeaderMap([['content-type', 'application/json']])
    const {
      status,
      headers: answered,
      body: result,
    } = await apollo.executeHTTPGraphQLRequest({
      context: () => Promise.resolve({ request: context }),
      httpGraphQLRequest: { method: 'POST', headers, search: '', body: withoutNulls(body) },
    })
    if (result.kind !== 'complete') throw new TypeError('incremental delivery is off')
    return new Response(result.string, { status: status ?? 200, headers: Object.fromEntries(answered) })
  } catch (error) {
    return refusedEarly(runner, context, error)
  }
}

/** What is refused here never came to an operation: it is recorded as a request. */
async function refusedEarly(runner: Runner, context: RequestContext, error: unknown): Promise<Response> {
  if (error instanceof Refusal) await runner.refused(context, error)
  return refused(error)
}

function streamHandler(
  runner: Runner,
  schema: GraphQLSchema,
  introspection: boolean,
): (context: RequestContext) => Promise<Response> {
  const requests = new WeakMap<Request, RequestContext>()
  const handle = createHandler<GraphqlContext>({
    schema,
    authenticate: () => null, // distinct connections only
    context: ({ raw }) => ({ request: requestOf(requests, raw) }),
    onNext: (_context, _request, result) =>
      'errors' in result && result.errors !== undefined
        ? { ...result, errors: result.errors.map(asLeaving) }
        : undefined,
  })
  return async (context) => {
    try {
      const guarded = asStreamRequest(context, await readGuarded(context, runner, introspection))
      requests.set(guarded, context)
      return await handle(guarded)
    } catch (error) {
      return refusedEarly(runner, context, error)
    }
  }
}

function requestOf(requests: WeakMap<Request, RequestContext>, raw: Request): RequestContext {
  const context = requests.get(raw)
  if (context === undefined) throw new TypeError('a stream without its request')
  return context
}

const asLeaving = (error: GraphQLError): GraphQLError => {
  const { message, path, extensions } = formatted(error)
  return new GraphQLError(message, { path: path === undefined ? null : [...path], extensions })
}

/** The request that the stream's handler reads: made of what was guarded, and of nothing that the caller wrote. */
function asStreamRequest({ http: { req } }: RequestContext, document: Document): Request {
  return new Request(new URL('/graphql/stream', req.raw.url), {
    method: 'POST',
    headers: { 'content-type': 'application/json', accept: 'text/event-stream' },
    body: JSON.stringify(withoutNulls(document)),
    signal: req.raw.signal,
  })
}
