import { randomUUID } from 'node:crypto'

/** Where in a trace we are (W3C Trace Context, level 1). */
export interface TraceContext {
  /** 32 hexadecimal digits. */
  readonly traceId: string
  /** 16 hexadecimal digits: who asks, or the part of the work that is under way. */
  readonly spanId: string
  readonly sampled: boolean
  /** What vendors say of it, as it came; empty: nothing. */
  readonly state: string
}

/** As long as version 00 is. */
const textLength = 55

const traceparentForm = /^([0-9a-f]{2})-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})(?:-.*)?$/

/**
 * Reads `traceparent` and `tracestate` (W3C Trace Context §3.2, §3.3). Null for what is none, and for zeros: a new
 * trace is begun then, as the standard has it. A bad `tracestate` is left out, and spoils nothing.
 */
export function parseTraceContext(traceparent: string | undefined, tracestate?: string): TraceContext | null {
  if (traceparent === undefined || traceparent.length > tracestateCharactersMax) return null
  const [, version, traceId = '', spanId = '', flags = ''] = traceparentForm.exec(traceparent) ?? []
  if (version === undefined || version === 'ff') return null
  // a later version may say more behind these fields, and version 00 may not
  if (version === '00' && traceparent.length !== textLength) return null
  if (/^0+$/.test(traceId) || /^0+$/.test(spanId)) return null
  return { traceId, spanId, sampled: (Number.parseInt(flags, 16) & 1) === 1, state: parseTracestate(tracestate) }
}

/** What `traceparent` says of a context: version 00, and of the flags the one that is known. */
export const traceparentOf = ({ traceId, spanId, sampled }: Omit<TraceContext, 'state'>): string =>
  `00-${traceId}-${spanId}-${sampled ? '01' : '00'}`

/** More members, or longer ones, are dropped whole: half of a vendor's words is worth nothing (§3.3.1.5). */
const tracestateMembersMax = 32
const tracestateCharactersMax = 512

/** A vendor's key, alone or with its tenant's before it, and a value of printable characters but `,` and `=`. */
const keyForm = /^(?:[a-z0-9][a-z0-9_\-*/]{0,255}|[a-z0-9][a-z0-9_\-*/]{0,240}@[a-z][a-z0-9_\-*/]{0,13})$/
const valueForm = /^[\x20-\x2b\x2d-\x3c\x3e-\x7e]{0,255}[\x21-\x2b\x2d-\x3c\x3e-\x7e]$/

function isMember(text: string): boolean {
  const at = text.indexOf('=')
  return at > 0 && keyForm.test(text.slice(0, at)) && valueForm.test(text.slice(at + 1))
}

function parseTracestate(text: string | undefined): string {
  if (text === undefined || text.length > tracestateCharactersMax) return ''
  const members = text
    .split(',')
    .map((member) => member.replace(/^[ \t]+|[ \t]+$/g, ''))
    .filter((member) => member !== '')
  const keys = new Set(members.map((member) => member.slice(0, member.indexOf('='))))
  const fit = members.length <= tracestateMembersMax && keys.size === members.length
  return fit && members.every(isMember) ? members.join(',') : ''
}

/**
 * A new id of a span: the random half of a UUID, of which Node has a pool, while eight random bytes cost ten times as
 * much. Its first bits are set, so it is never all zeros, which would be none (§3.2.2.4).
 */
export const newSpanId = (): string => randomUUID().slice(19).replace('-', '')

/** The trace of a request that brought none has the request's own id (a UUID): either leads to the other. */
export const traceIdOf = (requestId: string): string => requestId.replaceAll('-', '').toLowerCase()
