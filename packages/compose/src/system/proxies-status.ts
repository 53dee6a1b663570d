import type { Output } from '@gatehouse/contract'
import type { StatusPart } from '@gatehouse/enforcement'
import { isOwnNetwork } from '@gatehouse/kit'

type UntrustedForwarding = Output<'system.status'>['untrustedForwarding'][number]
/** A peer that forwards for others and is not trusted to, without what to do about it. */
export type ForwardingPeer = Omit<UntrustedForwarding, 'advice'>

/** Those peers, each with what to set; first those that stand where proxies do. */
export const forwardingFacts = (peers: readonly ForwardingPeer[]): UntrustedForwarding[] =>
  ownFirst(peers).map((peer) => ({
    ...peer,
    advice: `if it is a proxy of yours, put "${peer.address}" into \`[rate_limit] trusted_proxies\``,
  }))

const ownFirst = (peers: readonly ForwardingPeer[]): readonly ForwardingPeer[] =>
  peers.toSorted((a, b) => Number(isOwnNetwork(b.address)) - Number(isOwnNetwork(a.address)))

/**
 * What the status says of them. Anybody may write that header, so only a peer of an organisation's own networks, where
 * proxies stand, is a fault to mend.
 */
export function proxiesPart(peers: readonly ForwardingPeer[]): StatusPart {
  const told = ownFirst(peers)[0]
  if (told === undefined) return { name: 'proxies', health: 'ok', message: 'no proxy forwards that is not trusted' }
  const message =
    `${told.address} sent X-Forwarded-For ${told.count} times and is not in \`[rate_limit] trusted_proxies\`: ` +
    'all who come through it count as one address'
  return { name: 'proxies', health: isOwnNetwork(told.address) ? 'degraded' : 'ok', message }
}
