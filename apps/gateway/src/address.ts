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
    const hop = peerAddress(part.trim())
    if (!isTrusted(address) || hop === null) return address
    address = hop
  }
  return address
}
