import ipaddr from 'ipaddr.js'
import { canonicalIp } from '../host-address.ts'
import { isWithin, parseNetwork, type Network } from '../network.ts'

/** Addresses, networks and single ports that a server may contact although they would be refused. */
export interface AllowedPlace {
  readonly network: Network
  /** Only this port, which may then be one of our own; null: every port but our own. */
  readonly port: number | null
}

/** What is right in the list of allowed places; for people. */
export const allowedPlaceRule = 'an address or a network, such as 10.0.0.5 or 127.0.0.0/8, or one port of an address'

/** Reads `127.0.0.0/8`, `::1`, `127.0.0.1:8420` or `[::1]:8420`; null: none of these. */
export function parseAllowedPlace(text: string): AllowedPlace | null {
  const withPort = /^(?:\[([^\]]+)\]|([^:/]+)):(\d{1,5})$/.exec(text)
  if (withPort === null) {
    const network = parseNetwork(text)
    return network === null ? null : { network, port: null }
  }
  const address = canonicalIp(withPort[1] ?? withPort[2] ?? '')
  const network = address === null ? null : parseNetwork(address)
  const port = Number(withPort[3])
  return network === null || port < 1 || port > 65_535 ? null : { network, port }
}

/** Ranges that are no place to go to, or that carry an address of another kind inside, by ipaddr.js's names. */
const refusedRanges: ReadonlySet<string> = new Set([
  'unspecified',
  'loopback',
  'linkLocal',
  'multicast',
  'broadcast',
  'rfc6145',
  '6to4',
  'teredo',
])

/** Where clouds answer with their machines' own credentials outside the link-local range. */
const metadata: ReadonlySet<string> = new Set(['fd00:ec2::254', '100.100.100.200', '168.63.129.16', 'fd20:ce::254'])

/** Whether a canonical address is one that nobody is contacted at unless it is listed. */
export function isRefusedAddress(address: string): boolean {
  const parsed = ipaddr.parse(address)
  const range = parsed.range()
  if (refusedRanges.has(range) || metadata.has(address) || isClassE(address) || holdsAnotherKind(address)) return true
  return range === 'rfc6052' && isRefusedAddress(ipaddr.fromByteArray(parsed.toByteArray().slice(12)).toString())
}

/** Whether an address is one of the internet's own, and not of a private, shared, documentation or other network. */
export const isPublicAddress = (address: string): boolean => ipaddr.parse(address).range() === 'unicast'

/**
 * Addresses of IPv6 that have one of IPv4 inside, where nobody can say which: the compatible ones (RFC 4291 §2.5.5.1),
 * which some systems still lead to IPv4, and a site's own translation (RFC 8215), whose prefix is the site's to choose.
 */
const holdersOfIpv4 = ['::/96', '64:ff9b:1::/48'].flatMap((network) => parseNetwork(network) ?? [])
const holdsAnotherKind = (address: string): boolean => holdersOfIpv4.some((network) => isWithin(network, address))

/** 240.0.0.0/4 has never been given to anybody. ipaddr.js counts networks for documentation as reserved as well. */
const isClassE = (address: string): boolean => !address.includes(':') && Number(address.split('.')[0]) >= 240

/** Whether the list names this address, for this port. */
export const isAllowedPlace = (allowed: readonly AllowedPlace[], address: string, port: number): boolean =>
  allowed.some((place) => isWithin(place.network, address) && (place.port === null || place.port === port))

/** Whether the list names this very port of this address. */
export const isAllowedPort = (allowed: readonly AllowedPlace[], address: string, port: number): boolean =>
  allowed.some((place) => place.port === port && isWithin(place.network, address))
