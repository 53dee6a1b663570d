import { join } from 'node:path'
import { keepErasures, keepHolds, openErasureLedger, openHoldLedger, type PeopleEverywhere } from '@gatehouse/audit'
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
 * and once an hour, since a database may be restored under a process that runs. A start that cannot do it fails.
 */
export async function followLedgers(
  { config, onError }: Pick<ProcessOptions, 'config' | 'onError'>,
  { kernel: { db, clock, change, subjectKeys }, people, closers }: Parts,
): Promise<void> {
  const [holds, erasures] = [
    openHoldLedger(join(config.runtime.home, 'holds.jsonl')),
    openErasureLedger(join(config.runtime.home, 'erasures.jsonl')),
  ]
  const keep = async (): Promise<void> => {
    await keepHolds({ db, change, ledger: holds })
    await keepErasures({ db, clock, change, subjectKeys, people, ledger: erasures })
  }
  await keep()
  let running: Promise<unknown> = Promise.resolve()
  const timer = setInterval(() => {
    running = keep().catch((error: unknown) => onError('ledgers of erasures and holds', error))
  }, everyMilliseconds)
  timer.unref()
  closers.keep(timer, async () => {
    clearInterval(timer)
    await running
  })
}
