const millisecondsADay = 86_400_000

/**
 * How much of a fuzz, a model or a race is run: all of it under `npm run test:long`, a part of it under `npm test`. The
 * part must still be able to fail.
 */
export const volume = <T>({ full, sample }: { readonly full: T; readonly sample: T }): T =>
  process.env['GATEHOUSE_TEST_VOLUME'] === 'full' ? full : sample

/**
 * The milliseconds that one test may take: a sample what is said, a whole volume what it takes, be the machine ever so
 * busy. There only what hangs is ended.
 */
export const timeoutOf = (sample: number): number => volume({ full: Math.max(sample, 3_600_000), sample })

/**
 * The seed of this run's samples: the day, so that in time each part is seen, or `GATEHOUSE_TEST_SEED`, so that a
 * failure can be had again. The runner prints it.
 */
export const testSeed = (): number =>
  Number(process.env['GATEHOUSE_TEST_SEED'] ?? Math.floor(Date.now() / millisecondsADay))

/** Every so many-th of a list under `npm test`, beginning at the seed; the whole list under `npm run test:long`. */
export const sampleOf = <T>(all: readonly T[], oneIn: number): readonly T[] =>
  all.filter((_item, index) => volume({ full: true, sample: (index + testSeed()) % oneIn === 0 }))
