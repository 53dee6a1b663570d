import { systemId } from '@gatehouse/contract'
import type { Store } from '@gatehouse/database'
import { uid } from '@gatehouse/enforcement'
import type { Change } from '../change.ts'
import { believed, refuseUnsigned } from '../line-ledger.ts'
import type { HoldLedger } from './hold-ledger.ts'
import { lockRetention, restoreHold, selectKeptHolds, selectReleased, type KeptHold } from './hold.queries.ts'

export interface KeepHoldsDeps {
  readonly db: Store
  readonly change: Pick<Change, 'event'>
  readonly ledger: HoldLedger
}

/**
 * Brings the ledger and the database together. A hold that the ledger knows, and neither the database nor the audit log
 * knows to be over, was placed after the backup that was restored: it is placed again, and the audit log says so. One
 * that was released after it holds until it is released again: to hold too long harms nobody. What is left of the day
 * that a released one goes on to hold is not restored.
 */
export async function keepHolds({ db, change, ledger }: KeepHoldsDeps): Promise<{ readonly replayed: number }> {
  const lines = await ledger.read()
  const [inLedger, signed] = [newestOf(believed(lines)), newestOf(lines.signed)]
  const inDatabase = newestOf(await selectKeptHolds(db))
  refuseUnsigned(
    ledger,
    lines.unsigned.filter(({ id, released_at }) => released_at === null && !inLedger.has(id) && !inDatabase.has(id)),
  )
  const unknown = [...inLedger.values()].filter(({ id, released_at }) => released_at === null && !inDatabase.has(id))
  const released = await selectReleased(
    db,
    unknown.map(({ id }) => id),
  )
  const lost = unknown.filter(({ id }) => !released.has(id))
  for (const hold of lost)
    await db.transaction().execute(async (tx) => {
      await lockRetention(tx)
      if (await restoreHold(tx, hold, restoredReason))
        await change.event(tx, {
          name: 'audit.holdReplayed',
          resource: uid('System', systemId),
          detail: { hold: hold.id, placedAt: hold.placed_at.toISOString(), placedBy: hold.placed_by },
        })
    })
  const over = unknown.flatMap((hold) => {
    const at = released.get(hold.id)
    return at === undefined ? [] : [{ ...hold, released_at: at }]
  })
  const all = newestOf([...inLedger.values(), ...inDatabase.values(), ...over])
  await ledger.add([...all.values()].filter((hold) => !isSame(signed.get(hold.id), hold)))
  return { replayed: lost.length }
}

/** The ledger keeps no text that somebody wrote: it may name people, who may be erased. */
const restoredReason = 'placed before a backup was restored; exports and sinks of that time have the reason'

/** Each once, as it was last. */
const newestOf = (holds: readonly KeptHold[]): ReadonlyMap<string, KeptHold> =>
  new Map(holds.map((hold) => [hold.id, hold]))

const isSame = (known: KeptHold | undefined, hold: KeptHold): boolean =>
  known !== undefined && known.released_at?.getTime() === hold.released_at?.getTime()
