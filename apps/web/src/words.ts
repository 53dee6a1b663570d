import { CallFailed, CallRefused, CallUnanswered } from './api.ts'
import { refusalTexts } from './generated/documents.ts'
import { durationWords } from './ui/time.ts'
import { documentOf } from './wire.ts'

/** What a person is told when something did not work: what happened, and what to do about it. */
export interface Words {
  readonly title: string
  readonly next: string
}

/**
 * Something that did not work on this side of the wire, such as a key that was not touched; it says itself what to do.
 */
export class LocalProblem extends Error {
  override readonly name = 'LocalProblem'
  readonly words: Words

  constructor(words: Words, options?: ErrorOptions) {
    super(words.title, options)
    this.words = words
  }
}

const sentence = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1)

type Advise = (error: CallRefused) => string

const askPolicy: Advise = ({ details }) => {
  const named = (details.policies ?? []).map((id) => `\`${id}\``).join(', ')
  return named === ''
    ? 'No policy permits this to your roles. Ask an administrator for a role that may.'
    : `Decided by ${named}. Ask an administrator if it should not hold here.`
}

const askWait: Advise = ({ details }) =>
  details.retryAfterSeconds === undefined
    ? 'Wait a little, then try again.'
    : `Try again in ${durationWords(details.retryAfterSeconds)}.`

const askCode: Advise = ({ details }) =>
  details.retryAfterSeconds === undefined
    ? 'Check what you typed and try again.'
    : `That code was used already, and each code works once. The next one comes in ${durationWords(details.retryAfterSeconds)}.`

/** What to do next, by refusal; where nothing stands, the server's own hint has to do. */
const advice: Partial<Record<CallRefused['code'], Advise>> = {
  forbidden: askPolicy,
  'rate-limited': askWait,
  unavailable: askWait,
  'invalid-credentials': askCode,
  'invalid-input': ({ details }) => (details.fields ?? []).map(({ path, message }) => `${path}: ${message}`).join('. '),
  'mfa-required': () => 'Prove your second factor, then go on.',
  'step-up-required': () => 'Prove your second factor again, then go on.',
  unauthenticated: () => 'Log in again to go on.',
  'not-found': () => 'Check the address, or go back to the list.',
  conflict: () => 'Look at what is there now, then try again.',
  'lease-ended': () => 'There is nothing left to take away.',
  'host-unreachable': () => 'Check that the host is up and that its address and port are right, then try again.',
  'host-key-mismatch': () =>
    'Somebody may stand between Gatehouse and the host. Compare the host key on the machine itself before doing anything else.',
  'host-access-refused': () => 'Set the host up to trust Gatehouse: `gatehouse ssh-host setup` prints the lines.',
  'host-file-unreadable': () => 'Look at the file on the host. Gatehouse never rewrites what it cannot read.',
}

function refusedWords(error: CallRefused): Words {
  const next = error.details.hint ?? advice[error.code]?.(error) ?? ''
  return { title: `${sentence(refusalTexts[error.code])}.`, next: next === '' ? '' : sentence(next) }
}

/** Says in words what went wrong with a call, whoever's fault it is. */
export function wordsOf(error: unknown): Words {
  if (error instanceof CallRefused) return refusedWords(error)
  if (error instanceof LocalProblem) return error.words
  if (error instanceof CallUnanswered)
    return {
      title: 'The server does not answer.',
      next: 'Your network or the gateway may be away. Nothing was lost; try again.',
    }
  const request = error instanceof CallFailed ? error.requestId : null
  return {
    title: 'Something went wrong on the server.',
    next:
      request === null
        ? "Try again. If it stays, look into the gateway's log."
        : `Try again. If it stays, give an administrator this request id: ${request}`,
  }
}

/** The fields that a refusal complains about: path → what would be right. */
export function fieldProblemsOf(error: unknown): Readonly<Record<string, string>> {
  if (!(error instanceof CallRefused) || error.code !== 'invalid-input') return {}
  return Object.fromEntries((error.details.fields ?? []).map(({ path, message }) => [path, message]))
}

/** Reads whose summary is an act; that of all others names what is seen. */
const readActs: ReadonlySet<string> = new Set(['audit.search', 'audit.verify'])

/** What was asked for, as a person says it: `search the audit record`, `see people of this Gatehouse`. */
export function actWords({ operation }: Pick<CallRefused, 'operation'>): string {
  const { summary, kind } = documentOf(operation)
  const first = summary.split(/[.:;,]/)[0] ?? summary
  const words = /^[A-Z]{2}/.test(first) ? first : first.charAt(0).toLowerCase() + first.slice(1)
  return kind === 'mutation' || readActs.has(operation) ? words : `see ${words}`
}

/** True for a no that a second factor turns into a yes. */
export const wantsSecondFactor = (error: unknown): error is CallRefused =>
  error instanceof CallRefused && (error.code === 'step-up-required' || error.code === 'mfa-required')
