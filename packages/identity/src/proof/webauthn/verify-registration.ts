import type { RegistrationResponseJSON } from '@simplewebauthn/server'
import type { ReadClientData } from './ceremony-response.ts'
import { credentialAlgorithms } from './ceremony-options.ts'
import { ceremonies } from './library.ts'
import { orNull, type RelyingParty } from './verify-assertion.ts'

export interface RegistrationToVerify {
  readonly response: RegistrationResponseJSON
  readonly client: ReadClientData
  readonly requireUserVerification: boolean
}

/** What was registered. */
export interface VerifiedRegistration {
  readonly credentialId: Buffer
  readonly publicKey: Buffer
  readonly counter: number
  readonly aaguid: string
  readonly backupEligible: boolean
  readonly backedUp: boolean
  readonly userVerified: boolean
  readonly attestationFormat: string
  /** As it came, so that a later version can look again. */
  readonly attestation: Buffer
  /** A maker that we know vouches for the authenticator: its certificates lead to a root that is trusted. */
  readonly attested: boolean
}

/** Verifies a registration for a challenge that was claimed by it (WebAuthn §7.1). Null: it is not good. */
export async function verifyRegistration(
  { mfa }: { readonly mfa: RelyingParty },
  { response, client, requireUserVerification }: RegistrationToVerify,
): Promise<VerifiedRegistration | null> {
  const { isAttested, toBeLookedAt } = await import('./attestation.ts') // loads the library
  const { verifyRegistrationResponse } = await ceremonies()
  const seen = client.framed ? null : toBeLookedAt(response, mfa.webauthnAttestationRoots)
  if (seen === null) return null
  const verified = await orNull(
    verifyRegistrationResponse({
      response: seen,
      expectedChallenge: client.challenge,
      expectedOrigin: [...mfa.webauthnOrigins],
      expectedRPID: mfa.webauthnRpId,
      expectedType: 'webauthn.create',
      requireUserPresence: true,
      requireUserVerification,
      supportedAlgorithmIDs: [...credentialAlgorithms],
    }),
  )
  if (verified?.verified !== true) return null
  const { fmt, aaguid, credential, attestationObject, credentialBackedUp, credentialDeviceType, userVerified } =
    verified.registrationInfo
  // the id in the answer is not signed; the one in the authenticator data is
  if (credential.id !== response.id) return null
  return {
    credentialId: Buffer.from(credential.id, 'base64url'),
    publicKey: Buffer.from(credential.publicKey),
    counter: credential.counter,
    aaguid,
    backupEligible: credentialDeviceType === 'multiDevice',
    backedUp: credentialBackedUp,
    userVerified,
    attestationFormat: fmt,
    attestation: Buffer.from(response.response.attestationObject, 'base64url'),
    attested: await isAttested(attestationObject, mfa.webauthnAttestationRoots),
  }
}
