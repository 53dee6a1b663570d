import { join } from 'node:path'
import type { Store } from '@gatehouse/database'
import type { Alerts } from '@gatehouse/enforcement'
import type { CheckpointKey } from './checkpoint-key.ts'
import { openErasureLedger, type ErasureLedger } from './erasure-ledger.ts'
import { selectErasures } from './erasure.queries.ts'
import { openHoldLedger, type HoldLedger } from './retention/hold-ledger.ts'
import { selectKeptHolds } from './retention/hold.queries.ts'

/** What is kept beside the database: who was erased, and what is held. */
export interface OutsideLedgers {
  readonly erasures: ErasureLedger
  readonly holds: HoldLedger
}

/** The ledgers of a state directory. */
export const openOutsideLedgers = (home: string, key: CheckpointKey): OutsideLedgers => ({
  erasures: openErasureLedger({ path: join(home, 'erasures.jsonl'), key }),
  holds: openHoldLedger({ path: join(home, 'holds.jsonl'), key }),
})

/**
 * Writes down what was just committed, before it is answered: until it is in the ledger, a backup that is restored
 * forgets it. Never throws, since it is done and cannot be taken back; what could not be written is told, and is
 * written at the next start or within the hour.
 */
export interface KeepOutside {
  /** Somebody was erased. */
  erased(subject: string): Promise<void>
  /** A hold was placed or released. */
  held(id: string): Promise<void>
}

export interface KeepOutsideDeps {
  readonly db: Store
  readonly ledgers: OutsideLedgers
  /** Told of what could not be written. */
  readonly onFailed: (ledger: keyof OutsideLedgers, error: unknown) => void
}

/** Raises the alert of it. */
export const tellOfLedger = (
  alerts: Alerts<'audit-ledger-failed'>,
  ledger: keyof OutsideLedgers,
  error: unknown,
): void => alerts.raise('audit-ledger-failed', { ledger, error: error instanceof Error ? error.message : 'unknown' })

/** Makes it. */
export function keepOutside({ db, ledgers: { erasures, holds }, onFailed }: KeepOutsideDeps): KeepOutside {
  const tried = (ledger: keyof OutsideLedgers, work: () => Promise<void>): Promise<void> =>
    work().catch((error: unknown) => onFailed(ledger, error))
  return {
    erased: (of) =>
      tried('erasures', async () => erasures.add((await selectErasures(db)).filter(({ subject }) => subject === of))),
    held: (of) => tried('holds', async () => holds.add((await selectKeptHolds(db)).filter(({ id }) => id === of))),
  }
}
