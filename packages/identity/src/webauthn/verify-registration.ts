import { X509Certificate } from 'node:crypto'
import { SettingsService, verifyRegistrationResponse, type RegistrationResponseJSON } from '@simplewebauthn/server'
import { convertCertBufferToPEM, decodeAttestationObject, validateCertificatePath } from '@simplewebauthn/server/helpers'
import type { ReadClientData } from './ceremony-response.ts'
import { credentialAlgorithms } from './ceremony-options.ts'
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
  readonly attestation: Buffer
  /** A maker that we know vouches for the authenticator: its certificates lead to a root that is trusted. */
  readonly attested: boolean
}

/** Formats whose makers' roots the library carries and has checked the chain against. */
const formatsWithKnownRoots = new Set<string>(['apple', 'android-key'])

/** Formats that vouch for a model by a chain of certificates whose root is ours to trust. */
const formatsWithOwnRoots = new Set<string>(['packed', 'tpm', 'fido-u2f'])

/** Verifies a registration for a challenge that was claimed by it (WebAuthn §7.1). Null: it is not good. */
export async function verifyRegistration({ mfa }: { readonly mfa: RelyingParty }, { response, client, requireUserVerification }: RegistrationToVerify): Promise<VerifiedRegistration | null> {
  if (client.framed || !mayBeLookedAt(response)) return null
  const verified = await orNull(verifyRegistrationResponse({
    response, expectedChallenge: client.challenge, expectedOrigin: [...mfa.webauthnOrigins], expectedRPID: mfa.webauthnRpId, expectedType: 'webauthn.create',
    requireUserPresence: true, requireUserVerification, supportedAlgorithmIDs: [...credentialAlgorithms],
  }))
  if (verified?.verified !== true) return null
  const { fmt, aaguid, credential, attestationObject, credentialBackedUp, credentialDeviceType, userVerified } = verified.registrationInfo
  // the id in the answer is not signed; the one in the authenticator data is
  if (credential.id !== response.id) return null
  return {
    credentialId: Buffer.from(credential.id, 'base64url'), publicKey: Buffer.from(credential.publicKey), counter: credential.counter, aaguid,
    backupEligible: credentialDeviceType === 'multiDevice', backedUp: credentialBackedUp, userVerified,
    attestationFormat: fmt, attestation: Buffer.from(attestationObject), attested: await isAttested(fmt, attestationObject, mfa.webauthnAttestationRoots),
  }
}

/**
 * False for what the library shall not even see. For `android-key` it follows the chain to whatever root the answer brings, and asks the addresses in its
 * certificates whether they are revoked, before it asks whether the root is Google's: a stranger's certificates would have us call whom he likes.
 */
function mayBeLookedAt({ response }: RegistrationResponseJSON): boolean {
  try {
    const object = decodeAttestationObject(new Uint8Array(Buffer.from(response.attestationObject, 'base64url')))
    const format = object.get('fmt')
    if (format !== 'android-key') return format === 'none' || formatsWithKnownRoots.has(format) || formatsWithOwnRoots.has(format)
    const last = object.get('attStmt').get('x5c')?.at(-1)
    return last !== undefined && SettingsService.getRootCertificates({ identifier: 'android-key' }).some((pem) => new X509Certificate(pem).raw.equals(last))
  } catch {
    return false
  }
}

/**
 * True when somebody whom we trust vouches for the authenticator. No root, no chain, self attestation: nobody does. A root that the answer brings
 * along is one of the chain's certificates and never an anchor (threat A14).
 */
async function isAttested(format: string, attestationObject: Uint8Array<ArrayBuffer>, roots: readonly string[]): Promise<boolean> {
  if (formatsWithKnownRoots.has(format)) return true
  // with no root at all the library would take any chain
  if (!formatsWithOwnRoots.has(format) || roots.length === 0) return false
  const chain = decodeAttestationObject(attestationObject).get('attStmt').get('x5c')
  if (chain === undefined || chain.length === 0) return false
  // an authenticator's own certificate makes no others: the library looks at signatures only
  if (!chain.slice(1).every((issuer) => new X509Certificate(issuer).ca)) return false
  return await orNull(validateCertificatePath(chain.map(convertCertBufferToPEM), [...roots])) === true
}
