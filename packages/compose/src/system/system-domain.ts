import { systemId } from '@gatehouse/contract'
import type { Schema, Store } from '@gatehouse/database'
import {
  nothingToErase,
  uid,
  type Clock,
  type Domain,
  type Overview,
  type Slice,
  type TemporalWeb,
} from '@gatehouse/enforcement'
import type { TemporalClient } from '../process-options.ts'
import { forwardingFacts, proxiesPart, type ForwardingPeer } from './proxies-status.ts'
import { systemHandlers } from './system-handlers.ts'
import { systemParts } from './system-status.ts'

/** What the processes themselves are opened with. */
export interface SystemNeeds {
  readonly db: Store
  readonly clock: Clock
  readonly version: string
  readonly temporalWeb: TemporalWeb
  readonly pingTemporal: (() => Promise<void>) | null
  readonly openPayloads: TemporalClient['open'] | null
  readonly untrustedForwarding: () => readonly ForwardingPeer[]
}

/** What all domains say of themselves. */
export interface SystemPorts {
  readonly overview: Overview
}

/** It stands in no row, and is always the same. */
const theSystem: Slice = {
  resource: { type: 'System', id: systemId },
  workspace: null,
  entities: [{ uid: uid('System', systemId), attrs: {}, parents: [] }],
  versions: [],
}

/** The processes themselves, as one value: who is alive, and how often addresses have called. */
export const systemDomain = {
  slices: { System: (_db, id) => Promise.resolve(id === systemId ? theSystem : null) },
  parents: ['System'],
  schedules: [],
  tables: { node: { rows: 'owner', personal: [] }, rate_bucket: { rows: 'owner', personal: ['key'] } },
  alerts: [],
  open: ({ db, clock, version, temporalWeb, pingTemporal, openPayloads, untrustedForwarding }) =>
    Promise.resolve({
      backends: {},
      handlers: ({ overview }: SystemPorts) => systemHandlers({ clock, version, overview, openPayloads }),
      sweeps: () => [],
      eraser: () => nothingToErase,
      status: async (now: Date) => ({
        parts: [...(await systemParts({ db, pingTemporal }, now)), proxiesPart(untrustedForwarding())],
        facts: {
          temporalWebUrl: temporalWeb?.url ?? null,
          untrustedForwarding: forwardingFacts(untrustedForwarding()),
        },
      }),
      figures: () => Promise.resolve({}),
    }),
} as const satisfies Domain<Store, Schema, SystemNeeds, SystemPorts>
