import { forgetNames, type Schema, type Store, type Transaction } from '@gatehouse/database'
import type { Domain, Eraser } from '@gatehouse/enforcement'

/** Where a ciphertext lies is said in words of the caller's, which may name somebody. */
const censusEraser = {
  erase: () => Promise.resolve([]),
  forgetNames: (tx: Transaction, names) => forgetNames(tx, names, { kms_wrap: ['location'] }),
} satisfies Eraser

/** Keys and sealing at rest, as one value. */
export const keysDomain = {
  slices: {},
  parents: [],
  schedules: [],
  tables: {
    data_key: { rows: 'kept', personal: [] },
    kms_key: { rows: 'kept', personal: [] },
    kms_key_version: { rows: 'kept', personal: [] },
    kms_version_wrap: { rows: 'owner', personal: [] },
    kms_wrap: { rows: 'owner', personal: ['location'] },
  },
  alerts: [],
  open: () =>
    Promise.resolve({
      backends: {},
      handlers: () => ({}),
      sweeps: () => [],
      eraser: () => censusEraser,
      status: () => Promise.resolve({ parts: [], facts: {} }),
      figures: () => Promise.resolve({}),
    }),
} as const satisfies Domain<Store, Schema>
