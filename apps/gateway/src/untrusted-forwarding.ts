/** A peer that says for whom it asks and is not trusted to: what is known of it. */
export interface ForwardingPeer {
  readonly address: string
  readonly count: number
  readonly since: Date
  readonly lastSeenAt: Date
}

export interface ForwardingWatch {
  /** A request came from such a peer. */
  seen(peer: string, at: Date): void
  /** Who did so since the process began, the most frequent first. */
  peers(): readonly ForwardingPeer[]
}

/** Peers that are remembered, and lines in the log for all of them: nobody fills either by a header. */
const peersMax = 16

/**
 * Remembers who forwards for others and is not trusted to: all who come through such a peer are one address, and share
 * its limit. A stranger may write that header too, so nothing is refused for it; and the busiest stay remembered, so
 * that strangers do not push out the proxy that everybody comes through.
 */
export function watchForwarding(tell: (peer: string) => void): ForwardingWatch {
  const known = new Map<string, ForwardingPeer>()
  let told = 0
  const tellOnce = (peer: string): void => {
    if (told >= peersMax) return
    told += 1
    tell(peer)
  }
  const byCount = (): ForwardingPeer[] => [...known.values()].toSorted((a, b) => b.count - a.count)
  return {
    seen: (peer, at) => {
      const before = known.get(peer)
      if (before === undefined) {
        if (known.size >= peersMax) known.delete(byCount().at(-1)?.address ?? '')
        tellOnce(peer)
      }
      known.set(peer, { address: peer, count: (before?.count ?? 0) + 1, since: before?.since ?? at, lastSeenAt: at })
    },
    peers: byCount,
  }
}
