import { entryVersion, makeEntry } from '@gatehouse/audit'
import { events, isOperationName, operations, systemId, type EventName, type OperationName } from '@gatehouse/contract'
import { anonymous, recordedInput, uid, type AuditDraft, type Principal } from '@gatehouse/enforcement'
import { sampleInput } from './reference/sample-input.ts'

/** The version of the format that entries are written in. */
export const schemaVersion = entryVersion

const at = new Date('2026-11-23T08:00:00Z')
const id = '01939fd4-7a3e-7c52-9c0b-2f6d1a4e8b70'
const ada: Principal = {
  type: 'User',
  id: '01939fd4-0000-7000-8000-00000000ada0',
  username: 'ada',
  displayName: 'Ada',
  roles: ['Operator'],
  teams: [],
  hasAuthenticator: true,
  missing: [],
  tokenId: id,
  session: { id, assurance: 'mfa', provedAt: at, authTime: at, expiresAt: at, methods: ['pwd', 'otp'] },
}
const worker: Principal = { type: 'Service', id: 'worker', name: 'worker', bound: true }
const random = { id: () => id, bytes: (length: number) => new Uint8Array(length) }

/** An entry of an action as it stands in the log: made by the code that makes all of them. */
export function exampleEntry(action: OperationName | EventName): string {
  const resource = isOperationName(action) ? operations[action].authorize.resource : events[action].resource
  const draft: AuditDraft = {
    action,
    outcome: 'allowed',
    principal: principalOf(action),
    resource: uid(resource, resource === 'System' ? systemId : id),
    workspace: null,
    decision: isOperationName(action) ? { effect: 'allow', policies: ['a-policy'], version: 'sha256-…' } : null,
    refusal: null,
    input: isOperationName(action) ? recordedInput(operations[action], decoded(action)) : {},
    call: { requestId: id, at, address: '192.0.2.7', userAgent: 'gatehouse', transport: 'trpc' },
  }
  return makeEntry({ draft, at, intent: null, random }).entry
}

function principalOf(action: OperationName | EventName): Principal {
  if (!isOperationName(action)) return worker
  const { principals } = operations[action].authorize as { readonly principals: readonly string[] }
  if (principals[0] === 'Anonymous') return anonymous
  return principals.includes('User') ? ada : worker
}

/** As the enforcer would have it: a secret is no text any more. */
const decoded = (name: OperationName): Record<string, unknown> =>
  // the operation's own schema; the registry has forgotten which
  operations[name].input.parse(sampleInput(name)) as Record<string, unknown>
