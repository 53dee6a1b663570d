/** What each refusal says outside: public text, HTTP status, CLI exit code. One total table. */
export const refusals = {
  'invalid-input': { status: 400, exit: 2, text: 'the input is not valid' },
  unauthenticated: { status: 401, exit: 4, text: 'log in first' },
  'invalid-credentials': { status: 401, exit: 4, text: 'the name, password or code is wrong' },
  'mfa-required': { status: 401, exit: 4, text: 'this needs a session with a second factor' },
  'step-up-required': { status: 401, exit: 4, text: 'this needs a second factor proved more recently' },
  'mfa-enrolment-required': { status: 403, exit: 4, text: 'enrol a second factor first' },
  'password-change-required': { status: 403, exit: 4, text: 'change your password first' },
  forbidden: { status: 403, exit: 3, text: 'policy does not allow this' },
  'approval-pending': { status: 409, exit: 7, text: 'this waits for an approval' },
  'not-found': { status: 404, exit: 5, text: 'there is no such thing, or it is not yours to see' },
  conflict: { status: 409, exit: 6, text: 'this does not fit what is there now' },
  'lease-limit-reached': { status: 409, exit: 6, text: 'as many leases of this role live as may at once' },
  locked: { status: 403, exit: 3, text: 'this is locked by an administrator' },
  'lease-not-renewable': { status: 409, exit: 6, text: 'this lease cannot be renewed; ask for another' },
  'lease-ended': { status: 409, exit: 6, text: 'the lease has ended' },
  'host-unreachable': { status: 503, exit: 8, text: 'the host does not answer' },
  'host-key-mismatch': { status: 409, exit: 6, text: 'the host shows another key than the pinned one' },
  'host-access-refused': { status: 409, exit: 6, text: 'the host does not let Gatehouse in' },
  'host-file-unreadable': {
    status: 409,
    exit: 6,
    text: 'the authorized_keys file of the host cannot be read or has a damaged block',
  },
  'rate-limited': { status: 429, exit: 8, text: 'too many requests' },
  unavailable: { status: 503, exit: 8, text: 'this part is not available right now' },
} as const satisfies Record<string, { status: number; exit: number; text: string }>

export type RefusalCode = keyof typeof refusals

/** Refusals that any operation may answer with; an operation declares only what it adds. */
export const commonRefusals = [
  'invalid-input',
  'unauthenticated',
  'mfa-required',
  'step-up-required',
  'mfa-enrolment-required',
  'password-change-required',
  'forbidden',
  'not-found',
  'conflict',
  'rate-limited',
  'unavailable',
] as const satisfies readonly RefusalCode[]

export type CommonRefusal = (typeof commonRefusals)[number]

/**
 * Why a credential is not taken that was good once. Told to whoever shows the genuine one, and never of one that was
 * forged or guessed.
 */
export const credentialEnds = {
  'session-revoked': 'your session was ended; log in again',
  'session-expired': 'your session has expired; log in again',
  'user-disabled': 'your account is disabled; an administrator can enable it',
  'user-locked': 'your account is locked; ask an administrator, who can remove the lock',
  'approval-locked': 'what you were given for this emergency is locked; ask an administrator, who can remove the lock',
  'token-revoked': 'this API token was revoked',
  'token-expired': 'this API token has expired',
  'owner-disabled': 'the account that this API token belongs to is disabled',
  'owner-locked': 'the account that this API token belongs to is locked; an administrator can remove the lock',
} as const

export type CredentialEnd = keyof typeof credentialEnds

/** One field that is wrong, and what would be right. */
export interface FieldProblem {
  readonly path: string
  readonly message: string
}

/** Details that leave with a refusal. JSON only, never a secret. */
export interface RefusalDetails {
  readonly fields?: readonly FieldProblem[]
  /** Why: of `forbidden` whether a policy says no, of `unauthenticated` what became of a credential that was good. */
  readonly reason?: 'no-permit' | 'forbid' | CredentialEnd
  readonly policies?: readonly string[]
  /**
   * Of `forbidden`: the audit entry of the denial, for `decision.get` and `policy.explain`. It says nothing to whom the
   * policies do not let ask there. INVARIANT: `not-found` has none, or it would tell what is hidden from what is not
   * there (threat C2).
   */
  readonly decisionId?: string
  readonly assurance?: 'mfa' | 'su'
  readonly maxAgeSeconds?: number
  readonly retryAfterSeconds?: number
  /** Of `unavailable`: what was asked may have been done. Absent: nothing was. */
  readonly mayBeDone?: true
  readonly approvalId?: string
  readonly hint?: string
}

/**
 * An expected no: the caller can act on it. Everything else that is thrown is a fault and leaves as a request id only.
 */
export class Refusal extends Error {
  override readonly name = 'Refusal'
  readonly code: RefusalCode
  readonly details: RefusalDetails

  constructor(code: RefusalCode, details: RefusalDetails = {}, options?: { message?: string; cause?: unknown }) {
    super(options?.message ?? refusals[code].text, options?.cause === undefined ? undefined : { cause: options.cause })
    this.code = code
    this.details = details
  }
}

/** Refuses one field, naming it and what would be right. */
export const invalidField = (path: string, message: string): Refusal =>
  new Refusal('invalid-input', { fields: [{ path, message }] })
