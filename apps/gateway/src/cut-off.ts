/**
 * Whether an error says, in Node's words, that whoever asked was gone before their request was whole. Nobody is there
 * to be answered and nothing of ours has failed, so whoever is on call does not read of it: a stranger could write
 * there as often as they may ask.
 */
export const isCutOff = (error: unknown): boolean =>
  error instanceof Error && error.message === 'aborted' && 'code' in error && error.code === 'ECONNRESET'
