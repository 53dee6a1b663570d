import { randomBytes, type KeyObject } from 'node:crypto'
import { concatBytes, encodeString } from './binary.ts'
import {
  encodeCertificateBody,
  formatCertificate,
  parseCertificateBlob,
  readOwnCertificate,
  type Certificate,
  type CertificateBody,
  type CertificateOptions,
} from './certificate.ts'
import { checkedKeyId, checkedSshPrincipals } from './certificate-names.ts'
import { encodeSignature, signEd25519 } from './ed25519.ts'
import { isSecurityKey, publicKeyOf, type PublicKey } from './public-key.ts'
import { canonicalSourceAddresses } from './source-address.ts'
import { refused } from './ssh-wire-error.ts'

/** What a user certificate allows; nothing beyond this list can be asked for. */
export interface UserCertificateRequest extends CommonRequest {
  /** From where it may be used; `ANY_SOURCE_ADDRESS` says in the open that it may be used from everywhere. */
  readonly sourceAddresses: readonly string[] | typeof ANY_SOURCE_ADDRESS
  /** The only command that it runs, such as `internal-sftp`; without it, whatever the account may. */
  readonly forceCommand?: string
  /** The authenticator has to know its owner, by a PIN or a finger, at each log-in; for its keys alone. */
  readonly verifyRequired?: boolean
  readonly extensions: readonly CertificateExtension[]
}

/** What a host certificate proves: these names belong to this key. OpenSSH defines no options for hosts. */
export type HostCertificateRequest = CommonRequest

interface CommonRequest {
  readonly key: PublicKey
  readonly serial: bigint
  readonly keyId: string
  readonly sshPrincipals: readonly string[]
  readonly now: Date
  /** Not valid at this instant any more; cut to the second, never rounded up. */
  readonly validBefore: Date
}

/**
 * A CA: its public key, and whatever can sign with the private one. The answer is the raw 64-byte Ed25519 signature.
 */
export interface CertificateAuthority {
  readonly publicKey: PublicKey
  readonly sign: (data: Uint8Array) => Promise<Uint8Array> | Uint8Array
}

/** Those whose public key was derived from the very key that signs. */
const ofOneKey = new WeakSet<CertificateAuthority>()

/**
 * A CA whose private key is in this process. Its public key is derived from it, so what it signs need not be verified
 * once more, which takes twice as long as signing.
 */
export const authorityOf = (privateKey: KeyObject, comment = ''): CertificateAuthority => {
  const authority: CertificateAuthority = {
    publicKey: publicKeyOf(privateKey, comment),
    sign: (data) => signEd25519(privateKey, data),
  }
  ofOneKey.add(authority)
  return authority
}

/** A signed certificate with its OpenSSH line. */
export interface SignedCertificate extends Certificate {
  readonly line: string
}

/** The unsafe choice of no `source-address`, to be found by name. */
export const ANY_SOURCE_ADDRESS = Symbol('any source address')

/** Comforts of a session. The names of the wire. */
export type CertificateExtension =
  | 'permit-X11-forwarding'
  | 'permit-agent-forwarding'
  | 'permit-port-forwarding'
  | 'permit-pty'
  | 'permit-user-rc'

/** Hosts' clocks differ; a certificate that is not valid yet on the host is the most common complaint about SSH CAs. */
export const VALID_AFTER_BACKDATE_SECONDS = 60n

/** No user certificate outlives the longest SSH lease. */
export const USER_CERTIFICATE_SECONDS_MAX = 24n * 60n * 60n

/** Hosts renew once a year, with a month of grace. */
export const HOST_CERTIFICATE_SECONDS_MAX = 396n * 24n * 60n * 60n

const NONCE_BYTES = 32

const FORCE_COMMAND_CHARS_MAX = 1024

/** A random serial from 1 to 2^63-1: never 0 (which OpenSSH takes for "no serial"), and within PostgreSQL's bigint. */
export const randomSerial = (): bigint => {
  const serial = randomBytes(8).readBigUInt64BE() >> 1n
  return serial === 0n ? randomSerial() : serial
}

/** Signs a user certificate. Refuses an empty list of principals, names that could read as two, and serial 0. */
export const signUserCertificate = async (
  request: UserCertificateRequest,
  authority: CertificateAuthority,
): Promise<SignedCertificate> => {
  if (request.verifyRequired === true && !isSecurityKey(request.key))
    throw refused('only a key of an authenticator can be asked to know its owner')
  return sign(
    {
      ...commonBody(request, USER_CERTIFICATE_SECONDS_MAX),
      kind: 'user',
      sshPrincipals: checkedSshPrincipals('user', request.sshPrincipals),
      ...userCertificateOptions(request),
      caKey: authority.publicKey,
    },
    authority,
  )
}

/** Signs a host certificate; the principals are the names under which clients reach the host. */
export const signHostCertificate = async (
  request: HostCertificateRequest,
  authority: CertificateAuthority,
): Promise<SignedCertificate> =>
  sign(
    {
      ...commonBody(request, HOST_CERTIFICATE_SECONDS_MAX),
      kind: 'host',
      sshPrincipals: checkedSshPrincipals('host', request.sshPrincipals),
      criticalOptions: new Map(),
      extensions: new Map(),
      caKey: authority.publicKey,
    },
    authority,
  )

const commonBody = (request: CommonRequest, secondsMax: bigint) => {
  const now = wholeSeconds(request.now)
  const validBeforeSeconds = wholeSeconds(request.validBefore)
  if (request.serial <= 0n) throw refused("a certificate's serial must be above zero")
  if (validBeforeSeconds <= now) throw refused('a certificate must end in the future')
  if (validBeforeSeconds - now > secondsMax)
    throw refused(`a certificate must not live longer than ${secondsMax} seconds`)
  return {
    key: request.key,
    nonce: randomBytes(NONCE_BYTES),
    serial: request.serial,
    keyId: checkedKeyId(request.keyId),
    validAfterSeconds: now - VALID_AFTER_BACKDATE_SECONDS,
    validBeforeSeconds,
  }
}

const wholeSeconds = (instant: Date): bigint => {
  const milliseconds = instant.getTime()
  if (!Number.isFinite(milliseconds) || milliseconds < 0) throw refused("a certificate's time is not a time")
  return BigInt(Math.floor(milliseconds / 1000))
}

/** What a user certificate restricts and allows, by the names of the wire. */
export const userCertificateOptions = (
  request: Pick<UserCertificateRequest, 'sourceAddresses' | 'forceCommand' | 'verifyRequired' | 'extensions'>,
): { readonly criticalOptions: CertificateOptions; readonly extensions: CertificateOptions } => ({
  criticalOptions: criticalOptions(request),
  extensions: new Map(request.extensions.map((name) => [name, ''])),
})

const criticalOptions = ({
  sourceAddresses,
  forceCommand,
  verifyRequired,
}: Pick<UserCertificateRequest, 'sourceAddresses' | 'forceCommand' | 'verifyRequired'>): CertificateOptions =>
  new Map([
    ...(sourceAddresses === ANY_SOURCE_ADDRESS
      ? []
      : [['source-address', canonicalSourceAddresses(sourceAddresses).join(',')] as const]),
    ...(forceCommand === undefined ? [] : [['force-command', checkedForceCommand(forceCommand)] as const]),
    ...(verifyRequired === true ? [['verify-required', ''] as const] : []),
  ])

const checkedForceCommand = (command: string): string => {
  if (command === '' || command.length > FORCE_COMMAND_CHARS_MAX || /\p{Cc}/u.test(command))
    throw refused(`a forced command is one line of up to ${FORCE_COMMAND_CHARS_MAX} characters`)
  return command
}

/**
 * Reads the result back: a signer that may hold another key than the one it is said to hold is found here, not on a
 * host.
 */
const sign = async (body: CertificateBody, authority: CertificateAuthority): Promise<SignedCertificate> => {
  const signedBytes = encodeCertificateBody(body)
  const signature = encodeSignature(await authority.sign(signedBytes))
  const readBack = ofOneKey.has(authority) ? readOwnCertificate : parseCertificateBlob
  const certificate = readBack(concatBytes(signedBytes, encodeString(signature)), body.key.comment)
  return { ...certificate, line: formatCertificate(certificate) }
}
