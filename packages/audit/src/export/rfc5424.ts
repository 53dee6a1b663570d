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
export function syslogMessage(entry: ExportedEntry, { host }: ExportSource): string {
  const priority = facility * 8 + severities[entry.severity]
  const head = `<${priority}>1 ${entry.at} ${headField(host, 255)} gatehouse - ${headField(entry.action, 32)}`
  const data = parametersOf(entry).map(parameter).join(' ')
  return `${head} [${structuredDataId} ${data}] \ufeff${safeJson(entry)}`
}

/** Syslog as RFC 5424 writes it, a line each. */
export const rfc5424: ExportFormat = lines(syslogMessage, 'text/plain; charset=utf-8')
