import type { Store } from '@gatehouse/database'
import { canonicalIp } from '@gatehouse/kit'
import type { AgentCredential } from './agent/ssh-agent.ts'
import type { Authorities } from './authorities.ts'
import type { SshHostRow } from './ssh-host.queries.ts'
import type { SshSettings } from './ssh-settings.ts'
import {
  ANY_SOURCE_ADDRESS,
  boundSshPrincipal,
  generateEd25519,
  parsePublicKeyLine,
  randomSerial,
  signUserCertificate,
  type UserCertificateRequest,
} from './wire/index.ts'

/** Our own certificates live as long as one visit may take. */
const accessSeconds = 180

/**
 * What Gatehouse shows a host to be let in: a certificate of the moment that can do nothing but SFTP, or the management
 * key.
 */
export async function hostCredential({
  db,
  host,
  authorities,
  settings,
  now,
}: {
  readonly db: Store
  readonly host: SshHostRow
  readonly authorities: Authorities
  readonly settings: SshSettings
  readonly now: Date
}): Promise<AgentCredential> {
  if (host.access === 'managementKey') return { privateKey: authorities.management.privateKey }
  const { privateKey, publicKey } = await generateEd25519()
  const certificate = await signUserCertificate(
    {
      key: publicKey,
      serial: randomSerial(),
      keyId: `gatehouse host=${host.id} purpose=managed-keys`,
      sshPrincipals: [sshPrincipalOn(host, host.user_name)],
      sourceAddresses: ownAddresses(host.address, settings),
      forceCommand: 'internal-sftp',
      extensions: [],
      now,
      validBefore: new Date(now.getTime() + accessSeconds * 1000),
    },
    await authorities.signer(db),
  )
  return { privateKey, certificate }
}

/** The name of an account in certificates for this host; good on no other, unless an Admin registered it so. */
export const sshPrincipalOn = (host: Pick<SshHostRow, 'unbound' | 'host_key'>, account: string): string =>
  host.unbound ? account : boundSshPrincipal(account, parsePublicKeyLine(host.host_key))

/**
 * From where we come. A node cannot know its address as a host sees it (NAT), so it is told by `[ssh]
 * source_addresses`.
 * Untold, only loopback is certain; for other hosts the certificate is bound by its three minutes and its command
 * alone.
 */
export function ownAddresses(address: string, settings: SshSettings): UserCertificateRequest['sourceAddresses'] {
  if (settings.sourceAddresses.length > 0) return settings.sourceAddresses
  return isLoopbackHost(address) ? loopbackAddressesOf(address) : ANY_SOURCE_ADDRESS
}

/** True when the host can only be this very machine. */
export const isLoopbackHost = (address: string): boolean =>
  /^(.+\.)?localhost\.?$/i.test(address) || isLoopbackAddress(address)

/** True for an address of this very machine. */
export function isLoopbackAddress(address: string): boolean {
  const ip = canonicalIp(address)
  return ip !== null && (ip.startsWith('127.') || ip === '::1')
}

/** The addresses from which a loopback host is reached: of its own family, or both for a name. */
export function loopbackAddressesOf(address: string): readonly string[] {
  const ip = canonicalIp(address)
  if (ip === null) return ['127.0.0.1/32', '::1/128']
  return ip.includes(':') ? ['::1/128'] : ['127.0.0.1/32']
}
