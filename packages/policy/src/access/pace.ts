import { setImmediate as nextTurn } from 'node:timers/promises'

/** Lets others in between: at most so many steps are taken in one turn of the event loop, by all who share it. */
export interface Pace {
  /** Resolves at once, or in a later turn when this one's share is spent. */
  step(): Promise<void>
}

/** One pace for all that a process computes at leisure. */
export function createPace(stepsPerTurn: number): Pace {
  let taken = 0
  let turn: Promise<void> | null = null
  const anew = async (): Promise<void> => {
    await nextTurn()
    taken = 0
    turn = null
  }
  return {
    step: async () => {
      turn ??= anew()
      while (taken >= stepsPerTurn) {
        await turn
        turn ??= anew()
      }
      taken += 1
    },
  }
}
