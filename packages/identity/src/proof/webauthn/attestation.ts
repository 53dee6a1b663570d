// Who vouches for an authenticator, and what of a statement the library may see.
import { X509Certificate } from 'node:crypto'
import { SettingsService, type RegistrationResponseJSON } from '@simplewebauthn/server'
import {
  convertCertBufferToPEM,
  decodeAttestationObject,
  isoCBOR,
  validateCertificatePath,
  type AttestationObject,
} from '@simplewebauthn/server/helpers'
import { orNull } from './verify-assertion.ts'

/** Formats whose makers' roots the library carries; the chain it checks itself. */
const formatsOfKnownMakers = ['apple', 'android-key'] as const

/** Formats that vouch for a model by a chain of certificates whose root is ours to trust. */
const formatsWithOwnRoots = ['packed', 'tpm', 'fido-u2f'] as const

const isOneOf = <Known extends string>(known: readonly Known[], format: string): format is Known =>
  (known as readonly string[]).includes(format)

/** As the library brings them. */
const makersRoots = new Map(
  formatsOfKnownMakers.map((identifier) => [identifier, SettingsService.getRootCertificates({ identifier })]),
)

/** Where the AAGUID is in authenticator data: after the relying party's hash, flags and counter (WebAuthn §6.5.1). */
const aaguidAt = { from: 37, to: 53 } as const

/**
 * A registration's answer as the library may see it. Null: it must not see it at all.
 *
 * `android-key`: the library follows the chain to whatever root the answer brings, and asks the addresses in its
 * certificates whether they are revoked, before it
 * asks whose root it is: a stranger's certificates would have us call whom they like. So the chain has to end in a
 * trusted root or below one, which is then put
 * there: the library wants to find it in the answer, the specification does not (§8.4).
 *
 * `fido-u2f`: its signature leaves out the AAGUID (§8.6): whatever stands there, nobody vouches for it, and it is read
 * as none.
 */
export function toBeLookedAt(
  response: RegistrationResponseJSON,
  roots: readonly string[],
): RegistrationResponseJSON | null {
  try {
    const object = decodeAttestationObject(
      new Uint8Array(Buffer.from(response.response.attestationObject, 'base64url')),
    )
    const format = object.get('fmt')
    if (isOneOf(formatsOfKnownMakers, format)) {
      if (!issuedByAuthorities(object)) return null
      trustForFormat(format, roots)
    }
    if (format === 'android-key') return endInTrustedRoot(object) ? withObject(response, object) : null
    if (format === 'fido-u2f') {
      object.get('authData').fill(0, aaguidAt.from, aaguidAt.to)
      return withObject(response, object)
    }
    return format === 'none' || isOneOf([...formatsOfKnownMakers, ...formatsWithOwnRoots], format) ? response : null
  } catch {
    return null
  }
}

/**
 * True when somebody whom we trust vouches for an authenticator whose registration is verified. No root, no chain, self
 * attestation: nobody does. A root that the answer brings
 * along is one of the chain's certificates and never an anchor (threat A14).
 */
export async function isAttested(
  attestationObject: Uint8Array<ArrayBuffer>,
  roots: readonly string[],
): Promise<boolean> {
  const object = decodeAttestationObject(attestationObject)
  const format = object.get('fmt')
  if (isOneOf(formatsOfKnownMakers, format)) return true
  const chain = object.get('attStmt').get('x5c')
  // with no root at all the library would take any chain
  if (
    !isOneOf(formatsWithOwnRoots, format) ||
    chain === undefined ||
    roots.length === 0 ||
    !issuedByAuthorities(object)
  )
    return false
  return (await orNull(validateCertificatePath(chain.map(convertCertBufferToPEM), [...roots]))) === true
}

/**
 * An authenticator's own certificate makes no others, and the library looks at signatures only: whoever has a phone
 * whose key signs what they like could certify any
 * key with it, and have us call the addresses that they write into the certificate.
 */
const issuedByAuthorities = (object: AttestationObject): boolean =>
  (object.get('attStmt').get('x5c') ?? []).slice(1).every((issuer) => new X509Certificate(issuer).ca)

/** The library has one list for a process, as a process has one configuration. */
function trustForFormat(identifier: (typeof formatsOfKnownMakers)[number], roots: readonly string[]): void {
  // as bytes: it compares the text it makes of them
  const own = roots.map((pem) => new Uint8Array(new X509Certificate(pem).raw))
  SettingsService.setRootCertificates({ identifier, certificates: [...(makersRoots.get(identifier) ?? []), ...own] })
}

/**
 * Sees to it that the chain ends in a trusted root. False: it does not, nor does such a root follow on its last
 * certificate.
 */
function endInTrustedRoot(object: AttestationObject): boolean {
  const chain = object.get('attStmt').get('x5c')
  const last = chain?.at(-1)
  if (chain === undefined || last === undefined) return false
  const lastRead = new X509Certificate(last)
  const trusted = SettingsService.getRootCertificates({ identifier: 'android-key' }).map(
    (pem) => new X509Certificate(pem),
  )
  if (trusted.some(({ raw }) => raw.equals(last))) return true
  const issuer = trusted.find((root) => lastRead.checkIssued(root) && lastRead.verify(root.publicKey))
  if (issuer === undefined) return false
  chain.push(new Uint8Array(issuer.raw))
  return true
}

function withObject(response: RegistrationResponseJSON, object: AttestationObject): RegistrationResponseJSON {
  // the encoder's own type does not say that maps nest
  const attestationObject = Buffer.from(isoCBOR.encode(object as never)).toString('base64url')
  return { ...response, response: { ...response.response, attestationObject } }
}
