import type { Random } from '@gatehouse/enforcement'
import type {
  PublicKeyCredentialCreationOptionsJSON,
  PublicKeyCredentialRequestOptionsJSON,
} from '@simplewebauthn/server'
import type { IdentityConfig } from '../../shared/config.ts'
import type { CredentialRow } from './credential.queries.ts'
import { ceremonies } from './library.ts'

/**
 * ES256, Ed25519, RS256 (Windows Hello's TPM knows nothing else). Nothing else is taken, whatever the library learns.
 */
export const credentialAlgorithms = [-7, -8, -257] as const

/** A person finds the key and its PIN in this time; the challenge is dead afterwards. */
export const ceremonySeconds = 5 * 60

/** Not to be guessed, and never twice. */
const challengeBytes = 32

/** A new challenge; its base64url text, which is how it comes back, is its id. */
export function createChallenge(random: Random): { readonly bytes: Uint8Array<ArrayBuffer>; readonly id: string } {
  const bytes = new Uint8Array(random.bytes(challengeBytes))
  return { bytes, id: Buffer.from(bytes).toString('base64url') }
}

/**
 * What a browser is told to make. A passkey must be found without a user name and know its user; a security key is
 * touched, beside the password.
 */
export async function creationOptions(
  config: IdentityConfig,
  wish: {
    challenge: Uint8Array<ArrayBuffer>
    user: { handle: Buffer; name: string; displayName: string }
    passkey: boolean
    attestation: 'none' | 'direct'
    exclude: readonly CredentialRow[]
  },
): Promise<PublicKeyCredentialCreationOptionsJSON> {
  const { generateRegistrationOptions } = await ceremonies()
  return generateRegistrationOptions({
    rpName: config.mfa.totpIssuer,
    rpID: config.mfa.webauthnRpId,
    challenge: wish.challenge,
    timeout: ceremonySeconds * 1000,
    supportedAlgorithmIDs: [...credentialAlgorithms],
    userID: new Uint8Array(wish.user.handle),
    userName: wish.user.name,
    userDisplayName: wish.user.displayName,
    attestationType: wish.attestation,
    excludeCredentials: wish.exclude.map(descriptorOf),
    authenticatorSelection: wish.passkey
      ? { residentKey: 'required', userVerification: 'required' }
      : { residentKey: 'discouraged', userVerification: 'discouraged' },
    ...(wish.passkey ? {} : { preferredAuthenticatorType: 'securityKey' as const }),
  })
}

/** What a browser is told to sign. Without credentials: whichever passkey the person chooses. */
export async function requestOptions(
  config: IdentityConfig,
  wish: {
    challenge: Uint8Array<ArrayBuffer>
    allow: readonly CredentialRow[] | null
    userVerification: 'required' | 'discouraged'
  },
): Promise<PublicKeyCredentialRequestOptionsJSON> {
  const { generateAuthenticationOptions } = await ceremonies()
  const { challenge, rpId, timeout, userVerification, allowCredentials } = await generateAuthenticationOptions({
    rpID: config.mfa.webauthnRpId,
    challenge: wish.challenge,
    timeout: ceremonySeconds * 1000,
    userVerification: wish.userVerification,
    ...(wish.allow === null ? {} : { allowCredentials: wish.allow.map(descriptorOf) }),
  })
  // without the library's empty fields: they are not JSON
  return { challenge, rpId, timeout, userVerification, ...(allowCredentials === undefined ? {} : { allowCredentials }) }
}

const descriptorOf = (row: CredentialRow) => ({
  id: row.credential_id.toString('base64url'),
  transports: row.transports,
})
