import type { Schema, Store } from '@gatehouse/database'
import { nothingToErase, type Domain } from '@gatehouse/enforcement'

/** What alerts are opened with. */
export interface AlertsNeeds {
  readonly db: Store
}

/** Alerts and their channels, as one value. */
export const alertsDomain = {
  slices: {},
  parents: [],
  schedules: [],
  tables: {
    alert: { rows: 'kept', personal: ['acknowledged_by', 'acknowledgement', 'facts'] },
    alert_channel: { rows: 'owner', personal: ['name', 'created_by'] },
    alert_delivery: { rows: 'parent', personal: [] },
  },
  alerts: ['alert-undelivered'],
  open: () =>
    Promise.resolve({
      backends: {},
      handlers: () => ({}),
      sweeps: () => [],
      eraser: () => nothingToErase,
      status: () => Promise.resolve({ parts: [], facts: {} }),
      figures: () => Promise.resolve({}),
    }),
} as const satisfies Domain<Store, Schema, AlertsNeeds>
