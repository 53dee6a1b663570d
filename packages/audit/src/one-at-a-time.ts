import { Refusal } from '@gatehouse/contract'

/** Runs heavy work one after the other. Who would be further back than `waitingMax` is refused as `unavailable`. */
export function oneAtATime(waitingMax: number): <T>(work: () => Promise<T>) => Promise<T> {
  let last: Promise<unknown> = Promise.resolve()
  let waiting = 0
  return async (work) => {
    if (waiting > waitingMax)
      throw new Refusal('unavailable', { hint: 'others ask for the same; try again in a minute' })
    waiting += 1
    const mine = last.then(work, work)
    last = mine.catch(() => undefined)
    return mine.finally(() => {
      waiting -= 1
    })
  }
}
