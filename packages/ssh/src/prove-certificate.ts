import type { Store } from '@gatehouse/database'
import type { Clock } from '@gatehouse/enforcement'
import type { Outbound } from '@gatehouse/kit/outbound'
import type { LeaseRef, Testimony } from '@gatehouse/secrets'
import type { Authorities } from './authorities.ts'
import { located } from './contact.ts'
import { askSshd, HostAccessError } from './host-access/index.ts'
import { ownAddresses } from './host-credential.ts'
import { readCertificateOfLease, type SshCertificateRow } from './ssh-certificate.queries.ts'
import { readHost, type SshHostRow } from './ssh-host.queries.ts'
import type { SshSettings } from './ssh-settings.ts'
import {
  fingerprint,
  generateEd25519,
  parsePublicKeyLine,
  randomSerial,
  signUserCertificate,
  type PublicKey,
} from './wire/index.ts'

/** What asking a host about a certificate needs. */
export interface ProveDeps {
  readonly db: Store
  readonly clock: Clock
  readonly outbound: Outbound
  readonly authorities: Authorities
  readonly settings: SshSettings
}

/** As long as one question may take, clocks that differ included. */
const twinSeconds = 120

/** What the twins may do, should anybody ever log in by one. */
const nothing = { forceCommand: 'false', extensions: [] } as const

/**
 * Asks the host whether it would take a certificate that was revoked, without its private key. The certificate itself
 * is good from its owner's addresses alone, and a refusal for ours would say nothing; so a twin is asked about, of the
 * same key, serial, account and CA, by which the revocation list knows it, from our addresses and good for nothing. In
 * the same connection, behind it, a second one with a new serial and key has to be taken: then the host trusts the CA,
 * the account and our address, and the revocation alone is why the first was refused. Where an authority of others
 * signed, both are of our CA: the list names each serial under all of them.
 */
export const proveCertificate = async (deps: ProveDeps, lease: LeaseRef): Promise<Testimony> => {
  const { db, outbound, settings, authorities } = deps
  const certificate = await readCertificateOfLease(db, lease.id)
  if (certificate === null) throw new HostAccessError('invalid-target', 'no certificate was signed')
  const host = await readHost(db, certificate.host_id)
  if (host === null || host.removed_at !== null) throw new HostAccessError('invalid-target', 'the host was removed')
  const serial = randomSerial()
  const blobs = [
    await twin(deps, {
      host,
      certificate,
      key: parsePublicKeyLine(certificate.public_key),
      serial: BigInt(certificate.serial),
    }),
    await twin(deps, { host, certificate, key: (await generateEd25519()).publicKey, serial }),
  ]
  const target = {
    address: await located(outbound, host),
    port: host.port,
    user: accountOf(certificate),
    hostKeyLine: host.host_key,
  }
  const [taken, controlTaken] = await askSshd(target, { blobs, seconds: settings.contactSeconds })
  return {
    dead: taken === false && controlTaken === true,
    provider: `sshd of ${host.name}`,
    said: whatWasSaid({ taken: taken === true, controlTaken: controlTaken === true, of: certificate }),
    facts: {
      host: host.id,
      hostKey: fingerprint(parsePublicKeyLine(host.host_key)),
      ca: fingerprint((await authorities.signer(db)).publicKey),
      ...(certificate.ca_key === null ? {} : { signedBy: fingerprint(parsePublicKeyLine(certificate.ca_key)) }),
      serial: certificate.serial,
      taken: taken === true,
      controlSerial: String(serial),
      controlTaken: controlTaken === true,
    },
  }
}

interface Said {
  readonly taken: boolean
  readonly controlTaken: boolean
  readonly of: Pick<SshCertificateRow, 'ca_key'>
}

const whatWasSaid = ({ taken, controlTaken, of }: Said): string => {
  if (taken) return 'the host still takes it: its revocation list is older than the revocation'
  if (!controlTaken) return 'the host refuses it, and every other certificate from here: that does not tell'
  return of.ca_key === null
    ? 'the host refuses it, and takes another certificate of the same CA for the same account'
    : 'the host has its serial in the list, under its CA and ours, and takes another one of ours for the same account'
}

interface Twin {
  readonly host: SshHostRow
  readonly certificate: SshCertificateRow
  readonly key: PublicKey
  readonly serial: bigint
}

const twin = async (
  { db, clock, authorities, settings }: ProveDeps,
  { host, certificate, key, serial }: Twin,
): Promise<Uint8Array> => {
  const now = clock.now()
  const { blob } = await signUserCertificate(
    {
      ...nothing,
      key,
      serial,
      keyId: `gatehouse lease=${certificate.lease_id} purpose=proof`,
      sshPrincipals: certificate.ssh_principals,
      sourceAddresses: ownAddresses(host.address, settings),
      now,
      validBefore: new Date(now.getTime() + twinSeconds * 1000),
    },
    await authorities.signer(db),
  )
  return blob
}

/** The account alone: where certificates are bound to hosts, the host's fingerprint stands behind it. */
const accountOf = ({ ssh_principals: [principal = ''] }: SshCertificateRow): string => principal.split('@')[0] ?? ''
