import type { Wire } from '@gatehouse/contract'

type Host = Wire<'sshHost.get'>

/** How Gatehouse itself gets onto a host, in words. */
export const accessWords: Readonly<Record<Host['access'], string>> = {
  ca: 'certificate',
  managementKey: 'management key',
}

/** The same, to choose from. */
export const accessOptions = [
  ['ca', 'certificate: the host trusts the Gatehouse CA'],
  ['managementKey', 'management key: Gatehouse writes to authorized_keys'],
] as const

/** Where a host is, as one writes it: an IPv6 address in brackets. */
export const addressWords = ({ address, port }: Pick<Host, 'address' | 'port'>): string =>
  `${address.includes(':') ? `[${address}]` : address}:${port}`

/** Whether a host answered when it was last asked. */
export function standingOf({ reachable }: Host): string {
  if (reachable === null) return 'never checked'
  return reachable ? 'reachable' : 'unreachable'
}
