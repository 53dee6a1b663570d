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
const rounds = 7

export interface Side {
  readonly name: string
  /** Runs the thing `times` times. */
  readonly run: (times: number) => unknown
  /** Waits, untimed, before each run for what the other side has left to be done: it would be this one's cost. */
  readonly settle?: () => Promise<void>
}

/**
 * Times both sides in turns and answers the median time of one run in microseconds, and the median ratio ours / peer.
 */
export async function compare(
  ours: Side,
  peer: Side,
  times: number,
): Promise<{ oursMicroseconds: number; peerMicroseconds: number; ratio: number }> {
  await ours.run(Math.ceil(times / 5))
  await peer.run(Math.ceil(times / 5))
  const measured: { ours: number; peer: number }[] = []
  for (let round = 0; round < rounds; round += 1)
    measured.push({ ours: await microsecondsOf(ours, times), peer: await microsecondsOf(peer, times) })
  return {
    oursMicroseconds: median(measured.map((one) => one.ours)),
    peerMicroseconds: median(measured.map((one) => one.peer)),
    ratio: median(measured.map((one) => one.ours / one.peer)),
  }
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

/** How often in a second, from the time of one. */
export const perSecond = (microseconds: number): string => Math.round(1_000_000 / microseconds).toLocaleString('en')

/** Microseconds as a person reads them. */
export const readable = (microseconds: number): string =>
  microseconds >= 1000 ? `${(microseconds / 1000).toFixed(2)} ms` : `${microseconds.toFixed(1)} µs`
