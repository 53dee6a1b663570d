import { secret } from '@gatehouse/contract'
import type { SecretBackend } from '@gatehouse/secrets'
import { signForHost, type IssuedCertificate, type SignerDeps, type SigningPlace } from './certificate-signer.ts'
import { personExtensions } from './person-certificate.ts'
import { proveCertificate, type ProveDeps } from './prove-certificate.ts'
import {
  bumpRevocationList,
  expireCertificates,
  hostsOfCertificates,
  revokeCertificates,
} from './ssh-certificate.queries.ts'
import { certificateKeyId, USER_CERTIFICATE_SECONDS_MAX, type PublicKey } from './wire/index.ts'

/** A host that its setup has brought to us fetches the list once a minute, and is told of a newer one before that. */
const listSeconds = 60

/** What a certificate is to say. */
export interface CertificateWish {
  readonly key: PublicKey
  /** The one account, bound to its host. */
  readonly sshPrincipal: string
  readonly sourceAddresses: readonly string[]
  readonly verifyRequired: boolean
  readonly principalName: string
  readonly purpose: string
  /** Where it is to open, and our CAs as they have just been read. */
  readonly place: SigningPlace
}

/**
 * Certificates of our own CA, or of the authority that a host names: they end by themselves, and before that by the
 * revocation list. A certificate that was signed but whose row was not written has been given to nobody: the row comes
 * before the answer.
 */
export function sshCertificateBackend(deps: ProveDeps & SignerDeps): SecretBackend<CertificateWish, IssuedCertificate> {
  const { db, clock, authorities, settings } = deps
  return {
    name: 'ssh-certificate',
    limits: {
      ttlSecondsMin: settings.ttlSecondsMin,
      ttlSecondsMax: Math.min(settings.ttlSecondsMax, Number(USER_CERTIFICATE_SECONDS_MAX)),
      renewable: false,
      revocation: 'denies',
      deniesWithinSeconds: listSeconds,
    },
    listed: true,
    issue: async (lease, { place, key, sshPrincipal, sourceAddresses, verifyRequired, principalName, purpose }) =>
      secret(
        await signForHost(deps, place, {
          key,
          keyId: certificateKeyId({ leaseId: lease.id, principal: principalName, purpose }),
          sshPrincipals: [sshPrincipal],
          sourceAddresses,
          verifyRequired,
          extensions: personExtensions,
          now: clock.now(),
          validBefore: lease.expiresAt,
        }),
      ),
    revoke: () => Promise.resolve(), // `mark` puts the serial on the list in the transaction that ends the lease
    prove: (lease) => proveCertificate(deps, lease),
    placesOf: (leaseIds) => hostsOfCertificates(db, leaseIds),
    mark: async (tx, leaseIds, phase) => {
      if (leaseIds.length === 0 || phase === 'removing') return
      if (phase === 'expired') return expireCertificates(tx, leaseIds)
      const now = clock.now()
      await revokeCertificates(tx, leaseIds, now)
      await bumpRevocationList(tx, now)
    },
    probe: async () => {
      await (await authorities.signer(db)).sign(new Uint8Array())
    },
  }
}
