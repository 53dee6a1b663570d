import type { AuditSeverityName } from '@gatehouse/contract'
import { lines, type ExportFormat, type ExportSource } from './export-format.ts'
import type { ExportedEntry } from './exported-entry.ts'
import { safeJson, withoutControls } from './safe-json.ts'

/** RFC 5424 §6.2.1: facility 13 is the log audit; severities from critical (2) to informational (6). */
const facility = 13
const severities: Readonly<Record<AuditSeverityName, number>> = { info: 6, low: 5, medium: 4, high: 3, critical: 2 }

/** RFC 5612: the enterprise number for documents and for who has none of their own. */
const structuredDataId = 'gatehouse@32473'

/** §6: what is not printable ASCII cannot stand in these fields, and each has a longest form. */
const headField = (text: string, charactersMax: number): string => {
  const printable = text.replace(/[^\u0021-\u007e]/g, '?').slice(0, charactersMax)
  return printable === '' ? '-' : printable
}

/** §6.3.3: quotes, backslashes and closing brackets are escaped. */
const parameter = ([name, text]: readonly [string, string]): string =>
  `${name}="${withoutControls(text).replace(/["\\\]]/g, '\\$&')}"`

const parametersOf = (entry: ExportedEntry): readonly (readonly [string, string])[] =>
  Object.entries({
    id: entry.id,
    seq: entry.seq === null ? null : String(entry.seq),
    action: entry.action,
    category: entry.category,
    severity: entry.severity,
    outcome: entry.outcome,
    principalId: entry.principal.id,
    principal: entry.principal.name,
    resourceType: entry.resource.type,
    resourceId: entry.resource.id,
    workspace: entry.workspace,
    ip: entry.ip,
    sessionId: entry.sessionId,
    requestId: entry.requestId,
    decision: entry.decision?.effect ?? null,
    policies: entry.decision?.policies.join(' ') ?? null,
    refusal: entry.refusal,
    leafHash: entry.leaf?.hash ?? null,
  }).filter((pair): pair is [string, string] => pair[1] !== null)

/** One message of RFC 5424, without a frame. Its text is the exact entry as JSON, marked as UTF-8. */
export const syslogMessage = (entry: ExportedEntry, source: ExportSource): string =>
  `${headOf(entry, source)} ${element(parametersOf(entry))} \ufeff${safeJson(entry)}`

/**
 * The same for a receiver that takes so many bytes and no more (§6.1: each takes 480, most 2,048; what is longer it may
 * cut or throw away). What does not fit is left out whole, and `cut` says so: first the text, then parameters, those
 * last by which the entry is found in the audit log, or here.
 */
export function shortSyslogMessage(entry: ExportedEntry, source: ExportSource, bytesMax: number): string {
  const whole = syslogMessage(entry, source)
  if (Buffer.byteLength(whole, 'utf8') <= bytesMax) return whole
  const [head, all] = [headOf(entry, source), parametersOf(entry)]
  const cut = (left: number): string => {
    const gone = new Set(leftOut.slice(0, left))
    const kept = all.filter(([name]) => !gone.has(name))
    const missing = all.length - kept.length
    const said = missing === 0 ? 'message' : `message, ${missing} ${missing === 1 ? 'field' : 'fields'}`
    return `${head} ${element([...kept, ['cut', said]])}`
  }
  const shorter = leftOut.map((_, left) => cut(left))
  return shorter.find((text) => Buffer.byteLength(text, 'utf8') <= bytesMax) ?? cut(leftOut.length)
}

/** Parameters in the order in which they are left out; `id` and `seq` never are. */
const leftOut: readonly string[] = [
  'policies',
  'leafHash',
  'requestId',
  'sessionId',
  'category',
  'decision',
  'severity',
  'principal',
  'resourceId',
  'resourceType',
  'workspace',
  'ip',
  'refusal',
  'principalId',
  'outcome',
  'action',
]

function headOf(entry: ExportedEntry, { host }: ExportSource): string {
  const priority = facility * 8 + severities[entry.severity]
  return `<${priority}>1 ${entry.at} ${headField(host, 255)} gatehouse - ${headField(entry.action, 32)}`
}

const element = (parameters: readonly (readonly [string, string])[]): string =>
  `[${structuredDataId} ${parameters.map(parameter).join(' ')}]`

/** Syslog as RFC 5424 writes it, a line each. */
export const rfc5424: ExportFormat = lines(syslogMessage, 'text/plain; charset=utf-8')
