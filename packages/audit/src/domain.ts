import type { Schema, Store } from '@gatehouse/database'
import type { Domain } from '@gatehouse/enforcement'
import { loadAuditEntrySlice } from './audit-entry-slice.ts'

/** The audit log, as one value. */
export const auditDomain = {
  slices: { AuditEntry: loadAuditEntrySlice },
  schedules: [],
  tables: {
    audit_entry: { rows: 'kept', personal: ['principal_id', 'session_id'] },
    audit_pending: { rows: 'owner', personal: [] },
    audit_leaf: { rows: 'kept', personal: [] },
    audit_checkpoint: { rows: 'kept', personal: [] },
    audit_personal: { rows: 'kept', personal: ['value'] },
    audit_intent: { rows: 'owner', personal: [] },
  },
} as const satisfies Domain<Store, Schema>
