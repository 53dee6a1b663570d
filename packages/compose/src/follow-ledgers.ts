import { keepErasures, keepHolds, tellOfLedger, type OutsideLedgers, type PeopleEverywhere } from '@gatehouse/audit'
import type { Closers } from './closers.ts'
import type { Kernel } from './kernel.ts'
import type { ProcessOptions } from './process-options.ts'

const everyMilliseconds = 3_600_000

interface Parts {
  readonly kernel: Kernel
  readonly people: PeopleEverywhere
  readonly closers: Closers
}

/**
 * Whoever was erased stays erased when a backup is restored, and what was held stays held: before anything is answered,
 * and once an hour, since a database may be restored under a process that runs. A start that cannot do it fails. Each
 * erasure and each hold is written down by itself as well, right behind its commit.
 */
export async function followLedgers(
  { onError }: Pick<ProcessOptions, 'onError'>,
  { kernel: { db, clock, change, subjectKeys, ledgers, alerts }, people, closers }: Parts,
): Promise<void> {
  const keepers = {
    holds: () => keepHolds({ db, change, ledger: ledgers.holds }),
    erasures: () => keepErasures({ db, clock, change, subjectKeys, people, ledger: ledgers.erasures }),
  } satisfies Record<keyof OutsideLedgers, () => Promise<unknown>>
  await keepers.holds()
  await keepers.erasures()
  /** One that cannot be read keeps nobody from writing the other. */
  const keepEach = async (): Promise<void> => {
    for (const ledger of ['holds', 'erasures'] as const)
      await keepers[ledger]().catch((error: unknown) => {
        onError(`ledger of ${ledger}`, error)
        tellOfLedger(alerts, ledger, error)
      })
  }
  let running: Promise<void> = Promise.resolve()
  const timer = setInterval(() => {
    running = keepEach()
  }, everyMilliseconds)
  timer.unref()
  closers.keep(timer, async () => {
    clearInterval(timer)
    await running
  })
}
