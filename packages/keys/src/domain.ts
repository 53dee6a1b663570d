import type { Change } from '@gatehouse/audit'
import { forgetNames, type Schema, type Store, type Transaction } from '@gatehouse/database'
import type { Clock, Directory, Domain, Eraser, Random, TemporalWeb } from '@gatehouse/enforcement'
import { backendsOf, type Regions } from './backends.ts'
import type { KekPlace, KeyEncryptionKey } from './kek.ts'
import { cryptoHandlers } from './crypto-handlers.ts'
import { keyClock } from './key-clock.ts'
import { keyHandlers } from './key-handlers.ts'
import { keyGauges, keyStatus, statusHandlers } from './key-status.ts'
import { loadKmsKeySlice } from './key-slice.ts'
import type { KeysPorts } from './keys-deps.ts'
import { keySchedules } from './schedules.ts'
import { createKeyRing } from './service/key-ring.ts'
import type { PassedOver } from './service/open-version.ts'
import { createSealBudget } from './service/seal-budget.ts'
import { watchKek } from './service/watched-kek.ts'

/** What the key service is opened with. */
export interface KeysNeeds {
  readonly db: Store
  readonly clock: Clock
  readonly random: Random
  readonly change: Change
  readonly directory: Directory<Store>
  readonly temporalWeb: TemporalWeb
  /** The key encryption keys of this installation: the first wraps the material of keys, each opens what it wrapped. */
  readonly keks: readonly KeyEncryptionKey[]
  /** Further ones, that keys may be given. */
  readonly regions: Regions
  /** Where the settings name them, those that are not here included. */
  readonly kekPlaces: readonly KekPlace[]
}

/** Where a ciphertext lies is said in words of the caller's, which may name somebody. */
const censusEraser = {
  erase: () => Promise.resolve([]),
  forgetNames: (tx: Transaction, names) => forgetNames(tx, names, { kms_wrap: ['location'] }),
} satisfies Eraser

/** Keys and sealing at rest, as one value. */
export const keysDomain = {
  slices: { KmsKey: loadKmsKeySlice },
  // a hundred calls encrypt at once: a key is held shared, and moved by the operations of its own noun alone
  parents: ['KmsKey'],
  schedules: keySchedules,
  tables: {
    data_key: { rows: 'kept', personal: [] },
    kms_key: { rows: 'kept', personal: [] },
    kms_key_version: { rows: 'kept', personal: [] },
    kms_version_wrap: { rows: 'owner', personal: [] },
    kms_wrap: { rows: 'owner', personal: ['location'] },
  },
  alerts: [],
  open: ({ keks, regions, kekPlaces, ...needs }) => {
    const own = keks.map((kek) => watchKek(kek, needs))
    const further = [...regions.keks].map(([name, kek]) => [name, watchKek(kek, needs)] as const)
    const status = {
      ...needs,
      backends: { places: kekPlaces, watched: [...own, ...further.map(([, watched]) => watched)] },
    }
    const seen = {
      keks: own.map(({ kek }) => kek),
      regions: { ...regions, keks: new Map(further.map(([name, { kek }]) => [name, kek])) },
    }
    return Promise.resolve({
      backends: {},
      handlers: (ports: KeysPorts) => ({ ...handlersOf({ ...needs, ...seen }, ports), ...statusHandlers(status) }),
      sweeps: () => [],
      clocks: () => [keyClock(needs)],
      eraser: () => censusEraser,
      status: (now: Date) => keyStatus(status, now),
      figures: () => Promise.resolve({}),
      gauges: (now: Date) => keyGauges(status, now),
    })
  },
} as const satisfies Domain<Store, Schema, KeysNeeds, KeysPorts>

function handlersOf({ keks, regions, ...needs }: Omit<KeysNeeds, 'kekPlaces'>, ports: KeysPorts) {
  const { db, change } = needs
  const ring = createKeyRing({
    db,
    backends: backendsOf(keks, regions),
    onPassed: (passed) => record({ db, change }, passed),
  })
  const deps = { ...needs, ring, seals: createSealBudget(db), transitTokens: ports.transitTokens }
  return { ...keyHandlers(deps, ports), ...cryptoHandlers(deps, ports) }
}

/** Whoever was passed over is asked last for a while, so that these are few. */
const record = ({ db, change }: Pick<KeysNeeds, 'db' | 'change'>, passed: readonly PassedOver[]): Promise<void> =>
  db.transaction().execute((tx) =>
    change.events(
      tx,
      passed.map(({ keyId, ...detail }) => ({
        name: 'kmsKey.backendPassedOver',
        resource: { type: 'KmsKey', id: keyId },
        detail: { ...detail, answered: [...detail.answered] },
      })),
    ),
  )
