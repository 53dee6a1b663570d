import { credentialEnds, type CredentialEnd, type KmsItemProblem, type RefusalCode } from '@gatehouse/contract'
import type { z } from 'zod'
import { told, type RefusalBody } from '../transports/run.ts'

/**
 * What each refusal is to Vault's clients. Vault knows no step between who may and who may not: whoever would have to
 * prove more is denied, and told by words.
 */
const statuses = {
  'invalid-input': 400,
  unauthenticated: 403,
  'invalid-credentials': 403,
  'mfa-required': 403,
  'step-up-required': 403,
  'mfa-enrolment-required': 403,
  'password-change-required': 403,
  forbidden: 403,
  'approval-pending': 403,
  // a key of others and none at all are the same, and Vault denies what nothing permits
  'not-found': 403,
  conflict: 400,
  'lease-limit-reached': 400,
  locked: 403,
  'lease-not-renewable': 400,
  'lease-ended': 400,
  'host-unreachable': 503,
  'host-key-mismatch': 400,
  'host-access-refused': 400,
  'host-file-unreadable': 400,
  'rate-limited': 429,
  unavailable: 503,
} as const satisfies Record<RefusalCode, number>

/** What Vault itself says first, so that clients who look for it find it. */
const denied = 'permission denied'

interface Told {
  readonly message: string
  readonly body: RefusalBody
}

/** An error as Vault's clients read it. */
export const vaultErrors = ({ message, body }: Told): { readonly errors: readonly string[] } => ({
  errors: [textOf(message, body)],
})

function textOf(message: string, { code, fields = [], hint, reason, policies = [] }: RefusalBody): string {
  if (fields.length > 0) return fields.map(({ path, message: what }) => `${path}: ${what}`).join('; ')
  const ended = reason !== undefined && reason in credentialEnds ? credentialEnds[reason as CredentialEnd] : null
  const said = ended ?? hint ?? message
  const by = policies.length === 0 ? '' : ` (${policies.join(', ')})`
  return statusOf(code) === 403 ? `${denied}: ${said}${by}` : said
}

/** The status of a refusal by its code; what is none of ours is a fault. */
const statusOf = (code: string): number => (code in statuses ? statuses[code as RefusalCode] : 500)

/** An answer without data: what went wrong, and nothing that came with the request. */
export const errorAnswer = (status: number, ...errors: readonly string[]): Response =>
  Response.json({ errors }, { status, headers: { 'cache-control': 'no-store' } })

/** What was thrown, as Vault would say it. */
export function failedAnswer(error: unknown): Response {
  const { message, body } = told(error)
  const answer = Response.json(vaultErrors({ message, body }), {
    status: statusOf(body.code),
    headers: { 'cache-control': 'no-store' },
  })
  if (body.retryAfterSeconds !== undefined) answer.headers.set('retry-after', String(body.retryAfterSeconds))
  return answer
}

/** What Vault puts around the data of an answer. */
export interface DataAnswer {
  readonly requestId: string
  readonly data: unknown
  readonly status?: number
  /** Fields of the request that nobody read. */
  readonly unread?: readonly string[]
}

export function dataAnswer({ requestId, data, status = 200, unread = [] }: DataAnswer): Response {
  const body = {
    request_id: requestId,
    lease_id: '',
    renewable: false,
    lease_duration: 0,
    data,
    wrap_info: null,
    // whoever mistypes `associated_data` has bound nothing: Vault says it in these words
    warnings: unread.length === 0 ? null : [`Endpoint ignored these unrecognized parameters: [${unread.join(' ')}]`],
    auth: null,
  }
  return Response.json(body, { status, headers: { 'cache-control': 'no-store' } })
}

/** What is wrong with one item, in Vault's words where it has some. */
export const problemTexts = {
  malformed: 'invalid ciphertext: not one that encrypt gave out here',
  'unknown-version': 'invalid ciphertext: of a format that is not known here',
  'unknown-suite': 'invalid ciphertext: of a cipher that is not known here',
  'wrong-key': 'invalid ciphertext: of another key',
  'not-ours': 'cipher: message authentication failed; associated_data and context have to be those of its encryption',
  'context-invalid': 'associated_data, context: more than a ciphertext is bound to',
  'too-long': 'plaintext: more than one ciphertext holds',
  'below-minimum': 'ciphertext or signature version is disallowed by policy (too old)',
  'version-revoked': 'the version of this ciphertext is known to others: rewrap it',
  'version-destroyed': 'the material of the version of this ciphertext was destroyed',
  'not-in-census': 'its version is known to others, and it is none that was given out here',
} as const satisfies Record<z.output<typeof KmsItemProblem>, string>
