import { secret } from '@gatehouse/contract'
import type { SecretBackend } from '@gatehouse/secrets'
import type { Ca } from './authorities.ts'
import { proveCertificate, type ProveDeps } from './prove-certificate.ts'
import {
  bumpRevocationList,
  expireCertificates,
  hostsOfCertificates,
  revokeCertificates,
} from './ssh-certificate.queries.ts'
import {
  certificateKeyId,
  randomSerial,
  signUserCertificate,
  USER_CERTIFICATE_SECONDS_MAX,
  type PublicKey,
  type SignedCertificate,
} from './wire/index.ts'

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
  /** The CAs as they have just been read: one of them signs. */
  readonly cas: readonly Ca[]
}

/**
 * What a person's certificate may do beside running commands: a terminal and tunnels. No agent and no X11 forwarding,
 * which expose the person to the host.
 */
const extensions = ['permit-pty', 'permit-port-forwarding'] as const

/**
 * Certificates of our own CA: they end by themselves, and before that by the revocation list. A certificate that was
 * signed
 * but whose row was not written has been given to nobody: the row comes before the answer.
 */
export function sshCertificateBackend(deps: ProveDeps): SecretBackend<CertificateWish, SignedCertificate> {
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
    issue: async (lease, { key, sshPrincipal, sourceAddresses, verifyRequired, principalName, purpose, cas }) =>
      secret(
        await signUserCertificate(
          {
            key,
            serial: randomSerial(),
            keyId: certificateKeyId({ leaseId: lease.id, principal: principalName, purpose }),
            sshPrincipals: [sshPrincipal],
            sourceAddresses,
            verifyRequired,
            extensions,
            now: clock.now(),
            validBefore: lease.expiresAt,
          },
          await authorities.signer(db, cas),
        ),
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
