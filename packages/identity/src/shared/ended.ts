import { credentialEnds, Refusal, type CredentialEnd } from '@gatehouse/contract'

/** The refusal of a credential that was good once, saying why it is not; null: nothing is said but that. */
export const ended = (reason: CredentialEnd | null): Refusal =>
  reason === null
    ? new Refusal('unauthenticated')
    : new Refusal('unauthenticated', { reason }, { message: credentialEnds[reason] })
