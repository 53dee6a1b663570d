import { ApolloServer, HeaderMap, type ApolloServerPlugin } from '@apollo/server'
import { ApolloServerPluginLandingPageDisabled } from '@apollo/server/plugin/disabled'
import { Refusal } from '@gatehouse/contract'
import {
  getOperationAST,
  getVariableValues,
  GraphQLError,
  validate,
  type DocumentNode,
  type ExecutionResult,
  type GraphQLFormattedError,
  type GraphQLSchema,
} from 'graphql'
import { createHandler } from 'graphql-sse/lib/use/fetch'
import { z } from 'zod'
import { costOf, refuseTooCostly } from './graphql-cost.ts'
import { nestedCalls } from './graphql-edges.ts'
import { guardDocument } from './graphql-guard.ts'
import { misplaced, type Place } from './graphql-place.ts'
import { documentProblems } from './graphql-problems.ts'
import { buildSchema } from './graphql-schema.ts'
import { variablesProblem } from './graphql-variables.ts'
import { endingTold } from './mapped-stream.ts'
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
  const nested = nestedCalls(runner)
  const schema = buildSchema<GraphqlContext>({
    call: ({ request }, name, raw) => runner.call(request, name, raw),
    nested: ({ request }, name, raw) => nested(request, name, raw),
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
  const reading = { runner, schema, introspection: options.introspection }
  const sse = streamHandler(reading)
  return {
    answer: (context) => answer(apollo, context, reading),
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
        // a hundred misfits of one document say no more than the first, which names every field
        if (result?.errors !== undefined && errors?.every(isOfTheDocument) === true)
          result.errors = result.errors.slice(0, 1)
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

/** Says what a document cost, so that who writes one knows how near its limit it is. */
const costHeader = 'graphql-cost'

/** What was asked and guarded, and the document as it was parsed. */
interface Document extends z.output<typeof Body> {
  readonly document: DocumentNode
  /** What it would cost. */
  readonly cost: number
}

const wrong = (path: string, message: string): Refusal => new Refusal('invalid-input', { fields: [{ path, message }] })

/** What reading a request needs. */
interface Reading {
  readonly runner: Runner
  readonly schema: GraphQLSchema
  /** Whether the schema may be asked for. */
  readonly introspection: boolean
}

/**
 * Reads and guards what a request asks. What leaves here is what is executed, text by text: nobody reads the request a
 * second time (threat C20).
 */
async function readGuarded(
  context: RequestContext,
  path: Place['path'],
  { runner, schema, introspection }: Reading,
): Promise<Document> {
  const { req } = context.http
  const raw = req.method === 'GET' ? askedInUrl(req.raw.url) : await askedInBody(context)
  const body = Body.safeParse(raw)
  if (!body.success) throw wrong('query', 'a JSON object with query, variables and operationName')
  const { query, operationName, variables } = body.data
  const tooMuch = variablesProblem(variables ?? {})
  if (tooMuch !== null) throw wrong('variables', tooMuch)
  const document = guardDocument(query, { unknown: await runner.whyUnknown(context.caller), introspection })
  const elsewhere = misplaced(document, operationName, { path, method: req.method })
  if (elsewhere !== null) throw wrong('query', elsewhere)
  const cost = costOf(schema, { document, operationName, variables })
  refuseTooCostly(cost)
  return { ...body.data, document, cost }
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
const withoutNulls = ({ query, operationName, variables }: Document): Record<string, unknown> =>
  Object.fromEntries(
    Object.entries({ query, operationName, variables }).filter(([, value]) => value !== null && value !== undefined),
  )

async function answer(
  apollo: ApolloServer<GraphqlContext>,
  context: RequestContext,
  reading: Reading,
): Promise<Response> {
  try {
    const body = await readGuarded(context, 'graphql', reading)
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
    const told = { ...Object.fromEntries(answered), [costHeader]: String(body.cost) }
    return new Response(result.string, { status: status ?? 200, headers: told })
  } catch (error) {
    return refusedEarly(reading.runner, context, error)
  }
}

/** What is refused here never came to an operation: it is recorded as a request. Anything else is a fault of ours. */
async function refusedEarly(runner: Runner, context: RequestContext, error: unknown): Promise<Response> {
  if (!(error instanceof Refusal)) throw error
  await runner.refused(context, error)
  return refused(error)
}

function streamHandler(reading: Reading): (context: RequestContext) => Promise<Response> {
  const { runner, schema } = reading
  const requests = new WeakMap<Request, RequestContext>()
  const handle = createHandler<GraphqlContext>({
    schema,
    validate: () => [], // done before, see `refuseMisfits`
    authenticate: () => null, // distinct connections only
    context: ({ raw }) => ({ request: requestOf(requests, raw) }),
    onOperation: (...[, , , result]) => (isStream(result) ? toldOfItsEnd(result) : undefined),
    onNext: (_context, _request, result) =>
      'errors' in result && result.errors !== undefined
        ? { ...result, errors: result.errors.map(asLeaving) }
        : undefined,
  })
  return async (context) => {
    try {
      const asked = await readGuarded(context, 'stream', reading)
      await refuseMisfits(schema, asked, () => runner.isKnown(context.caller))
      const guarded = asStreamRequest(context, asked)
      requests.set(guarded, context)
      return await handle(guarded)
    } catch (error) {
      return refusedEarly(runner, context, error)
    }
  }
}

/** The stream's handler has one way to say that a document does not fit, and it is none of ours. */
async function refuseMisfits(
  schema: GraphQLSchema,
  { document, operationName, variables }: Document,
  isKnown: () => Promise<boolean>,
): Promise<void> {
  const misfits = misfitsOf(schema, { document, operationName, variables: variables ?? {} })
  if (misfits.length === 0) return
  const place = { path: 'query', message: 'a document that fits the schema' }
  const fields = (await isKnown())
    ? documentProblems({ schema, document, variables: variables ?? {} }, misfits)
    : [place]
  throw new Refusal('invalid-input', { fields: [...fields] })
}

/** What of a document, or of the variables it is asked with, does not fit the schema. */
function misfitsOf(
  schema: GraphQLSchema,
  { document, operationName, variables }: Pick<Document, 'document' | 'operationName'> & { variables: object },
): readonly GraphQLError[] {
  const misfits = validate(schema, document)
  if (misfits.length > 0) return misfits
  const definitions = getOperationAST(document, operationName)?.variableDefinitions ?? []
  return getVariableValues(schema, definitions, { ...variables }, { maxErrors: 1 }).errors ?? []
}

const isStream = (result: unknown): result is AsyncIterable<ExecutionResult> =>
  typeof result === 'object' && result !== null && Symbol.asyncIterator in result

/** What a stream ends with is its last item: thrown at its handler, it would break the connection instead. */
const toldOfItsEnd = (stream: AsyncIterable<ExecutionResult>): AsyncGenerator<ExecutionResult, void> =>
  endingTold(stream, (error) => ({ errors: [asGraphqlError(error)] }))

const asGraphqlError = (error: unknown): GraphQLError =>
  error instanceof GraphQLError
    ? error
    : new GraphQLError('the stream has ended', { originalError: error instanceof Error ? error : null })

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
