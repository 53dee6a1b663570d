import { HostAccessError, type HostAccessProblem } from './host-access.ts'

/**
 * ssh has one exit code for everything, so its words decide; English is asked for by `LC_ALL`. First match wins; whole
 * lines, for a host's banner stands among them.
 */
const reasons: readonly { readonly words: RegExp; readonly problem: HostAccessProblem; readonly message: string }[] = [
  {
    words: /^(?:host key verification failed|unable to negotiate with .*no matching host key type found)/im,
    problem: 'host-key-mismatch',
    message: 'the host shows another key than the pinned one',
  },
  {
    words: /^(?:\S+: permission denied \(|.*too many authentication failures$)/im,
    problem: 'permission-denied',
    message: 'the host refuses our log-in',
  },
  { words: /^subsystem request failed/im, problem: 'unsupported', message: 'the host offers no sftp' },
]

/** Longest piece of ssh's words that goes into a message. */
const WORDS_CHARS_MAX = 200

/**
 * Turns what ssh said when it ended into a typed failure. Everything unknown counts as `unreachable`, which is tried
 * again. It says the same whether nothing listens there, something else does, or packets are dropped: else who may
 * register hosts could map the network of the server (threat E12).
 */
export const failureFromSsh = (stderr: string): HostAccessError => {
  const known = reasons.find(({ words }) => words.test(stderr))
  if (known === undefined) return new HostAccessError('unreachable', 'the host cannot be reached')
  const { problem, message } = known
  const shown = fingerprintIn(stderr) ?? lastLine(stderr)
  return new HostAccessError(problem, shown === '' ? message : `${message} (${shown})`)
}

/** Of a changed key, ssh prints the fingerprint that it saw. */
const fingerprintIn = (stderr: string): string | undefined => /SHA256:[A-Za-z0-9+/]{43}/.exec(stderr)?.[0]

const lastLine = (stderr: string): string =>
  (stderr.trim().split('\n').at(-1) ?? '')
    .replace(/\p{Cc}/gu, ' ')
    .trim()
    .slice(0, WORDS_CHARS_MAX)
