import {
  refusals,
  type CredentialEnd,
  type FieldProblem,
  type RefusalCode,
  type RefusalDetails,
} from '@gatehouse/contract'
import { exactDuration } from '@gatehouse/kit'
import type { Flag } from './flag.ts'
import { printableJson } from './printable.ts'

/** `fault`: something that nobody declared. All other codes are the contract's. */
export type CliErrorCode = RefusalCode | 'fault'

/** Everything this program ends with, other than success. The code decides the exit code. */
export class CliError extends Error {
  override readonly name = 'CliError'
  readonly code: string
  readonly exitCode: number
  readonly details: Readonly<Record<string, unknown>>
  /** What to type next. */
  readonly hint: string | null

  constructor({ code, message, details, hint, cause }: CliErrorParts) {
    super(message, cause === undefined ? undefined : { cause })
    this.code = code
    this.exitCode = exitCodeOf(code)
    this.details = details ?? {}
    this.hint = hint ?? null
  }
}

interface CliErrorParts {
  readonly code: string
  readonly message: string
  readonly details?: Readonly<Record<string, unknown>>
  readonly hint?: string | null
  readonly cause?: unknown
}

/** The exit code of a refusal; 1 for a fault and for codes of a newer server. */
export const exitCodeOf = (code: string): number => (isRefusalCode(code) ? refusals[code].exit : 1)

const isRefusalCode = (code: string): code is RefusalCode => Object.hasOwn(refusals, code)

/** A command that cannot be understood: exit 2, naming what is wrong. */
export const usageError = (
  message: string,
  options: { readonly fields?: readonly FieldProblem[]; readonly hint?: string } = {},
): CliError =>
  new CliError({
    code: 'invalid-input',
    message,
    details: options.fields === undefined ? {} : { fields: options.fields },
    hint: options.hint ?? null,
  })

/** A value that is missing, or wrong, by the name of its flag: exit 2. */
export const flagError = (flag: string, message: string): CliError =>
  usageError(`--${flag}: ${message}`, { fields: [{ path: flag, message }] })

/** Something on this machine went wrong: exit 1. */
export const localError = (
  message: string,
  options: { readonly hint?: string; readonly cause?: unknown } = {},
): CliError => new CliError({ code: 'fault', message, hint: options.hint ?? null, cause: options.cause })

/** What a refusal of the server means here: its text in words that help, and the next command. */
export const refusalError = (
  code: string,
  details: RefusalDetails & Readonly<Record<string, unknown>>,
  text: string,
): CliError =>
  new CliError({
    code,
    message: refusalMessage(code, details, text),
    details,
    hint: isAskedFor(code, details) ? approvalHint(details) : (details.hint ?? hintOf(code, details)),
  })

const refusalMessage = (code: string, details: RefusalDetails, text: string): string => {
  if (code === 'forbidden') return details.policies?.length ? deniedBy(details.policies) : 'no policy allows you this'
  if (isAskedFor(code, details))
    return ['a second person has to approve this', details.approvalId].filter(Boolean).join(': approval ')
  if (code === 'rate-limited' && details.retryAfterSeconds !== undefined)
    return `too many requests; try again in ${exactDuration(details.retryAfterSeconds)}`
  if (code === 'invalid-credentials' && details.retryAfterSeconds !== undefined)
    return `that code was used already; the next one comes within ${exactDuration(details.retryAfterSeconds)}`
  return text === '' && isRefusalCode(code) ? refusals[code].text : text
}

const hints: Partial<Record<RefusalCode, string>> = {
  unauthenticated: 'gatehouse auth login',
  'mfa-required': 'gatehouse auth step-up --totp CODE',
  'step-up-required': 'gatehouse auth step-up --totp CODE',
  'mfa-enrolment-required': 'gatehouse totp enroll NAME',
  'password-change-required': 'gatehouse password change',
}

/** Whether a second person has an approval to give; of an emergency request its own hint says what is wanted. */
const isAskedFor = (code: string, { approvalId, hint }: RefusalDetails): boolean =>
  code === 'approval-pending' && (approvalId !== undefined || hint === undefined)

/** What either of the two types. */
const approvalHint = ({ approvalId }: RefusalDetails): string =>
  `they run: gatehouse approval approve ${approvalId ?? 'APPROVAL'} · then repeat this very command`

/** What no log-in mends: its message says whom to ask. */
const forAdministrators: ReadonlySet<string> = new Set<CredentialEnd>([
  'user-disabled',
  'owner-disabled',
  'user-locked',
  'owner-locked',
  'approval-locked',
])

const hintOf = (code: string, details: RefusalDetails): string | null => {
  if (details.reason !== undefined && forAdministrators.has(details.reason)) return null
  if (code === 'forbidden' && details.reason === 'no-permit') return noPermitHint(details)
  return isRefusalCode(code) ? (hints[code] ?? null) : null
}

const noPermitHint = ({ decisionId }: RefusalDetails): string =>
  decisionId === undefined
    ? 'gatehouse auth whoami shows your roles; an Admin gives others'
    : `gatehouse auth whoami shows your roles; an Admin sees what is missing by: ${decisionCommand(decisionId)}`

/** What explains a decision of the past, wherever it was made: Admins and Auditors may ask that, and few others. */
export const decisionCommand = (id: string): string => `gatehouse policy explain --decision ${id}`

/** The refusal as one JSON document for standard error. */
export const errorDocument = (error: CliError): string =>
  printableJson(
    {
      error: {
        ...error.details,
        code: error.code,
        message: error.message,
        ...(error.hint === null ? {} : { hint: error.hint }),
      },
    },
    'one-line',
  )

/**
 * The refusal as a person reads it: what, which fields by the flags of the command they typed, what next. Of a policy
 * that denied also what it says, by its id: it may be one that others wrote, with no words here.
 */
export const errorText = (
  error: CliError,
  flags: readonly Pick<Flag, 'field' | 'name'>[] = [],
  policyWords: Readonly<Record<string, string>> = {},
): string => {
  const fields = fieldsOf(error)
    .filter(({ message }) => !error.message.includes(message))
    .map(({ path, message }) => `${flagPath(path, flags)}: ${message}`)
  const says = [withReasons(error, policyWords), error.hint].filter((text) => text !== null)
  // one wrong field says it all: the refusal's own text would only come before it
  const [only] = fields
  if (only !== undefined && fields.length === 1 && says.join('') === refusals['invalid-input'].text)
    return `gatehouse: ${only}`
  return [`gatehouse: ${says.join(' · ')}`, ...fields.map((field) => `  ${field}`)].join('\n')
}

/** `denied by a` with what it says. A message that says something else of a denial stays. */
const withReasons = ({ message, details }: CliError, words: Readonly<Record<string, string>>): string => {
  const ids = Array.isArray(details['policies']) ? details['policies'].map(String) : []
  const isPlain = ids.length > 0 && message === deniedBy(ids)
  return isPlain ? deniedBy(ids.map((id) => withWords(id, words[id]))) : message
}

const withWords = (id: string, doc: string | undefined): string =>
  doc === undefined ? id : `${id} (${doc.replace(/\.$/, '')})`

const deniedBy = (policies: readonly string[]): string => `denied by ${policies.join(', ')}`

/** `sourceAddresses` as it was typed, `--source-addresses`; inside a document with the place. */
const flagPath = (path: string, flags: readonly Pick<Flag, 'field' | 'name'>[]): string => {
  const [first = '', ...rest] = path.split('.')
  const typed = flags.find(({ field }) => field === first)
  return typed === undefined ? path : [`--${typed.name}`, ...rest].join('.')
}

const fieldsOf = ({ details }: CliError): readonly FieldProblem[] =>
  // refusals carry the contract's own shape
  Array.isArray(details['fields']) ? (details['fields'] as readonly FieldProblem[]) : []
