import type { AuditNote, Change, RowsAtOnce } from '@gatehouse/audit'
import type { OperationName } from '@gatehouse/contract'
import type { Transaction } from '@gatehouse/database'
import type { Permit } from '@gatehouse/enforcement'

/** At which of its transactions a process dies, counted from 0: before it begins, or once it has ended. */
export interface Death {
  readonly transaction: number
  readonly when: 'before' | 'after'
}

/** The only way to write, of a process that can be told to die at a transaction; dead, it does nothing any more. */
export interface Mortal {
  around(change: Change): Change
  /** Lives again, and dies there; null: it lives on. */
  dieAt(death: Death | null): void
  /** How many transactions it has begun in this life. */
  begun(): number
}

export function mortal(): Mortal {
  let [begun, dead]: [number, boolean] = [0, false]
  let death: Death | null = null
  const died = (): Error => {
    dead = true
    return new Error('the process was killed here')
  }
  const guarded = async <T>(write: () => Promise<T>): Promise<T> => {
    if (dead) throw died()
    const when = death?.transaction === begun ? death.when : null
    begun += 1
    if (when === 'before') throw died()
    const result = await write()
    if (when === 'after') throw died()
    return result
  }
  return {
    around: (change) =>
      Object.assign(
        <N extends OperationName, T>(permit: Permit<N>, work: Work<T>, note?: (result: T) => AuditNote) =>
          guarded(() => change(permit, work, note)),
        {
          intent: <N extends OperationName, T>(permit: Permit<N>, work: Work<T>, note?: (result: T) => AuditNote) =>
            guarded(() => change.intent(permit, work, note)),
          together: <N extends OperationName, T>(
            permits: readonly Permit<N>[],
            work: Work<readonly T[]>,
            note?: (result: T) => AuditNote,
          ) => guarded(() => change.together(permits, work, note)),
          atOnce: <N extends OperationName>(permits: readonly Permit<N>[], rows: RowsAtOnce) =>
            guarded(() => change.atOnce(permits, rows)),
          event: change.event,
          events: change.events,
        },
      ),
    dieAt: (next) => void ([begun, dead, death] = [0, false, next]),
    begun: () => begun,
  }
}

type Work<T> = (tx: Transaction) => Promise<T>
