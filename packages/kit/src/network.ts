import ipaddr from 'ipaddr.js'
import { canonicalIp } from './host-address.ts'

/** A network in its one spelling: a canonical address, and how many of its bits count. */
export interface Network {
  readonly address: string
  readonly bits: number
  readonly family: 'ipv4' | 'ipv6'
}

const bitsMax = { ipv4: 32, ipv6: 128 } as const
const mappedBits = 96

/**
 * Reads an address or a CIDR; an address is a network of one. IPv4 inside IPv6 (RFC 4291 §2.5.5.2) is that IPv4
 * network. Null: neither, or a network that holds all of IPv4 and more, of which nobody could say what it is.
 */
export function parseNetwork(text: string): Network | null {
  const [, given = '', length] = /^([^/]+)(?:\/(\d{1,3}))?$/.exec(text) ?? []
  const address = canonicalIp(given)
  if (address === null) return null
  const family = familyOf(address)
  const isMapped = family === 'ipv4' && given.includes(':')
  const bits = length === undefined ? bitsMax[family] : Number(length) - (isMapped ? mappedBits : 0)
  return bits < 0 || bits > bitsMax[family] ? null : { address, bits, family }
}

/** A canonical address is of the family that its separator says. */
const familyOf = (address: string): 'ipv4' | 'ipv6' => (address.includes(':') ? 'ipv6' : 'ipv4')

/** The network as text, always with its prefix length. */
export const networkText = ({ address, bits }: Network): string => `${address}/${bits}`

/** Whether the address of a network is the network's own: no bits are set beyond its prefix. sshd insists on it. */
export const hasOwnAddress = (network: Network): boolean =>
  firstOf(network) === ipaddr.parse(network.address).toNormalizedString()

const firstOf = (network: Network): string =>
  network.family === 'ipv4'
    ? ipaddr.IPv4.networkAddressFromCIDR(networkText(network)).toNormalizedString()
    : ipaddr.IPv6.networkAddressFromCIDR(networkText(network)).toNormalizedString()

/**
 * The one spelling of the address of a peer, as a socket or a proxy gives it: as `canonicalIp`, without the zone that
 * only means something on the machine that wrote it. Null: no address.
 */
export const peerAddress = (text: string): string | null => canonicalIp(text.replace(/%[^%]*$/, ''))

/** Whether an address lies in a network, whatever its spelling. What is no address lies in none. */
export function isWithin(network: Network, text: string): boolean {
  const address = peerAddress(text)
  if (address === null || familyOf(address) !== network.family) return false
  if (network.family === 'ipv4') return hasSameStart(network, address)
  const own = ipaddr.parse(network.address)
  return ipaddr.parse(address).match(own, network.bits)
}

/** Whether a canonical IPv4 address begins with the bits of a network that count. */
function hasSameStart({ address: own, bits }: Network, address: string): boolean {
  const rest = 2 ** (bitsMax.ipv4 - bits)
  return Math.floor(numberOf(address) / rest) === Math.floor(numberOf(own) / rest)
}

const numberOf = (ipv4: string): number => ipv4.split('.').reduce((number, part) => number * 256 + Number(part), 0)

/** Networks that an organisation gives out by itself: what stands there is no stranger. By ipaddr.js's names. */
const ownRanges: ReadonlySet<string> = new Set(['private', 'uniqueLocal', 'loopback', 'linkLocal', 'carrierGradeNat'])

/** Whether an address is of a network that is not the public one (RFC 1918, 4193, 6598; loopback, link-local). */
export function isOwnNetwork(text: string): boolean {
  const address = peerAddress(text)
  return address !== null && ownRanges.has(ipaddr.parse(address).range())
}

/** Bits of an IPv6 address that say which site it is of; the site has all of the rest (RFC 6177). */
const SITE_GROUPS = 4

/**
 * Whom an address stands for when calls are counted: an IPv4 address, or the /64 that one IPv6 subscriber has to
 * themselves. `unknown`: no address.
 */
export function addressKey(text: string): string {
  const address = peerAddress(text)
  if (address === null) return 'unknown'
  if (familyOf(address) === 'ipv4') return address
  const groups = ipaddr.IPv6.parse(address).parts.slice(0, SITE_GROUPS)
  return `${groups.map((group) => group.toString(16)).join(':')}::/64`
}
