import { BlockList, isIP, isIPv6 } from 'node:net'

/** IPv4-mapped IPv6 is the same peer as its IPv4. */
export const plainAddress = (address: string): string =>
  address.replace(/^::ffff:(?=\d+\.\d+\.\d+\.\d+$)/i, '').replace(/%.*$/, '')

/** Builds a matcher of addresses and CIDRs. */
export function addressMatcher(list: readonly string[]): (address: string) => boolean {
  const block = new BlockList()
  for (const entry of list) {
    const [network = '', prefix] = entry.split('/')
    const family = isIPv6(network) ? 'ipv6' : 'ipv4'
    if (prefix === undefined) block.addAddress(network, family)
    else block.addSubnet(network, Number(prefix), family)
  }
  return (address) => isIP(address) !== 0 && block.check(address, isIPv6(address) ? 'ipv6' : 'ipv4')
}

/**
 * The caller's address: the socket's peer, or, only when that is a trusted proxy, the right-most untrusted hop it
 * forwards.
 */
export function callerAddress(
  peer: string,
  forwardedFor: string | undefined,
  isTrusted: (address: string) => boolean,
): string {
  let address = plainAddress(peer)
  if (forwardedFor === undefined) return address
  for (const hop of forwardedFor
    .split(',')
    .map((part) => plainAddress(part.trim()))
    .reverse()) {
    if (!isTrusted(address)) return address
    if (isIP(hop) === 0) return address
    address = hop
  }
  return address
}

/** What limits count by: an IPv4 address, or the /64 of an IPv6 one, since a site has all of that. */
export function addressKey(address: string): string {
  if (!isIPv6(address)) return address
  return `${expandIpv6(address).slice(0, 4).join(':')}::/64`
}

function expandIpv6(address: string): string[] {
  const [head = '', tail] = address.split('::')
  const left = head === '' ? [] : head.split(':')
  const right = tail === undefined || tail === '' ? [] : tail.split(':')
  const gap = tail === undefined ? 0 : Math.max(0, 8 - left.length - right.length)
  return [...left, ...Array.from({ length: gap }, () => '0'), ...right].map((group) =>
    Number.parseInt(group, 16).toString(16),
  )
}
