import type { Output } from '@gatehouse/contract'

/** One audit entry as every format of an export sees it: what `audit.get` answers, with its detail taken apart. */
export interface ExportedEntry {
  readonly id: string
  readonly seq: number | null
  /** RFC 3339 in UTC with milliseconds. */
  readonly at: string
  readonly kind: Presented['kind']
  readonly action: string
  readonly category: Presented['category']
  readonly severity: Presented['severity']
  readonly outcome: Presented['outcome']
  readonly principal: Presented['principal']
  readonly resource: Presented['resource']
  readonly workspace: string | null
  readonly ip: string | null
  readonly userAgent: string | null
  readonly sessionId: string | null
  readonly requestId: string
  readonly transport: string | null
  readonly decision: {
    readonly effect: string
    readonly policies: readonly string[]
    readonly version: string | null
  } | null
  readonly refusal: string | null
  /** The intent that this entry closes. */
  readonly intent: string | null
  readonly input: unknown
  readonly detail: unknown
  /** The version of the entry's format. */
  readonly schemaVersion: number | null
  /** Its leaf in the tree (RFC 6962), by which the export is compared with a checkpoint. */
  readonly leaf: { readonly index: number; readonly hash: string } | null
  /** With proofs: the canonical text that the leaf is the hash of. */
  readonly entry?: string
  readonly proof?: RowProof
}

/** What shows a row to stand in the audit log, in base64. */
export interface RowProof {
  /** The siblings on the way from its leaf to the checkpoint's root, up to where the way of the row before is met. */
  readonly hashes: readonly string[]
  /** The salts of the values that stand in the row, by their fields: with them its entry commits to the values. */
  readonly salts: Readonly<Record<string, string>>
}

type Presented = Output<'audit.get'>

/** What `presentEntry` puts into the detail. */
interface Detail {
  readonly input?: unknown
  readonly detail?: unknown
  readonly intent?: string | null
  readonly transport?: string | null
  readonly userAgent?: string | null
  readonly policyVersion?: string | null
  readonly v?: number | null
}

/** Takes a presented entry apart. `leafHash`: of its leaf; null while it waits for one. */
export function exportedEntry(entry: Presented, leafHash: Uint8Array | null): ExportedEntry {
  const rest = JSON.parse(entry.detail) as Detail // written by `presentEntry`, as an object
  const { seq, decision } = entry
  return {
    id: entry.id,
    seq,
    at: entry.at.toISOString(),
    kind: entry.kind,
    action: entry.action,
    category: entry.category,
    severity: entry.severity,
    outcome: entry.outcome,
    principal: entry.principal,
    resource: entry.resource,
    workspace: entry.workspace,
    ip: entry.ip,
    userAgent: rest.userAgent ?? null,
    sessionId: entry.sessionId,
    requestId: entry.requestId,
    transport: rest.transport ?? null,
    decision: decision === null ? null : { ...decision, version: rest.policyVersion ?? null },
    refusal: entry.refusal,
    intent: rest.intent ?? null,
    input: rest.input ?? null,
    detail: rest.detail ?? null,
    schemaVersion: rest.v ?? null,
    leaf: seq === null || leafHash === null ? null : { index: seq, hash: Buffer.from(leafHash).toString('base64') },
  }
}
