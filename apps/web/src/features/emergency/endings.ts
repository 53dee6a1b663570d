import { createMemo, type Accessor } from 'solid-js'
import type { Asked } from '../../loading.ts'

/** Something whose time runs, with its end by this device's clock instead of what was left when it was asked. */
export type Ending<T> = Omit<T, 'secondsLeft'> & { readonly endsAt: string | null }

interface Running {
  readonly id: string
  readonly secondsLeft: number | null
}

/** The way of an answer takes this long, or longer another time: the same end is meant. */
const sameWithinMs = 3000

/**
 * Each item with its end. The server says what is left and not until when, since clocks may be set; an end that was
 * worked out before stays, so that an item asked for anew is the same one.
 */
export function withEnds<T extends Running>(
  before: readonly Ending<T>[],
  items: readonly T[],
  now: number,
): readonly Ending<T>[] {
  // an Ending has all of T else
  const known = new Map(before.map((item) => [(item as Ending<Running>).id, item.endsAt]))
  return items.map(({ secondsLeft, ...rest }) => {
    if (secondsLeft === null) return { ...rest, endsAt: null }
    const end = now + secondsLeft * 1000
    const old = known.get(rest.id)
    const same = typeof old === 'string' && Math.abs(Date.parse(old) - end) < sameWithinMs
    return { ...rest, endsAt: same ? old : new Date(end).toISOString() }
  })
}

/** One item of an answer, with its end. */
export function createEnding<T extends Running>(item: Accessor<T | undefined>): Accessor<Ending<T> | undefined> {
  return createMemo<Ending<T> | undefined>((before) => {
    const now = item()
    return now === undefined ? undefined : withEnds<T>(before === undefined ? [] : [before], [now], Date.now())[0]
  })
}

interface PageOf<T> {
  readonly items: readonly T[]
  readonly nextCursor: string | null
}

/** A page that was asked for, each item with its end. */
export function createEndings<T extends Running>(of: Asked<PageOf<T>>): Asked<PageOf<Ending<T>>> {
  const data = createMemo<PageOf<Ending<T>> | undefined>((before) => {
    const page = of.data()
    return page === undefined ? undefined : { ...page, items: withEnds<T>(before?.items ?? [], page.items, Date.now()) }
  })
  return { ...of, data }
}
