import { CallFailed, CallRefused, CallUnanswered } from './api.ts'
import { credentialEndTexts, refusalTexts } from './generated/documents.ts'
import { exactDuration } from '@gatehouse/kit'
import { documentOf, type CallName } from './wire.ts'

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

const capital = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1)

/** What the server says in a clause, as a sentence. A path, an address or a name at its head stays as it is. */
export const sentence = (text: string): string => {
  const head = /^[a-z]+(?=[\s,])/.test(text) ? capital(text) : text
  return /[.!?]$/.test(head) ? head : `${head}.`
}

type Advise = (error: CallRefused) => string

const askPolicy: Advise = ({ details }) => {
  const named = (details.policies ?? []).map((id) => `\`${id}\``).join(', ')
  return named === ''
    ? 'No policy allows this for your roles. Ask an administrator for access.'
    : `Denied by ${named}. Ask an administrator if you need access.`
}

const askWait: Advise = ({ details }) =>
  details.retryAfterSeconds === undefined
    ? 'Wait a moment, then try again.'
    : `Try again in ${exactDuration(details.retryAfterSeconds)}.`

const askCode: Advise = ({ details }) =>
  details.retryAfterSeconds === undefined
    ? 'Check what you typed and try again.'
    : `Each code works once. Wait ${exactDuration(details.retryAfterSeconds)} for the next one.`

/** What to do next, by refusal; where nothing stands, the server's own hint has to do. */
const advice: Partial<Record<CallRefused['code'], Advise>> = {
  forbidden: askPolicy,
  'rate-limited': askWait,
  unavailable: askWait,
  'invalid-credentials': askCode,
  'invalid-input': ({ details }) => (details.fields ?? []).map(({ path, message }) => `${path}: ${message}`).join('. '),
  'mfa-required': () => 'Verify with your second factor, then continue.',
  'step-up-required': () => 'Verify with your second factor again, then continue.',
  unauthenticated: () => 'Log in again to continue.',
  'not-found': () => 'Check the link, or go back to the list.',
  conflict: () => 'Refresh to see the current state, then try again.',
  'lease-limit-reached': () => 'Revoke a lease that is no longer needed, then try again.',
  'lease-not-renewable': () => 'Issue a new credential before this one expires.',
  'lease-ended': () => 'The credential has already stopped working.',
  locked: () => 'Ask an administrator, who can remove the lock.',
  'host-unreachable': () => 'Check that the host is up and that its address and port are right, then try again.',
  'host-key-mismatch': () =>
    'The host was reinstalled, or someone is intercepting the connection. Compare the host key on ' +
    'the machine itself before you continue.',
  'host-access-refused': () => 'Set up the host to trust Gatehouse: its page under SSH hosts shows the command.',
  'host-file-unreadable': () => 'Check the file on the host. Gatehouse does not change a file that it cannot read.',
}

/** Where only one thing can be incorrect, the title names it; the refusal's own text names all that there are. */
const incorrect: Partial<Record<CallName, string>> = {
  'auth.login': 'Incorrect user name or password.',
  'auth.completeMfa': 'Incorrect code.',
  'auth.stepUpComplete': 'Incorrect code.',
  'totp.confirm': 'Incorrect code.',
  'backupCode.confirm': 'Incorrect code.',
  'password.change': 'Incorrect current password.',
}

function titleOf({ operation, code, details }: CallRefused): string {
  const spent = details.retryAfterSeconds !== undefined
  if (code !== 'invalid-credentials') return `${capital(refusalTexts[code])}.`
  return spent ? 'This code was already used.' : (incorrect[operation] ?? `${capital(refusalTexts[code])}.`)
}

/** What became of a credential that was good: what happened, and what to do about it. Undefined: nothing was said. */
export function endWords(reason: string | undefined): Words | undefined {
  if (reason === undefined || !(reason in credentialEndTexts)) return undefined
  const text = credentialEndTexts[reason as keyof typeof credentialEndTexts] // it is one of its keys
  const [title = '', next = ''] = text.split('; ')
  return { title: `${capital(title)}.`, next: next === '' ? '' : `${capital(next)}.` }
}

function refusedWords(error: CallRefused): Words {
  const end = error.code === 'unauthenticated' ? endWords(error.details.reason) : undefined
  if (end !== undefined) return end
  const { hint } = error.details
  const advised = advice[error.code]?.(error) ?? ''
  const next = hint !== undefined && error.code === 'rate-limited' ? `${sentence(hint)} ${advised}` : (hint ?? advised)
  return { title: titleOf(error), next: next === '' ? '' : capital(next) }
}

/** Says in words what went wrong with a call, whoever's fault it is. */
export function wordsOf(error: unknown): Words {
  if (error instanceof CallRefused) return refusedWords(error)
  if (error instanceof LocalProblem) return error.words
  if (error instanceof CallUnanswered)
    return {
      title: 'The server is not responding.',
      next: error.mayBeDone
        ? 'Check your network connection. The change may have been made: look before you repeat it.'
        : 'Check your network connection, then try again.',
    }
  const request = error instanceof CallFailed ? error.requestId : null
  return {
    title: 'Something went wrong on the server.',
    next:
      request === null
        ? 'Try again. If the problem continues, check the gateway log.'
        : `Try again. If the problem continues, give an administrator this request ID: ${request}`,
  }
}

/** The fields that a refusal complains about: path → what would be right. */
export function fieldProblemsOf(error: unknown): Readonly<Record<string, string>> {
  if (!(error instanceof CallRefused) || error.code !== 'invalid-input') return {}
  return Object.fromEntries((error.details.fields ?? []).map(({ path, message }) => [path, message]))
}

/** Reads whose summary is an act; that of all others names what is seen. */
const readActs: ReadonlySet<string> = new Set(['audit.search', 'audit.verify', 'policy.explain'])

/** What was asked for, as a person says it: `search the audit log`, `see people of this Gatehouse`. */
export function actWords({ operation }: Pick<CallRefused, 'operation'>): string {
  const { summary, kind } = documentOf(operation)
  const first = summary.replaceAll(/ \([^)]*\)/g, '').split(/[.:;,]/)[0] ?? summary
  const words = /^[A-Z]{2}/.test(first) ? first : first.charAt(0).toLowerCase() + first.slice(1)
  return kind === 'mutation' || readActs.has(operation) ? words : `see ${words}`
}

/** True for a no that a second factor turns into a yes. */
export const wantsSecondFactor = (error: unknown): error is CallRefused =>
  error instanceof CallRefused && (error.code === 'step-up-required' || error.code === 'mfa-required')

/** `1 problem`, `2 problems`. */
export const counted = (count: number, what: string): string => `${count} ${count === 1 ? what : `${what}s`}`

/** `encrypt, rewrap and make data keys`. */
export const joinWords = (words: readonly string[]): string =>
  new Intl.ListFormat('en-GB', { type: 'conjunction' }).format(words)
