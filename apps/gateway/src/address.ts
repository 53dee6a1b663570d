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

/** From where a request comes, as far as somebody trusted vouches for it. */
export interface Origin {
  readonly address: string
  /** The address says that it asks for somebody else, and is not trusted to: it may be a proxy's, and no person's. */
  readonly forwards: boolean
}

/**
 * The caller's address: the socket's peer, or, only when that is a trusted proxy, the right-most untrusted hop it
 * forwards.
 */
export function originOf(
  peer: string,
  forwardedFor: string | undefined,
  isTrusted: (address: string) => boolean,
): Origin {
  let address = peerAddress(peer) ?? peer
  if (forwardedFor === undefined) return { address, forwards: false }
  for (const part of forwardedFor.split(',').reverse()) {
    const hop = addressAsWritten(part.trim())
    if (!isTrusted(address) || hop === null) return { address, forwards: true }
    address = hop
  }
  return { address, forwards: false }
}

/**
 * One address as others write it, in `X-Forwarded-For` or in a question. Some proxies add the port, and write IPv6 as
 * URLs do. Null: it is no address.
 */
export function addressAsWritten(text: string): string | null {
  const [, bracketed] = /^\[([^\]]*)\](?::\d{1,5})?$/.exec(text) ?? []
  const [, withPort] = /^([\d.]+):\d{1,5}$/.exec(text) ?? []
  return peerAddress(bracketed ?? withPort ?? text)
}
