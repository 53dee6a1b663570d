import { systemId } from '@gatehouse/contract'
import type { Schema, Store } from '@gatehouse/database'
import { uid, type Domain } from '@gatehouse/enforcement'

/** The processes themselves, as one value: who is alive, and how often addresses have called. */
export const systemDomain = {
  slices: {
    System: (_db, id) =>
      Promise.resolve(
        id === systemId
          ? {
              resource: { type: 'System', id },
              workspace: null,
              entities: [{ uid: uid('System', id), attrs: {}, parents: [] }],
              versions: [],
            }
          : null,
      ),
  },
  schedules: [],
  tables: { node: { rows: 'owner', personal: [] }, rate_bucket: { rows: 'owner', personal: ['key'] } },
} as const satisfies Domain<Store, Schema>
