import { lines, type ExportFormat } from './export-format.ts'
import type { ExportedEntry } from './exported-entry.ts'
import { safeJson } from './safe-json.ts'

type Cell = string | number | null

/** The columns in their order, which stays: new ones come last, and `schema_version` says what to expect. */
const columns: Readonly<Record<string, (entry: ExportedEntry) => Cell>> = {
  schema_version: (entry) => entry.schemaVersion,
  at: (entry) => entry.at,
  seq: (entry) => entry.seq,
  id: (entry) => entry.id,
  kind: (entry) => entry.kind,
  action: (entry) => entry.action,
  category: (entry) => entry.category,
  severity: (entry) => entry.severity,
  outcome: (entry) => entry.outcome,
  principal_type: (entry) => entry.principal.type,
  principal_id: (entry) => entry.principal.id,
  principal_name: (entry) => entry.principal.name,
  resource_type: (entry) => entry.resource.type,
  resource_id: (entry) => entry.resource.id,
  workspace: (entry) => entry.workspace,
  ip: (entry) => entry.ip,
  user_agent: (entry) => entry.userAgent,
  session_id: (entry) => entry.sessionId,
  request_id: (entry) => entry.requestId,
  transport: (entry) => entry.transport,
  decision: (entry) => entry.decision?.effect ?? null,
  policies: (entry) => entry.decision?.policies.join(' ') ?? null,
  policy_version: (entry) => entry.decision?.version ?? null,
  refusal: (entry) => entry.refusal,
  intent: (entry) => entry.intent,
  input: (entry) => safeJson(entry.input),
  detail: (entry) => safeJson(entry.detail),
  leaf_hash: (entry) => entry.leaf?.hash ?? null,
}

/**
 * A spreadsheet takes a text that begins like this for a formula (OWASP, CSV injection), also behind blanks; with an
 * apostrophe before it, it is a text.
 */
const formulaStart = /^[\s\p{Cc}\u200b]*[=+\-@\uff1d\uff0b\uff0d\uff20]|^[\t\r\n]/u

/** RFC 4180: every text in quotes, so that line breaks and separators in it are its own. */
function cellText(cell: Cell): string {
  if (cell === null) return ''
  if (typeof cell === 'number') return String(cell)
  const safe = formulaStart.test(cell) ? `'${cell}` : cell
  return `"${safe.replaceAll('"', '""')}"`
}

const values = Object.values(columns)

/** RFC 4180, with a head line. */
export const csv: ExportFormat = {
  ...lines(
    (entry) => values.map((value) => cellText(value(entry))).join(','),
    'text/csv; charset=utf-8; header=present',
  ),
  head: `${Object.keys(columns).join(',')}\n`,
}
