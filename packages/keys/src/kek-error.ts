/** What went wrong with a key encryption key, what to do about it, and whether the same call may succeed soon. */
const failures = {
  unreachable: { soon: true, what: 'does not answer', next: 'check its address and that it is up' },
  throttled: { soon: true, what: 'takes no more calls for now', next: 'raise its limit, or call less often' },
  resting: {
    soon: false,
    what: 'has not answered for a while and is not asked for some seconds',
    next: 'check its address and that it is up',
  },
  denied: { soon: false, what: 'refuses our credentials', next: 'check them, and that they may use this key' },
  'no-credentials': {
    soon: false,
    what: 'needs credentials, and this machine has none that are valid',
    next: 'log in (aws sso login), or name a profile in AWS_PROFILE',
  },
  'no-such-key': { soon: false, what: 'has no such key', next: 'check the name, or make the key there' },
  'key-unusable': {
    soon: false,
    what: 'has the key disabled, waiting for its deletion, or made for something else',
    next: 'enable it there, or name another',
  },
  'not-kept': {
    soon: false,
    what: 'is no longer in the file that it was read from',
    next: 'bring that back from its copy before anything is restarted; what runs has the key in memory',
  },
  'unwrap-failed': {
    soon: false,
    what: 'does not open this',
    next: 'it was changed, or wrapped for another purpose or under another key',
  },
  'too-long': { soon: false, what: 'does not wrap so much at once', next: 'wrap a data key instead' },
  rejected: { soon: false, what: 'refuses the call', next: 'see its own log; the version may not be one that we know' },
} as const satisfies Record<string, { soon: boolean; what: string; next: string }>

export type KekFailure = keyof typeof failures

/** A use of a key encryption key that failed. Its message names the key and the next step; it never holds a secret. */
export class KekError extends Error {
  override readonly name = 'KekError'
  readonly code: KekFailure
  readonly uri: string
  /** What is wrong, without the key's name: `does not answer`. */
  readonly what: string
  /** What a person does about it. */
  readonly next: string
  /** Whether the same call may succeed in a moment: only then is it made again. */
  readonly soon: boolean

  constructor(code: KekFailure, uri: string, options?: { readonly cause?: unknown }) {
    const { soon, what, next } = failures[code]
    super(`the key encryption key \`${uri}\` ${what}: ${next}`, { cause: plain(options?.cause) })
    this.code = code
    this.uri = uri
    this.what = what
    this.next = next
    this.soon = soon
  }
}

/**
 * Errors of clients carry the request with them, its token and its plaintext included (threat E5): only their names and
 * words go on.
 */
function plain(cause: unknown): Error | undefined {
  if (cause === undefined) return undefined
  const kept = new Error(cause instanceof Error ? cause.message : 'an error that is none')
  kept.name = cause instanceof Error ? cause.name : 'Error'
  return kept
}
