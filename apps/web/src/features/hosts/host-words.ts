import type { Wire } from '@gatehouse/contract'

type Host = Wire<'sshHost.get'>

/** How Gatehouse itself gets onto a host, in words. */
export const accessWords: Readonly<Record<Host['access'], string>> = {
  ca: 'certificate',
  managementKey: 'management key',
}

/** Where a host is, as one writes it: an IPv6 address in brackets. */
export const addressWords = ({ address, port }: Pick<Host, 'address' | 'port'>): string =>
  `${address.includes(':') ? `[${address}]` : address}:${port}`

/** Whether a host answered when it was last asked. */
export const standingOf = ({ reachable }: Host): string =>
  reachable === null ? 'never checked' : reachable ? 'reachable' : 'unreachable'
