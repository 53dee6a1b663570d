import { invalidField } from '@gatehouse/contract'
import { isWithin, networkText, parseNetwork } from '@gatehouse/kit'

/** What is wider binds a token to nothing: the largest networks that one owner has. */
const prefixMin = { ipv4: 8, ipv6: 32 } as const

/** One address or network in the one form that is stored: always with a prefix. Null: none, or too wide. */
function canonicalCidr(text: string): string | null {
  const network = parseNetwork(text)
  return network === null || network.bits < prefixMin[network.family] ? null : networkText(network)
}

/** Addresses that a token may be used from, in canonical form, each once. Refuses the field that is too wide. */
export function canonicalCidrs(texts: readonly string[]): string[] {
  const all = texts.map((text) => {
    const cidr = canonicalCidr(text)
    if (cidr === null)
      throw invalidField(
        'sourceAddresses',
        `networks of at most /${prefixMin.ipv4} (IPv4) or /${prefixMin.ipv6} (IPv6); \`${text}\` is wider`,
      )
    return cidr
  })
  return [...new Set(all)]
}

/** True when a caller's address lies in one of the networks, or there are none. What is no address lies in none. */
export const addressAdmitted = (cidrs: readonly string[], address: string): boolean =>
  cidrs.length === 0 ||
  cidrs.some((cidr) => {
    const network = parseNetwork(cidr)
    return network !== null && isWithin(network, address)
  })
