import type { RefusalCode } from './generated/operations.ts'

/** One field that is wrong, and what would be right. */
export interface FieldProblem {
  readonly path: string
  readonly message: string
}

/** What goes with a refusal; which of it is there depends on the code. */
export interface RefusalDetails {
  readonly fields?: readonly FieldProblem[]
  readonly reason?: string
  readonly policies?: readonly string[]
  readonly assurance?: 'mfa' | 'su'
  readonly maxAgeSeconds?: number
  readonly retryAfterSeconds?: number
  /** Of `unavailable`: what was asked may have been done; look before asking again. Absent: nothing was. */
  readonly mayBeDone?: true
  readonly approvalId?: string
  readonly hint?: string
  readonly requestId?: string
}

/**
 * A call that was not answered with an output. `internal` is a failure of the server, whose log has it under
 * `details.requestId`; `unreachable` is no answer, or none of a Gatehouse. A newer server may know other codes.
 */
export class GatehouseRefusal extends Error {
  override readonly name = 'GatehouseRefusal'
  readonly code: RefusalCode | 'internal' | 'unreachable' | (string & {})
  /** The HTTP status; null where there was no answer. */
  readonly status: number | null
  readonly details: RefusalDetails

  constructor(code: string, message: string, more: RefusalParts = {}) {
    super(message, more.cause === undefined ? undefined : { cause: more.cause })
    this.code = code
    this.status = more.status ?? null
    this.details = more.details ?? {}
  }
}

interface RefusalParts {
  readonly status?: number
  readonly details?: RefusalDetails
  readonly cause?: unknown
}

/** Whether something that was thrown is a refusal, and one of these codes where some are named. */
export const isRefusal = (
  error: unknown,
  ...codes: readonly (RefusalCode | 'internal' | 'unreachable')[]
): error is GatehouseRefusal =>
  error instanceof GatehouseRefusal && (codes.length === 0 || codes.some((code) => code === error.code))

/** The refusal in the error of an answer, as tRPC wraps it. */
export const refusalOf = (envelope: unknown, status: number): GatehouseRefusal => {
  const { code, ...details } = recordOf(recordOf(recordOf(envelope)['data'])['refusal'])
  const message = String(recordOf(envelope)['message'] ?? '')
  if (typeof code !== 'string')
    return new GatehouseRefusal('unreachable', `the server answered ${status} with something that is no Gatehouse's`, {
      status,
    })
  return new GatehouseRefusal(code, message, { status, details })
}

/** An object's fields; none for what is no object. */
export const recordOf = (value: unknown): Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null ? (value as Readonly<Record<string, unknown>>) : {} // checked just now
