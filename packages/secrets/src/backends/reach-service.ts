import { shownText } from '@gatehouse/kit'
import {
  createOutboundHttp,
  OutboundError,
  type Outbound,
  type OutboundHttp,
  type OutboundRequest,
} from '@gatehouse/kit/outbound'
import { BackendError, type BackendProblem } from './backend-error.ts'
import { isThisMachine } from './this-machine.ts'

/** Where a service that speaks HTTP is, and how long it is waited for, with all that is asked of it at once. */
export interface ServiceContact {
  readonly outbound: Outbound
  /** Such as `https://vault.example.org:8200`, as `serviceAddress` reads it. */
  readonly address: string
  /** The certificate that is trusted instead of the system's; null: the system's are. */
  readonly authority: string | null
  readonly secondsMax: number
}

/** One request, by its path. */
export interface ServiceRequest extends Pick<OutboundRequest, 'method'> {
  /** With its query, of parts that are encoded. */
  readonly path: string
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: string
}

/** What it answered, of whatever status. */
export interface ServiceAnswer {
  readonly status: number
  readonly text: string
}

/** A service for one piece of work, which ends in time. */
export interface Service {
  /** Throws `BackendError` when it does not answer, or is not for us to contact. */
  ask(request: ServiceRequest): Promise<ServiceAnswer>
  readonly left: () => number
  /** What it last said that its clock is; null: nothing. */
  readonly saidAt: () => Date | null
}

/** Longer than any answer to a question of ours; a list of a hundred thousand leases is shorter. */
const answerBytesMax = 16 * 1024 * 1024

const unfit = (what: string): BackendError => new BackendError('unfit', `the address ${what}`)

/**
 * Reads the address of a service: a scheme, a host and a port, no more. In plain text only this very machine is
 * contacted.
 */
export function serviceAddress(text: string): string {
  const url = URL.parse(text)
  if (url === null || !['https:', 'http:'].includes(url.protocol)) throw unfit('does not begin with https://')
  if (url.username !== '' || url.password !== '') throw unfit('has a user name or a password in it')
  if (url.pathname !== '/' || url.search !== '' || url.hash !== '') throw unfit('has more than a host and a port')
  if (url.protocol === 'http:' && !isThisMachine(url.hostname.replace(/^\[(.*)\]$/, '$1')))
    throw new BackendError('refused', 'without TLS only a service on this very machine is contacted: say https://')
  return url.origin
}

/** Reaches a service through the gate: each request goes to the address that was looked at, and follows no redirect. */
export function reachService({ outbound, address, authority, secondsMax }: ServiceContact): Service {
  const authorities = authority === null ? {} : { authorities: [authority] }
  const http = createOutboundHttp({ outbound, reach: 'anywhere', ...authorities })
  const origin = serviceAddress(address)
  const until = performance.now() + secondsMax * 1000
  const left = (): number => (until - performance.now()) / 1000
  let saidAt: Date | null = null
  return {
    left,
    saidAt: () => saidAt,
    ask: async (request) => {
      if (left() <= 0) throw new BackendError('unreachable', `it was not done within ${secondsMax} s`)
      const { answer, at } = await answerOf(http, { ...request, url: `${origin}${request.path}`, secondsMax: left() })
      saidAt = at ?? saidAt
      return answer
    },
  }
}

type Sent = ServiceRequest & Pick<OutboundRequest, 'url' | 'secondsMax'>

async function answerOf(
  http: OutboundHttp,
  { path: _, ...request }: Sent,
): Promise<{ readonly answer: ServiceAnswer; readonly at: Date | null }> {
  try {
    const { status, body, headers } = await http.send({ ...request, answerBytesMax, plain: 'allowed' })
    const at = new Date(headers.date ?? '')
    const answer = { status, text: Buffer.from(body).toString('utf8') }
    return { answer, at: Number.isNaN(at.getTime()) ? null : at }
  } catch (error) {
    throw error instanceof OutboundError ? outboundProblem(error) : error
  }
}

const problems: Readonly<Record<OutboundError['reason'], BackendProblem>> = {
  refused: 'refused',
  unreachable: 'unreachable',
  untrusted: 'unfit',
  late: 'unreachable',
  redirected: 'unfit',
  'too-large': 'unfit',
  broken: 'unreachable',
}

/** What a failure of the gate's means. */
export const outboundProblem = (error: OutboundError): BackendError =>
  new BackendError(problems[error.reason], `the service cannot be used: ${error.message}`, { cause: error })

/** What an answer says, if it is JSON; null: it is not, so it is of somebody who stands before the service. */
export function jsonOf({ text }: ServiceAnswer): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return null
  }
}

/** Longer words of a service's are not for a list. */
const wordsMax = 200

/** Words of a service's, fit to be shown. */
export const wordsOf = (text: string): string => shownText(text).slice(0, wordsMax)

/** How a service refused: kept as the cause of a `BackendError`, for who has to tell a wrong secret from the rest. */
export class ServiceRefusal extends Error {
  override readonly name = 'ServiceRefusal'
  readonly status: number

  constructor(status: number) {
    super(`it answered ${status}`)
    this.status = status
  }
}

/** True when a service does not take the secret that we have for it. */
export const isRefusedBy =
  (...statuses: readonly number[]) =>
  (error: unknown): boolean =>
    error instanceof BackendError && error.cause instanceof ServiceRefusal && statuses.includes(error.cause.status)
