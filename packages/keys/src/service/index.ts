export { countByVersion, deleteEntries } from './census.queries.ts'
export { createKeyRing, type KeyRing, type KeyRingDeps } from './key-ring.ts'
export type { Backends, PassedOver } from './open-version.ts'
export {
  decryptItems,
  encryptItems,
  encryptTogether,
  requireKey,
  rewrapItems,
  rotateKey,
  type ItemProblem,
  type ItemResult,
  type KeyServiceDeps,
  type PlainItem,
  type Recorded,
  type Sealed,
  type SealedItem,
  type Write,
  type WriteCensus,
  type WriteCensusTogether,
} from './key-service.ts'
export { rotateDue, type DueDone } from './due-rotation.ts'
export { createKey, guardKey, limitVersions, revokeVersion, setPeriod, stepKey, type KeyWanted } from './key-steps.ts'
export type { KeyRow } from './key.queries.ts'
export { replicateKey, withdrawKey } from './replicate.ts'
export { createSealBudget, type SealBudget } from './seal-budget.ts'
export { watchKek, type KekSight, type WatchedKek } from './watched-kek.ts'
