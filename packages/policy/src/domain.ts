import type { Schema, Store } from '@gatehouse/database'
import type { Domain } from '@gatehouse/enforcement'

/** Policies, as one value. */
export const policyDomain = {
  slices: {},
  schedules: [],
  tables: { policy_node: { rows: 'owner', personal: [] } },
} as const satisfies Domain<Store, Schema>
