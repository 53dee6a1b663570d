import { operations, publicOperationNames, Refusal, type OperationName } from '@gatehouse/contract'
import { initTRPC, TRPCError, type AnyRouter } from '@trpc/server'
import { fetchRequestHandler } from '@trpc/server/adapters/fetch'
import { challengeHeader, told, type RequestContext, type RefusalBody, type Runner } from './run.ts'

/** Calls in one batch; limits count calls, not requests. */
export const batchMax = 20

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
    isDev: false,
    allowOutsideOfServer: false,
    errorFormatter: ({ shape, error }) => {
      // tRPC's own refusals (no such procedure, a body that is not JSON) have no cause of ours
      const body =
        error.cause === undefined || (error.code === 'NOT_FOUND' && !(error.cause instanceof Refusal))
          ? ownBody(error)
          : told(error.cause).body
      return {
        message: shape.message,
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
    return procedure.subscription(({ ctx, input }) => streamOf(runner, ctx, name, input))
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

async function* streamOf(
  runner: Runner,
  context: RequestContext,
  name: OperationName,
  input: unknown,
): AsyncGenerator<unknown> {
  try {
    yield* await runner.subscribe(context, name, input)
  } catch (error) {
    throw asTrpcError(error)
  }
}

function ownBody(error: TRPCError): RefusalBody {
  const codes: Partial<Record<TRPCError['code'], string>> = {
    NOT_FOUND: 'not-found',
    BAD_REQUEST: 'invalid-input',
    PARSE_ERROR: 'invalid-input',
    METHOD_NOT_SUPPORTED: 'invalid-input',
    UNSUPPORTED_MEDIA_TYPE: 'invalid-input',
    PAYLOAD_TOO_LARGE: 'invalid-input',
  }
  return { code: codes[error.code] ?? 'internal' }
}

/** Answers one HTTP request at `/trpc/…`. */
export async function answerTrpc(router: AnyRouter, context: RequestContext): Promise<Response> {
  const { req } = context.http
  if (namesIn(req.path).length > batchMax)
    return Response.json(
      {
        error: {
          message: `at most ${batchMax} calls in a batch`,
          data: { httpStatus: 400, refusal: { code: 'invalid-input' } },
        },
      },
      { status: 400 },
    )
  const response = await fetchRequestHandler({
    endpoint,
    router,
    req: req.raw,
    createContext: () => context,
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
  return response
}

const namesIn = (path: string): string[] => decodeURIComponent(path.slice(endpoint.length + 1)).split(',')
