import type { Schema, Store } from '@gatehouse/database'
import type { Domain } from '@gatehouse/enforcement'
import { loadLeaseSlice } from './lease-slice.ts'

/** Leases, as one value. */
export const secretsDomain = {
  slices: { Lease: loadLeaseSlice },
  schedules: [],
  tables: { lease: { rows: 'kept', personal: ['principal_id', 'principal_name', 'purpose', 'reason'] } },
} as const satisfies Domain<Store, Schema>
