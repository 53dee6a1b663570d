import 'reflect-metadata' // the certificate library finds its parts through it
import { KeyObject, webcrypto } from 'node:crypto'
import {
  BasicConstraintsExtension,
  CRLDistributionPointsExtension,
  ExtendedKeyUsageExtension,
  Extension,
  SubjectAlternativeNameExtension,
  X509CertificateGenerator,
  type X509Certificate,
} from '@peculiar/x509'

/** A maker's certificates for its authenticators, leaf first and without the root, and the leaf's key. */
export interface AttestationChain {
  readonly certificates: readonly Uint8Array[]
  readonly privateKey: KeyObject
}

/** A maker of authenticators. */
export interface Maker {
  /** PEM, for whoever trusts the maker. */
  readonly root: string
  readonly rootCertificate: Uint8Array
  /** A batch of authenticators, certified by the root, or by a certificate in between. */
  batch(options?: { readonly intermediate?: 'authority' | 'none' | 'leaf' }): Promise<AttestationChain>
  /**
   * Certificates for one credential's own key, as Android makes them: the root's word for it, or that of another
   * credential, which may give none. They say where to ask whether they are revoked.
   */
  certify(key: KeyObject, says: CredentialCertificate): Promise<readonly Uint8Array<ArrayBuffer>[]>
  /**
   * A TPM's attestation key, certified as WebAuthn §8.3.1 wants it; `manufacturer` is an id of the TCG's register, such
   * as `id:FFFFF1D0`.
   */
  attestationKey(manufacturer: string): Promise<AttestationChain>
}

export interface CredentialCertificate {
  readonly extension: { readonly id: string; readonly value: Uint8Array }
  readonly revocationUrl: string
  readonly issuer?: 'root' | 'credential'
}

const algorithm = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' } as const
const validity = { notBefore: new Date('2024-01-01T00:00:00Z'), notAfter: new Date('2124-01-01T00:00:00Z') } as const

interface Issuer {
  readonly certificate: X509Certificate
  readonly keys: webcrypto.CryptoKeyPair
}

/** Makes a maker with a root of its own: nobody trusts it until its root is among those that are trusted. */
export async function createMaker(name: string): Promise<Maker> {
  const keys = await pair()
  const certificate = await X509CertificateGenerator.createSelfSigned({
    name: `CN=${name} root,O=${name},C=FI`,
    keys,
    signingAlgorithm: algorithm,
    extensions: [new BasicConstraintsExtension(true, 2, true)],
    ...validity,
  })
  const root = { certificate, keys }
  return {
    root: certificate.toString('pem'),
    rootCertificate: new Uint8Array(certificate.rawData),
    batch: async ({ intermediate = 'none' } = {}) => {
      const between =
        intermediate === 'none'
          ? null
          : await issue(root, { name: `${name} issuing`, authority: intermediate === 'authority' })
      const leaf = await issue(between ?? root, { name, authority: false })
      return {
        certificates: [leaf, ...(between === null ? [] : [between])].map(
          (one) => new Uint8Array(one.certificate.rawData),
        ),
        privateKey: KeyObject.from(leaf.keys.privateKey),
      }
    },
    certify: async (key, { extension, revocationUrl, issuer = 'root' }) => {
      const between =
        issuer === 'root' ? null : await issue(root, { name: `${name} other credential`, authority: false })
      const by = between ?? root
      const publicKey = await importPublicKey(key)
      const made = await X509CertificateGenerator.create({
        subject: `CN=${name} credential`,
        issuer: by.certificate.subject,
        publicKey,
        signingKey: by.keys.privateKey,
        signingAlgorithm: algorithm,
        extensions: [
          new Extension(extension.id, false, new Uint8Array(extension.value)),
          new CRLDistributionPointsExtension([revocationUrl]),
        ],
        ...validity,
      })
      return [made, ...(between === null ? [] : [between.certificate])].map((one) => new Uint8Array(one.rawData))
    },
    attestationKey: async (manufacturer) => {
      const aik = await pair()
      const made = await X509CertificateGenerator.create({
        subject: '',
        issuer: certificate.subject,
        publicKey: aik.publicKey,
        signingKey: keys.privateKey,
        signingAlgorithm: algorithm,
        ...validity,
        extensions: [
          new BasicConstraintsExtension(false, undefined, true),
          new ExtendedKeyUsageExtension([tcgKpAikCertificate]),
          new SubjectAlternativeNameExtension(
            [{ type: 'dn', value: `2.23.133.2.3=id:13+2.23.133.2.2=${name}+2.23.133.2.1=${manufacturer}` }],
            true,
          ),
        ],
      })
      return { certificates: [new Uint8Array(made.rawData)], privateKey: KeyObject.from(aik.privateKey) }
    },
  }
}

const importPublicKey = (key: KeyObject): Promise<webcrypto.CryptoKey> =>
  webcrypto.subtle.importKey('spki', key.export({ type: 'spki', format: 'der' }), algorithm, true, ['verify'])

/** The extended key usage of a TPM's attestation keys. */
const tcgKpAikCertificate = '2.23.133.8.3'

/** A certificate as WebAuthn §8.2.1 wants it. */
async function issue(issuer: Issuer, { name, authority }: { name: string; authority: boolean }): Promise<Issuer> {
  const keys = await pair()
  const certificate = await X509CertificateGenerator.create({
    subject: `CN=${name} batch,OU=Authenticator Attestation,O=${name},C=FI`,
    issuer: issuer.certificate.subject,
    publicKey: keys.publicKey,
    signingKey: issuer.keys.privateKey,
    signingAlgorithm: algorithm,
    extensions: [new BasicConstraintsExtension(authority, undefined, true)],
    ...validity,
  })
  return { certificate, keys }
}

const pair = (): Promise<webcrypto.CryptoKeyPair> => webcrypto.subtle.generateKey(algorithm, true, ['sign', 'verify'])
