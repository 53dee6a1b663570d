import type { AuthenticationResponseJSON } from '@simplewebauthn/server'
import type { IdentityConfig } from '../../shared/config.ts'
import type { ReadClientData } from './ceremony-response.ts'
import type { CredentialRow } from './credential.queries.ts'
import { ceremonies } from './library.ts'

/** Who is logged in to, where ceremonies run, and whose word counts for an authenticator. */
export type RelyingParty = Pick<IdentityConfig['mfa'], 'webauthnRpId' | 'webauthnOrigins' | 'webauthnAttestationRoots'>

export interface AssertionToVerify {
  readonly response: AuthenticationResponseJSON
  readonly client: ReadClientData
  readonly credential: Pick<CredentialRow, 'credential_id' | 'public_key'>
  readonly requireUserVerification: boolean
}

/** What a good assertion says of its authenticator. */
export interface VerifiedAssertion {
  readonly counter: number
  /**
   * Whether it may be copied to other devices: fixed at creation (WebAuthn §6.1.3), but some change it in an update.
   */
  readonly backupEligible: boolean
  readonly backedUp: boolean
  readonly userVerified: boolean
}

/**
 * Verifies an assertion to a challenge that was claimed by it (WebAuthn §7.2). Null: it is not good; why is nobody's
 * business who sent it. The counter and the backup eligibility are the caller's to judge, after the signature: a forged
 * one must not be able to make a credential suspect.
 */
export async function verifyAssertion(
  { mfa }: { readonly mfa: RelyingParty },
  { response, client, credential, requireUserVerification }: AssertionToVerify,
): Promise<VerifiedAssertion | null> {
  if (client.framed) return null
  const { verifyAuthenticationResponse } = await ceremonies()
  const verified = await orNull(
    verifyAuthenticationResponse({
      response,
      expectedChallenge: client.challenge,
      expectedOrigin: [...mfa.webauthnOrigins],
      expectedRPID: mfa.webauthnRpId,
      expectedType: 'webauthn.get',
      requireUserVerification,
      credential: {
        id: credential.credential_id.toString('base64url'),
        publicKey: new Uint8Array(credential.public_key),
        counter: 0,
      },
    }),
  )
  if (verified?.verified !== true) return null
  const { newCounter, credentialBackedUp, credentialDeviceType, userVerified } = verified.authenticationInfo
  const backupEligible = credentialDeviceType === 'multiDevice'
  return { counter: newCounter, backupEligible, backedUp: credentialBackedUp, userVerified }
}

/** The library says no by throwing whatever its decoders throw: everything that is not a yes is a no. */
export async function orNull<T>(promise: Promise<T>): Promise<T | null> {
  try {
    return await promise
  } catch {
    return null
  }
}
