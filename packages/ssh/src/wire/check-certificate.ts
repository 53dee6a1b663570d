import { isWithin, parseNetwork } from '@gatehouse/kit'
import { equalBytes } from './binary.ts'
import type { Certificate, CertificateKind } from './certificate.ts'
import { isRevoked, type RevocationList } from './krl.ts'
import type { PublicKey } from './public-key.ts'

/** What a server knows when a certificate is shown to it. */
export interface CertificateQuestion {
  readonly certificate: Certificate
  readonly kind: CertificateKind
  readonly trustedCaKeys: readonly PublicKey[]
  readonly sshPrincipal: string
  readonly sourceAddress: string
  readonly now: Date
  readonly revoked: RevocationList
}

/** Why a certificate does not count, in the order in which it is looked at. */
export type CertificateProblem =
  | 'unknown-ca'
  | 'wrong-kind'
  | 'revoked'
  | 'not-yet-valid'
  | 'expired'
  | 'wrong-principal'
  | 'unknown-critical-option'
  | 'wrong-source-address'

const knownCriticalOptions: ReadonlySet<string> = new Set(['force-command', 'source-address', 'verify-required'])

/**
 * Answers as sshd would: all that is wrong, nothing if it would be accepted. No principals means nobody, never
 * everybody.
 */
export const certificateProblems = (question: CertificateQuestion): readonly CertificateProblem[] =>
  // Object.keys loses the key type of the total record below
  (Object.keys(checks) as CertificateProblem[]).filter((problem) => checks[problem](question))

const checks = {
  'unknown-ca': ({ certificate, trustedCaKeys }) =>
    !trustedCaKeys.some((key) => equalBytes(key.blob, certificate.caKey.blob)),
  'wrong-kind': ({ certificate, kind }) => certificate.kind !== kind,
  revoked: ({ certificate, revoked }) => isRevoked(revoked, certificate),
  'not-yet-valid': ({ certificate, now }) => seconds(now) < certificate.validAfterSeconds,
  expired: ({ certificate, now }) => seconds(now) >= certificate.validBeforeSeconds,
  'wrong-principal': ({ certificate, sshPrincipal }) => !certificate.sshPrincipals.includes(sshPrincipal),
  'unknown-critical-option': ({ certificate }) =>
    [...certificate.criticalOptions.keys()].some((name) => !knownCriticalOptions.has(name)),
  'wrong-source-address': ({ certificate, sourceAddress }) =>
    !allowsSource(certificate.criticalOptions.get('source-address'), sourceAddress),
} satisfies Record<CertificateProblem, (question: CertificateQuestion) => boolean>

const seconds = (instant: Date): bigint => BigInt(Math.floor(instant.getTime() / 1000))

const allowsSource = (list: string | undefined, address: string): boolean =>
  list === undefined ||
  list.split(',').some((entry) => {
    const network = parseNetwork(entry)
    return network !== null && isWithin(network, address)
  })
