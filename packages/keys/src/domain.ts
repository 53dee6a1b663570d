import type { Schema, Store } from '@gatehouse/database'
import { nothingToErase, type Domain } from '@gatehouse/enforcement'

/** Sealing at rest, as one value. */
export const keysDomain = {
  slices: {},
  parents: [],
  schedules: [],
  tables: { data_key: { rows: 'kept', personal: [] } },
  alerts: [],
  open: () =>
    Promise.resolve({
      backends: {},
      handlers: () => ({}),
      sweeps: () => [],
      eraser: () => nothingToErase,
      status: () => Promise.resolve({ parts: [], facts: {} }),
      figures: () => Promise.resolve({}),
    }),
} as const satisfies Domain<Store, Schema>
