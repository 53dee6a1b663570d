import type { Schema, Store } from '@gatehouse/database'
import type { Domain } from '@gatehouse/enforcement'

/** Sealing at rest, as one value. */
export const keysDomain = {
  slices: {},
  schedules: [],
  tables: { data_key: { rows: 'kept', personal: [] } },
} as const satisfies Domain<Store, Schema>
