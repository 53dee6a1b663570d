import { Secret } from './secret.ts'

/** By which a scanner of leaked secrets knows one. */
const prefix = 'gatehouse_wrap_'

/** A lease's id, which is no secret, and 256 bits that nobody guesses; in lower case, so that none has two texts. */
const form = new RegExp(`^${prefix}([0-9a-f]{8})([0-9a-f]{4})([0-9a-f]{4})([0-9a-f]{4})([0-9a-f]{12})[0-9a-f]{64}$`)

/** How much of a token is random. */
export const wrapSecretBytes = 32

/** The text of the token of a lease; `secretHex` is what nobody else knows. */
export const wrapTokenText = (leaseId: string, secretHex: string): string =>
  prefix + leaseId.replaceAll('-', '') + secretHex

/**
 * The lease that a token says it opens; null: it is no token of ours. A declaration's functions are asked with any
 * input (what does it name whatever the input says?), so that a token may also be no secret at all.
 */
export const leaseOfWrapToken = (token: unknown): string | null =>
  token instanceof Secret ? (form.exec(String(token.expose()))?.slice(1).join('-') ?? null) : null
