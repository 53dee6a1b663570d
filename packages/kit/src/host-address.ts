import ipaddr from 'ipaddr.js'

/** What is right where `canonicalHostAddress` answers null; for people. */
export const hostAddressRule =
  'a host name such as db-1.example.org, or an address such as 192.0.2.7 or 2001:db8::1, without a port'

const NAME_CHARS_MAX = 253
const label = /^[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?$/

/** Four numbers up to 255 without leading zeros. Looked at several times in each request, so without a parser. */
const dottedDecimal = /^(?:(?:25[0-5]|2[0-4]\d|1\d\d|[1-9]?\d)(?:\.(?!$)|$)){4}$/

/**
 * The one spelling of an IP address: dotted decimal, or RFC 5952; an IPv4 address inside IPv6 is that IPv4 address.
 * Null for all else, also for the spellings that only some resolvers take (`127.1`, `0x7f000001`, `2130706433`, zones).
 */
export function canonicalIp(text: string): string | null {
  if (dottedDecimal.test(text)) return text
  const isOdd = !text.includes(':') || text.includes('%') || /[0-9a-f]{5}/i.test(text)
  if (isOdd || !ipaddr.IPv6.isValid(text)) return null
  const address = ipaddr.IPv6.parse(text)
  return address.isIPv4MappedAddress() ? address.toIPv4Address().toString() : address.toRFC5952String()
}

/**
 * The one spelling of where a host is: an address, or a name in lower case without its last dot. Names that end in a
 * number are refused, since resolvers take them for addresses (WHATWG URL §3.5). Null: neither.
 */
export function canonicalHostAddress(text: string): string | null {
  const bare = text.startsWith('[') && text.endsWith(']') && text.includes(':') ? text.slice(1, -1) : text
  const ip = canonicalIp(bare)
  if (ip !== null) return ip
  const name = text.toLowerCase().replace(/\.$/, '')
  const labels = name.split('.')
  const isNumber = /^(?:\d+|0x[0-9a-f]*)$/.test(labels.at(-1) ?? '')
  return name.length <= NAME_CHARS_MAX && !isNumber && labels.every((part) => label.test(part)) ? name : null
}

/** Wider than the widest network that anybody runs at home: 10.0.0.0/8, and fc00::/7 in IPv6. */
const PREFIX_MIN = { ipv4: 8, ipv6: 16 } as const
const uniqueLocal = ipaddr.IPv6.parseCIDR('fc00::/7')

/** Whether a canonical address is one that means something at home only (RFC 4193). */
export const isUniqueLocal = (address: string): boolean =>
  address.includes(':') && ipaddr.IPv6.parse(address).match(uniqueLocal)

/**
 * Whether a CIDR stands for the whole Internet or a large part of it, in whatever spelling. Text that is no CIDR is not
 * wide: others refuse it.
 */
export function isWideNetwork(cidr: string): boolean {
  if (!ipaddr.isValidCIDR(cidr)) return false
  const [address, bits] = ipaddr.parseCIDR(cidr)
  if (address.kind() === 'ipv4') return bits < PREFIX_MIN.ipv4
  const v6 = ipaddr.IPv6.parse(address.toString())
  if (v6.isIPv4MappedAddress() && bits >= 96) return bits - 96 < PREFIX_MIN.ipv4
  return bits < PREFIX_MIN.ipv6 && !(bits >= 7 && v6.match(uniqueLocal))
}
