/**
 * How much of a fuzz, a model or a race is run: all of it under `npm run test:long`, a part of it under `npm test`. The
 * part must still be able to fail.
 */
export const volume = <T>({ full, sample }: { readonly full: T; readonly sample: T }): T =>
  process.env['GATEHOUSE_TEST_VOLUME'] === 'full' ? full : sample
