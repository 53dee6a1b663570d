import { isWithin, parseNetwork, peerAddress } from '@gatehouse/kit'

/** Builds a matcher of addresses and CIDRs. Throws for what is neither: settings are checked before. */
export function addressMatcher(list: readonly string[]): (address: string) => boolean {
  const networks = list.map((entry) => {
    const network = parseNetwork(entry)
    if (network === null) throw new TypeError(`\`${entry}\` is no address and no network`)
    return network
  })
  return (address) => networks.some((network) => isWithin(network, address))
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
  let address = peerAddress(peer) ?? peer
  if (forwardedFor === undefined) return address
  for (const part of forwardedFor.split(',').reverse()) {
    const hop = forwardedAddress(part.trim())
    if (!isTrusted(address) || hop === null) return address
    address = hop
  }
  return address
}

/** One hop of `X-Forwarded-For`. Some proxies add the port, and write IPv6 as URLs do. Null: it is no address. */
function forwardedAddress(hop: string): string | null {
  const [, bracketed] = /^\[([^\]]*)\](?::\d{1,5})?$/.exec(hop) ?? []
  const [, withPort] = /^([\d.]+):\d{1,5}$/.exec(hop) ?? []
  return peerAddress(bracketed ?? withPort ?? hop)
}

/** Peers that are remembered to have been told of: nobody fills the log, or the memory, by a header. */
const toldMax = 16

/**
 * Tells, once of each peer, that it forwards for others and is not trusted to: all who come through it are then one
 * address, and share its limit. A stranger may write that header too, so nothing else follows from it.
 */
export function tellUntrustedForwarding(tell: (peer: string) => void): (peer: string) => void {
  const told = new Set<string>()
  return (peer) => {
    if (told.has(peer) || told.size >= toldMax) return
    told.add(peer)
    tell(peer)
  }
}
