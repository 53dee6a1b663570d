import {
  operations,
  publicOperationNames,
  Refusal,
  type OperationName,
  type RefusalCode,
  type RefusalDetails,
} from '@gatehouse/contract'
import { Fault } from '@gatehouse/enforcement'
import { initTRPC, TRPCError, type AnyRouter } from '@trpc/server'
import { resolveResponse } from '@trpc/server/http'
import { wholeAnswer } from '../whole-answer.ts'
import { mappedStream } from './mapped-stream.ts'
import { challengeHeader, told, type RequestContext, type Runner } from './run.ts'

/** Calls in one batch; limits count calls, not requests. */
export const batchMax = 20

/** A quiet stream says so often that it is alive; graphql-sse does it every 12 s by itself. */
const pingMilliseconds = 10_000

const endpoint = '/trpc'

const codeOfStatus = {
  400: 'BAD_REQUEST',
  401: 'UNAUTHORIZED',
  403: 'FORBIDDEN',
  404: 'NOT_FOUND',
  409: 'CONFLICT',
  429: 'TOO_MANY_REQUESTS',
  500: 'INTERNAL_SERVER_ERROR',
  503: 'SERVICE_UNAVAILABLE',
} as const satisfies Record<number, TRPCError['code']>

function asTrpcError(error: unknown): TRPCError {
  const { status, message } = told(error)
  return new TRPCError({
    code: codeOfStatus[status as keyof typeof codeOfStatus] ?? 'INTERNAL_SERVER_ERROR',
    message,
    cause: error,
  })
}

/** One procedure per declared operation, by the same loop as everything else. */
export function buildRouter(runner: Runner): AnyRouter {
  const t = initTRPC.context<RequestContext>().create({
    // whose client is gone without a word is noticed when it is written to
    sse: { ping: { enabled: true, intervalMs: pingMilliseconds } },
    isDev: false,
    allowOutsideOfServer: false,
    errorFormatter: ({ shape, error }) => {
      // tRPC's own refusals (no such procedure, a body that is not JSON) have no cause of ours
      const { message, body } = isOurs(error.cause) ? told(error.cause) : ownRefusal(error)
      return {
        message,
        code: shape.code,
        data: { code: error.code, httpStatus: shape.data.httpStatus, path: shape.data.path, refusal: body },
      }
    },
  })
  const procedure = t.procedure.input((raw: unknown) => raw)

  const procedureOf = (name: OperationName) => {
    const run = async ({ ctx, input }: { ctx: RequestContext; input: unknown }): Promise<unknown> => {
      try {
        return await runner.call(ctx, name, input)
      } catch (error) {
        throw asTrpcError(error)
      }
    }
    if (operations[name].kind === 'query') return procedure.query(run)
    if (operations[name].kind === 'mutation') return procedure.mutation(run)
    return procedure.subscription(({ ctx, input }) => streamOf(runner, ctx, { name, input }))
  }

  const nouns = Map.groupBy(publicOperationNames, (name) => name.split('.')[0] ?? name)
  return t.router(
    Object.fromEntries(
      [...nouns].map(([noun, names]) => [
        noun,
        t.router(Object.fromEntries(names.map((name) => [name.slice(noun.length + 1), procedureOf(name)]))),
      ]),
    ),
  )
}

const streamOf = (
  runner: Runner,
  context: RequestContext,
  { name, input }: { readonly name: OperationName; readonly input: unknown },
): AsyncIterable<unknown> =>
  mappedStream({ open: () => runner.subscribe(context, name, input), item: (item) => item, error: asTrpcError })

const isOurs = (cause: unknown): boolean => cause instanceof Refusal || cause instanceof Fault

interface OwnRefusal {
  readonly message: string
  readonly body: RefusalDetails & { readonly code: RefusalCode | 'internal' }
}

const invalid = (path: string, message: string): OwnRefusal => ({
  message: `${path}: ${message}`,
  body: { code: 'invalid-input', fields: [{ path, message }] },
})

/** What tRPC refuses by itself, in our words: its own may hold the engine's message, and with it what was sent. */
const ownRefusals: Partial<Record<TRPCError['code'], OwnRefusal>> = {
  NOT_FOUND: { message: 'there is no such operation', body: { code: 'not-found' } },
  BAD_REQUEST: invalid('input', 'one JSON value, or one for each call of a batch'),
  PARSE_ERROR: invalid('input', 'one JSON value, or one for each call of a batch'),
  METHOD_NOT_SUPPORTED: invalid('method', 'GET for queries and streams, POST for mutations'),
  UNSUPPORTED_MEDIA_TYPE: invalid('content-type', 'application/json'),
  PAYLOAD_TOO_LARGE: invalid('input', 'a smaller body'),
}

const ownRefusal = (error: TRPCError): OwnRefusal =>
  ownRefusals[error.code] ?? { message: 'something went wrong', body: { code: 'internal' } }

export interface TrpcRequest {
  readonly router: AnyRouter
  readonly runner: Runner
  readonly context: RequestContext
}

/** Answers one HTTP request at `/trpc/…`. */
export async function answerTrpc({ router, runner, context }: TrpcRequest): Promise<Response> {
  const names = namesIn(context.http.req.path)
  const early = names === null ? new Refusal('not-found') : (tooMany(names) ?? notJson(context))
  if (early !== null) {
    await runner.refused(context, early)
    return refusedAs(early)
  }
  const single = singleCall(context, names ?? [])
  const outcome = single === null ? null : await answerSingle(runner, context, single)
  if (outcome instanceof Response) return outcome
  return answerByLibrary({ router, runner, context }, outcome)
}

/** A call that comes by itself, without anything of the protocol's that is seldom used. */
interface SingleCall {
  readonly name: OperationName
  /** What a query was given with its path; null: what is sent is in the body. */
  readonly input: string | null
}

/** How requests that the library may answer otherwise are told from the rest. */
function singleCall({ http: { req } }: RequestContext, names: readonly string[]): SingleCall | null {
  const [name] = names
  if (names.length !== 1 || name === undefined || !isPublic(name)) return null
  const { kind } = operations[name]
  if (req.method !== methodOf[kind] || asksForStream(req.raw.headers)) return null
  const query = req.url.includes('?') ? [...new URL(req.url).searchParams] : []
  if (req.method === 'POST') return query.length === 0 ? { name, input: null } : null
  const [first, ...more] = query
  if (first === undefined) return { name, input: '' }
  return first[0] === 'input' && more.length === 0 ? { name, input: first[1] } : null
}

const publicNames: ReadonlySet<string> = new Set(publicOperationNames)
const isPublic = (name: string): name is OperationName => publicNames.has(name)

/** By which method operations are asked for; subscriptions are the library's. */
const methodOf = { query: 'GET', mutation: 'POST', subscription: null } as const

const asksForStream = (headers: Headers): boolean =>
  headers.has('trpc-accept') || (headers.get('accept') ?? '').includes('jsonl')

/**
 * What the library answers to such a call, without its copies of all that is asked, its clocks for streams and its
 * signals, which cost as much as a look at the policies: almost all calls are of this kind. What goes wrong is for the
 * library to say.
 */
async function answerSingle(
  runner: Runner,
  context: RequestContext,
  { name, input }: SingleCall,
): Promise<Response | TRPCError> {
  try {
    const make = (data: unknown): Response =>
      wholeAnswer(JSON.stringify({ result: { data } }), { requestId: context.requestId, headers: jsonHeaders })
    return await runner.made(context, { name, raw: await rawInput(context, input), make })
  } catch (error) {
    return error instanceof TRPCError ? error : asTrpcError(error)
  }
}

const jsonHeaders = { 'content-type': 'application/json', vary: 'trpc-accept, accept' } as const

async function rawInput({ http }: RequestContext, input: string | null): Promise<unknown> {
  try {
    const text = input ?? (await http.req.raw.text())
    return text === '' ? undefined : JSON.parse(text)
  } catch (cause) {
    throw new TRPCError({ code: 'BAD_REQUEST', message: 'the input is no JSON', cause })
  }
}

/** Has the library answer, or say what went wrong. */
async function answerByLibrary({ router, runner, context }: TrpcRequest, error: TRPCError | null): Promise<Response> {
  const { req } = context.http
  const recorded: Promise<void>[] = []
  const response = await resolveResponse({
    router,
    req: req.raw,
    path: pathOf(req.url),
    error,
    createContext: () => Promise.resolve(context),
    // what tRPC refuses by itself never came to an operation: it is recorded as a request
    onError: ({ error: thrown }) => {
      if (isOurs(thrown.cause)) return
      const { body } = ownRefusal(thrown)
      if (body.code !== 'internal') recorded.push(heardLater(runner.refused(context, new Refusal(body.code))))
    },
    responseMeta: ({ errors }) => {
      const first = errors[0]
      if (first === undefined) return {}
      const { status, body } = told(first.cause)
      const challenge = challengeHeader(body, status)
      return {
        headers: new Headers({
          ...(challenge === null ? {} : { 'WWW-Authenticate': challenge }),
          ...(body.retryAfterSeconds === undefined ? {} : { 'Retry-After': String(body.retryAfterSeconds) }),
        }),
      }
    },
  })
  await Promise.all(recorded)
  return response
}

/**
 * Work that is waited for once the answer is made. The other calls of a batch may take longer than what cannot be
 * recorded takes to fail, and a failure that nobody hears ends the process.
 */
function heardLater(work: Promise<void>): Promise<void> {
  work.catch(() => undefined)
  return work
}

/** What the library calls the path: behind the endpoint, as it was sent. */
const pathOf = (url: string): string => new URL(url).pathname.slice(endpoint.length).replaceAll(/^\/|\/$/g, '')

const tooMany = (names: readonly string[]): Refusal | null => {
  if (names.length <= batchMax) return null
  return new Refusal('invalid-input', { fields: [{ path: 'path', message: `at most ${batchMax} calls in a batch` }] })
}

/** Only JSON: a form or bytes, which tRPC reads as well, are what a foreign page could send. */
function notJson({ http: { req } }: RequestContext): Refusal | null {
  if (req.method !== 'POST') return null
  const type = req.header('content-type')?.split(';')[0]?.trim().toLowerCase()
  if (type === 'application/json') return null
  return new Refusal('invalid-input', { fields: [{ path: 'content-type', message: 'application/json' }] })
}

function refusedAs(refusal: Refusal): Response {
  const { status, message, body } = told(refusal)
  return Response.json({ error: { message, data: { httpStatus: status, refusal: body } } }, { status })
}

/** The operations that a path names; null for a path that no text leads to (`%` without two digits behind it). */
function namesIn(path: string): readonly string[] | null {
  try {
    return decodeURIComponent(path.slice(endpoint.length + 1)).split(',')
  } catch {
    return null
  }
}
