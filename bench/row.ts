/**
 * One comparison: both sides measured in this run, one after the other in turns, so that a drifting machine drifts
 * under both.
 */
export interface Row {
  /** What scripts know it by (docs/interfaces.md, Bench); null: for people only. */
  readonly id: string | null
  readonly what: string
  readonly ours: string
  readonly peer: string
  /** Ours in units of the peer's; what it means stands in `reads`. */
  readonly ratio: number
  readonly reads: string
}

/** Rounds in which both sides are timed; the median of their ratios is what is printed. */
const roundsUsual = 7

export interface Side {
  readonly name: string
  /** Runs the thing `times` times. */
  readonly run: (times: number) => unknown
  /** Waits, untimed, before each run for what the other side has left to be done: it would be this one's cost. */
  readonly settle?: () => Promise<void>
  /** Of our side: in how many rounds both are timed, where the usual number says too little. */
  readonly rounds?: number
}

/** Times of one run in microseconds, and ours in units of the peer's: the medians of the rounds. */
export interface Comparison {
  readonly oursMicroseconds: number
  readonly peerMicroseconds: number
  readonly ratio: number
}

/** Times both sides in turns, each round as a whole. */
export async function compare(ours: Side, peer: Side, times: number): Promise<Comparison> {
  return comparisonOf(await inTurns({ ours, peer, times }, (side) => microsecondsOf(side, times)))
}

/**
 * Times both sides in turns, each single run: `median` is of the median run of each round, as somebody knows it who
 * waits for one; `mean` of all its runs, with those that something else held up.
 */
export async function compareSingle(
  ours: Side,
  peer: Side,
  times: number,
): Promise<{ readonly median: Comparison; readonly mean: Comparison }> {
  const measured = await inTurns({ ours, peer, times }, (side) => eachMicroseconds(side, times))
  const by = (one: (all: readonly number[]) => number): Comparison =>
    comparisonOf(measured.map((round) => ({ ours: one(round.ours), peer: one(round.peer) })))
  return { median: by(median), mean: by(mean) }
}

interface InTurn<T> {
  readonly ours: T
  readonly peer: T
}

async function inTurns<T>(
  { ours, peer, times }: InTurn<Side> & { readonly times: number },
  timed: (side: Side) => Promise<T>,
): Promise<readonly InTurn<T>[]> {
  await ours.run(Math.ceil(times / 5))
  await peer.run(Math.ceil(times / 5))
  const measured: InTurn<T>[] = []
  const { rounds = roundsUsual } = ours
  for (let round = 0; round < rounds; round += 1) measured.push({ ours: await timed(ours), peer: await timed(peer) })
  return measured
}

const comparisonOf = (measured: readonly InTurn<number>[]): Comparison => ({
  oursMicroseconds: median(measured.map((one) => one.ours)),
  peerMicroseconds: median(measured.map((one) => one.peer)),
  ratio: median(measured.map((one) => one.ours / one.peer)),
})

async function eachMicroseconds(side: Side, times: number): Promise<readonly number[]> {
  const each: number[] = []
  for (let run = 0; run < times; run += 1) each.push(await microsecondsOf(side, 1))
  return each
}

async function microsecondsOf(side: Side, times: number): Promise<number> {
  await side.settle?.()
  const before = performance.now()
  await side.run(times)
  return ((performance.now() - before) * 1000) / times
}

/** The middle of the values; of an even number the lower middle. */
export const median = (values: readonly number[]): number =>
  [...values].sort((a, b) => a - b)[Math.floor((values.length - 1) / 2)] ?? Number.NaN

const mean = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0) / values.length

/** How often in a second, from the time of one. */
export const perSecond = (microseconds: number): string => Math.round(1_000_000 / microseconds).toLocaleString('en')

/** Microseconds as a person reads them. */
export const readable = (microseconds: number): string =>
  microseconds >= 1000 ? `${(microseconds / 1000).toFixed(2)} ms` : `${microseconds.toFixed(1)} µs`
