import { BlockList, isIPv4, isIPv6, SocketAddress } from 'node:net'
import { invalidField } from '@gatehouse/contract'

/** What is wider binds a token to nothing: the largest networks that one owner has. */
const widest = { ipv4: { bits: 32, prefixMin: 8 }, ipv6: { bits: 128, prefixMin: 32 } } as const

/** IPv4 inside IPv6 (RFC 4291 §2.5.5.2) is the same peer as its IPv4. */
const mapped = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i
const mappedPrefixBits = 96

/**
 * One address or network, as it was given, in the one form that is stored: always with a prefix, IPv4 never inside
 * IPv6. Null: too wide.
 */
export function canonicalCidr(text: string): string | null {
  const [given = '', length] = text.split('/')
  const plain = plainAddress(given)
  const family = isIPv4(plain) ? 'ipv4' : 'ipv6'
  const moved = isIPv6(given) && family === 'ipv4' ? mappedPrefixBits : 0
  const prefix = length === undefined ? widest[family].bits : Number(length) - moved
  return prefix < widest[family].prefixMin ? null : `${plain}/${prefix}`
}

/** Addresses that a token may be used from, in canonical form, each once. Refuses the field that is too wide. */
export function canonicalCidrs(texts: readonly string[]): string[] {
  const all = texts.map((text) => {
    const cidr = canonicalCidr(text)
    if (cidr === null)
      throw invalidField(
        'sourceAddresses',
        `networks of at most /${widest.ipv4.prefixMin} (IPv4) or /${widest.ipv6.prefixMin} (IPv6); \`${text}\` is wider`,
      )
    return cidr
  })
  return [...new Set(all)]
}

/** True when a caller's address lies in one of the networks, or there are none. What is no address lies in none. */
export function addressAdmitted(cidrs: readonly string[], address: string): boolean {
  if (cidrs.length === 0) return true
  const plain = plainAddress(address)
  if (!isIPv4(plain) && !isIPv6(plain)) return false
  const list = new BlockList()
  for (const cidr of cidrs) {
    const [network = '', prefix] = cidr.split('/')
    list.addSubnet(network, Number(prefix), familyOf(network))
  }
  return list.check(plain, familyOf(plain))
}

const familyOf = (address: string): 'ipv4' | 'ipv6' => (isIPv4(address) ? 'ipv4' : 'ipv6')

/** The shortest spelling, without a zone; IPv4 that came inside IPv6 as IPv4. */
function plainAddress(text: string): string {
  const address = text.replace(/%.*$/, '')
  if (!isIPv6(address)) return address
  const short = new SocketAddress({ address, family: 'ipv6' }).address
  return mapped.exec(short)?.[1] ?? short
}
