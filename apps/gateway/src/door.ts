import { Refusal } from '@gatehouse/contract'
import type { Transport } from '@gatehouse/enforcement'
import type { MiddlewareHandler } from 'hono'
import type { DoorLimiter } from './limits/limiter.ts'
import { plainContext, type ContextDeps, type GatewayEnv } from './request-context.ts'
import { vaultErrors } from './transit/answers.ts'
import { told, type RefusalBody, type RequestContext } from './transports/run.ts'

export interface DoorDeps extends ContextDeps {
  /** Counts each request once, before anything of it is read. */
  readonly door: Pick<DoorLimiter, 'admitRequest' | 'entered'>
  /** Called with an address that asks for somebody else and is not trusted to, once for each request. */
  readonly onUntrustedForwarding: (address: string) => void
  /** Records a request that was refused before it came to an operation. */
  readonly refused: (request: Pick<RequestContext, 'caller' | 'requestId'>, refusal: Refusal) => Promise<void>
}

/**
 * Refuses what is too much before it is read (threat C21): whatever a request is, and however it ends, it counts. The
 * refusal has the form of the transport that was asked.
 */
export const countAtTheDoor =
  (deps: DoorDeps): MiddlewareHandler<GatewayEnv> =>
  async (c, next) => {
    const context = plainContext(c, deps)
    const { address, forwards } = context.caller
    if (forwards === true && !deps.isTrustedProxy(address)) deps.onUntrustedForwarding(address)
    try {
      await deps.door.admitRequest(context.caller)
    } catch (error) {
      if (!(error instanceof Refusal)) throw error
      await deps.refused(context, error)
      return refusedOn(context.caller.transport, error)
    }
    return next()
  }

interface Told {
  readonly status: number
  readonly message: string
  readonly body: RefusalBody
}

/** A refusal as the callers of each transport read it. */
const forms = {
  graphql: ({ message, body }) => ({ errors: [{ message, extensions: body }] }),
  trpc: ({ message, status, body }) => ({ error: { message, data: { httpStatus: status, refusal: body } } }),
  vault: vaultErrors,
  http: ({ message, body }) => ({ error: { ...body, message } }),
  internal: ({ message, body }) => ({ error: { ...body, message } }),
} as const satisfies Record<Transport, (told: Told) => object>

/** The answer to a request that was refused before it came to an operation, in the form of its transport. */
export function refusedOn(transport: Transport, refusal: Refusal, status?: number): Response {
  const said = { ...told(refusal), ...(status === undefined ? {} : { status }) }
  const headers = new Headers({ 'cache-control': 'no-store' })
  if (said.body.retryAfterSeconds !== undefined) headers.set('retry-after', String(said.body.retryAfterSeconds))
  return Response.json(forms[transport](said), { status: said.status, headers })
}
