import type { Generated } from 'kysely'
/**
 * The random bytes that authenticators know a person by: they say nothing about him, and another account of the same
 * name has others.
 */
export interface WebauthnUserTable {
  user_id: string
  handle: Buffer
}

/** What an authenticator of kind `webauthn` is made of. */
export interface WebauthnCredentialTable {
  authenticator_id: string
  credential_id: Buffer
  /** COSE_Key. */
  public_key: Buffer
  counter: string
  transports: string[]
  /** Made to log in alone; false: a second factor beside the password. */
  passkey: boolean
  /** Never changes for one credential; `backed_up` is read again at each use. */
  backup_eligible: boolean
  backed_up: boolean
  /** The authenticator has proved that it can tell its user. */
  user_verified: boolean
  aaguid: string
  attestation_format: string
  /** The attestation object as it came, to be looked at again with roots that are known later. */
  attestation: Buffer
  /** Its counter went back: somebody may have a copy, so it proves nothing any more. */
  suspect_at: Date | null
  /** It was shown with another backup eligibility than it was registered with: it has to be registered anew. */
  backup_changed_at: Generated<Date | null>
}

/** What somebody is to sign, once. `id` is the challenge itself. */
export interface WebauthnChallengeTable {
  id: string
  purpose: 'registration' | 'secondFactor' | 'stepUp' | 'passkey' | 'vote'
  /**
   * The session or the MFA challenge it was made for; of a passkey's the address that asked, which only bounds their
   * number.
   */
  bound_to: string
  user_id: string | null
  /** Of a registration: what is to be called how. */
  name: string | null
  passkey: boolean | null
  /** The user must have been verified. */
  user_verification: boolean
  created_at: Date
  expires_at: Date
  used_at: Date | null
}
