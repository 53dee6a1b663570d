import type { AuditCategoryName, AuditSeverityName } from '@gatehouse/contract'
import { effectOf, lines, messageOf, successOf, type ExportFormat } from './export-format.ts'
import type { ExportedEntry } from './exported-entry.ts'
import { safeJson } from './safe-json.ts'

/** The version of the Elastic Common Schema whose fields and values these are. */
export const ecsVersion = '9.4.0'

const categories: Readonly<Record<AuditCategoryName, 'authentication' | 'iam' | 'configuration' | 'api'>> = {
  authentication: 'authentication',
  authenticators: 'iam',
  people: 'iam',
  programs: 'iam',
  approvals: 'iam',
  authorization: 'configuration',
  system: 'configuration',
  workspaces: 'configuration',
  hosts: 'api',
  credentials: 'api',
  keys: 'api',
  audit: 'api',
}

const severities: Readonly<Record<AuditSeverityName, number>> = { info: 1, low: 3, medium: 5, high: 8, critical: 10 }

/** The types that each category expects (ECS, `event.type`). */
function typesOf(entry: ExportedEntry): string[] {
  const category = categories[entry.category]
  const done = successOf(entry)
  if (category === 'authentication') return [authenticationTypes[entry.action] ?? 'info']
  const effect = ({ read: 'access', create: 'creation', update: 'change', delete: 'deletion' } as const)[
    effectOf(entry)
  ]
  if (category === 'iam') return effect === 'access' ? ['info'] : ['admin', effect]
  if (category === 'configuration') return [effect]
  return done === null ? [effect] : [effect, done ? 'allowed' : 'denied']
}

const authenticationTypes: Readonly<Record<string, 'start' | 'end'>> = {
  'auth.login': 'start',
  'auth.completeMfa': 'start',
  'auth.passkeyComplete': 'start',
  'auth.logout': 'end',
  'session.revoke': 'end',
  'session.revokeOthers': 'end',
}

const outcomeOf = (entry: ExportedEntry): string => {
  const done = successOf(entry)
  if (done === null) return 'unknown'
  return done ? 'success' : 'failure'
}

const eventOf = (entry: ExportedEntry): Record<string, unknown> => ({
  id: entry.id,
  kind: 'event',
  category: [categories[entry.category]],
  type: typesOf(entry),
  action: entry.action,
  code: entry.action,
  outcome: outcomeOf(entry),
  severity: severities[entry.severity],
  module: 'gatehouse',
  dataset: 'gatehouse.audit',
  provider: 'gatehouse',
  ...(entry.refusal === null ? {} : { reason: entry.refusal }),
  ...(entry.seq === null ? {} : { sequence: entry.seq }),
  ...(entry.leaf === null ? {} : { hash: entry.leaf.hash }),
})

/** What has no field of its own: texts by which one filters, and the rest as it was recorded. */
const labelsOf = (entry: ExportedEntry): Record<string, string> =>
  Object.fromEntries(
    Object.entries({
      kind: entry.kind,
      category: entry.category,
      severity: entry.severity,
      principal_type: entry.principal.type,
      resource_type: entry.resource.type,
      resource_id: entry.resource.id,
      workspace: entry.workspace,
      session_id: entry.sessionId,
      transport: entry.transport,
      intent: entry.intent,
    }).filter((pair): pair is [string, string] => pair[1] !== null),
  )

const listOf = (values: readonly (string | null)[]): string[] => values.filter((value) => value !== null)

const document = (entry: ExportedEntry, version: string): Record<string, unknown> => ({
  '@timestamp': entry.at,
  message: messageOf(entry),
  ecs: { version: ecsVersion },
  event: eventOf(entry),
  user: { id: entry.principal.id, ...(entry.principal.name === null ? {} : { name: entry.principal.name }) },
  ...(entry.ip === null ? {} : { source: { ip: entry.ip, address: entry.ip } }),
  ...(entry.userAgent === null ? {} : { user_agent: { original: entry.userAgent } }),
  ...(entry.requestId === '' ? {} : { http: { request: { id: entry.requestId } } }),
  ...(entry.decision === null
    ? {}
    : { rule: { id: entry.decision.policies, ruleset: 'cedar', version: entry.decision.version ?? undefined } }),
  related: {
    user: listOf([entry.principal.id, entry.principal.name]),
    ...(entry.ip === null ? {} : { ip: [entry.ip] }),
    ...(entry.leaf === null ? {} : { hash: [entry.leaf.hash] }),
  },
  observer: { vendor: 'Gatehouse', product: 'Gatehouse', type: 'security control plane', version },
  labels: labelsOf(entry),
  // as texts: fields of every operation's input would be thousands in an index
  gatehouse: {
    audit: { input: safeJson(entry.input), detail: safeJson(entry.detail), schema_version: entry.schemaVersion },
  },
})

/** Elastic Common Schema, an object a line. */
export const ecs: ExportFormat = lines(
  (entry, { version }) => safeJson(document(entry, version)),
  'application/x-ndjson',
)
