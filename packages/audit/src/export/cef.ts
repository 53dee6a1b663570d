import { events, isOperationName, operations, type AuditSeverityName } from '@gatehouse/contract'
import { isIP } from 'node:net'
import { lines, messageOf, type ExportFormat } from './export-format.ts'
import type { ExportedEntry } from './exported-entry.ts'
import { safeJson, withoutControls } from './safe-json.ts'

const severities: Readonly<Record<AuditSeverityName, number>> = { info: 1, low: 3, medium: 5, high: 8, critical: 10 }

/** In the head a bar ends a field. */
const headField = (text: string): string => withoutControls(text).replace(/[\\|]/g, '\\$&')

/** In the extension an equals sign ends a key; line breaks have a way to be written, other controls have none. */
const value = (text: string): string =>
  text
    .split(/(\r|\n)/)
    .map((part) => {
      if (part === '\n') return '\\n'
      return part === '\r' ? '\\r' : withoutControls(part).replace(/[\\=]/g, '\\$&')
    })
    .join('')

const nameOf = (action: string): string => {
  if (isOperationName(action)) return operations[action].summary
  return Object.hasOwn(events, action) ? events[action as keyof typeof events].summary : action
}

/** Keys of the dictionary; what has none stands in a custom one with its label. The last is the exact entry as JSON. */
const extensionOf = (entry: ExportedEntry): readonly (readonly [string, string | null])[] => {
  const isV6 = entry.ip !== null && isIP(entry.ip) === 6
  return [
    ['rt', String(Date.parse(entry.at))],
    ['externalId', entry.id],
    ['cat', entry.category],
    ['act', entry.action],
    ['outcome', entry.outcome],
    ['reason', entry.refusal],
    ['suid', entry.principal.id],
    ['suser', entry.principal.name],
    ['src', isV6 ? null : entry.ip],
    ['c6a2Label', isV6 ? 'Source IPv6 Address' : null],
    ['c6a2', isV6 ? entry.ip : null],
    ['requestClientApplication', entry.userAgent],
    ['cn1Label', entry.seq === null ? null : 'sequence'],
    ['cn1', entry.seq === null ? null : String(entry.seq)],
    ['cs1Label', 'resource'],
    ['cs1', `${entry.resource.type}::${entry.resource.id}`],
    ['cs2Label', entry.workspace === null ? null : 'workspace'],
    ['cs2', entry.workspace],
    ['cs3Label', entry.sessionId === null ? null : 'session'],
    ['cs3', entry.sessionId],
    ['cs4Label', entry.decision === null ? null : 'policies'],
    ['cs4', entry.decision === null ? null : `${entry.decision.effect} ${entry.decision.policies.join(' ')}`.trim()],
    ['cs5Label', entry.leaf === null ? null : 'leafHash'],
    ['cs5', entry.leaf?.hash ?? null],
    ['msg', messageOf(entry)],
    ['cs6Label', 'entry'],
    ['cs6', safeJson(entry)],
  ]
}

/** Common Event Format, version 0, a line each. */
export const cef: ExportFormat = lines((entry, { version }) => {
  const head = ['Gatehouse', 'Gatehouse', version, entry.action, nameOf(entry.action)].map(headField).join('|')
  const extension = extensionOf(entry)
    .flatMap(([key, text]) => (text === null ? [] : [`${key}=${value(text)}`]))
    .join(' ')
  return `CEF:0|${head}|${severities[entry.severity]}|${extension}`
}, 'text/plain; charset=utf-8')
