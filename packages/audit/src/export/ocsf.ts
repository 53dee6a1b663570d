import type { AuditSeverityName } from '@gatehouse/contract'
import { effectOf, lines, messageOf, successOf, type ExportFormat, type ExportSource } from './export-format.ts'
import type { ExportedEntry } from './exported-entry.ts'
import { safeJson } from './safe-json.ts'

/** The released version of the Open Cybersecurity Schema Framework whose classes these are. */
export const ocsfVersion = '1.7.0'

const severityIds: Readonly<Record<AuditSeverityName, readonly [number, string]>> = {
  info: [1, 'Informational'],
  low: [2, 'Low'],
  medium: [3, 'Medium'],
  high: [4, 'High'],
  critical: [5, 'Critical'],
}

interface OcsfClass {
  readonly category: readonly [number, string]
  readonly uid: number
  readonly name: string
  readonly activity: readonly [number, string]
}

/** Proving who one is: activities Logon and Logoff of the class Authentication. */
const authentications: Readonly<Record<string, readonly [number, string]>> = {
  'auth.login': [1, 'Logon'],
  'auth.completeMfa': [1, 'Logon'],
  'auth.passkeyComplete': [1, 'Logon'],
  'auth.logout': [2, 'Logoff'],
}

const effects = { create: [1, 'Create'], read: [2, 'Read'], update: [3, 'Update'], delete: [4, 'Delete'] } as const

/** A log-in or log-out is one; everything else is a call of our API. */
function classOf(entry: ExportedEntry): OcsfClass {
  const activity = authentications[entry.action]
  return activity === undefined
    ? { category: [6, 'Application Activity'], uid: 6003, name: 'API Activity', activity: effects[effectOf(entry)] }
    : { category: [3, 'Identity & Access Management'], uid: 3002, name: 'Authentication', activity }
}

function statusOf(entry: ExportedEntry): Record<string, unknown> {
  const done = successOf(entry)
  const code = entry.refusal === null ? {} : { status_code: entry.refusal }
  if (done === null) return { status_id: 0, status: 'Unknown', ...code }
  return done ? { status_id: 1, status: 'Success', ...code } : { status_id: 2, status: 'Failure', ...code }
}

const userOf = ({ principal }: ExportedEntry): Record<string, unknown> => ({
  uid: principal.id,
  ...(principal.name === null ? {} : { name: principal.name }),
  ...(principal.type === 'User' ? { type_id: 1, type: 'User' } : { type_id: 99, type: principal.type }),
})

const actorOf = (entry: ExportedEntry): Record<string, unknown> => ({
  user: userOf(entry),
  ...(entry.sessionId === null ? {} : { session: { uid: entry.sessionId } }),
  ...(entry.decision === null
    ? {}
    : {
        authorizations: entry.decision.policies.map((policy) => ({
          decision: entry.decision?.effect,
          policy: { uid: policy, name: policy, version: entry.decision?.version ?? undefined },
        })),
      }),
})

const metadataOf = (entry: ExportedEntry, { version }: ExportSource): Record<string, unknown> => ({
  version: ocsfVersion,
  product: { name: 'Gatehouse', vendor_name: 'Gatehouse', version },
  uid: entry.id,
  event_code: entry.action,
  log_name: 'audit',
  original_time: entry.at,
  ...(entry.requestId === '' ? {} : { correlation_uid: entry.requestId }),
  ...(entry.seq === null ? {} : { sequence: entry.seq }),
  ...(entry.schemaVersion === null ? {} : { log_version: String(entry.schemaVersion) }),
})

/** What only one of the two classes has. */
const ofClass = (entry: ExportedEntry, uid: number): Record<string, unknown> =>
  uid === 3002
    ? { user: userOf(entry), service: { name: 'Gatehouse' }, ...sessionOf(entry) }
    : {
        api: {
          operation: entry.action,
          service: { name: 'Gatehouse' },
          ...(entry.requestId === '' ? {} : { request: { uid: entry.requestId } }),
        },
        resources: [
          {
            uid: entry.resource.id,
            type: entry.resource.type,
            ...(entry.workspace === null ? {} : { namespace: entry.workspace }),
          },
        ],
      }

const sessionOf = ({ sessionId }: ExportedEntry): Record<string, unknown> =>
  sessionId === null ? {} : { session: { uid: sessionId } }

function event(entry: ExportedEntry, source: ExportSource): Record<string, unknown> {
  const { category, uid, name, activity } = classOf(entry)
  const [severityId, severity] = severityIds[entry.severity]
  return {
    category_uid: category[0],
    category_name: category[1],
    class_uid: uid,
    class_name: name,
    activity_id: activity[0],
    activity_name: activity[1],
    type_uid: uid * 100 + activity[0],
    type_name: `${name}: ${activity[1]}`,
    severity_id: severityId,
    severity,
    time: Date.parse(entry.at),
    timezone_offset: 0,
    message: messageOf(entry),
    metadata: metadataOf(entry, source),
    ...statusOf(entry),
    actor: actorOf(entry),
    src_endpoint: entry.ip === null ? { name: source.host } : { ip: entry.ip },
    ...(entry.userAgent === null ? {} : { http_request: { user_agent: entry.userAgent } }),
    ...ofClass(entry, uid),
    unmapped: {
      kind: entry.kind,
      category: entry.category,
      outcome: entry.outcome,
      transport: entry.transport,
      intent: entry.intent,
      // as texts: an object with fields of every operation's input would have thousands
      input: safeJson(entry.input),
      detail: safeJson(entry.detail),
      leaf: entry.leaf,
    },
  }
}

/** Open Cybersecurity Schema Framework, an object a line. */
export const ocsf: ExportFormat = lines((entry, source) => safeJson(event(entry, source)), 'application/x-ndjson')
