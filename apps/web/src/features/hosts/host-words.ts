import type { Wire } from '@gatehouse/contract'
import { durationText } from '@gatehouse/kit'

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

/** Where a role leads: `deploy@db-1` is the account `deploy` on the host `db-1`. */
export function partsOfRole(role: string): { readonly account: string; readonly host: string } {
  const at = role.lastIndexOf('@')
  return { account: role.slice(0, Math.max(at, 0)), host: role.slice(at + 1) }
}

/** What a credential opens, in words. */
export function opensWords(role: string): string {
  const { account, host } = partsOfRole(role)
  return account === '' ? host : `${account} on ${host}`
}

/** True for a certificate that names a bare account: it is good on every host that takes those. */
export const namesBareAccount = ({ sshPrincipals }: { readonly sshPrincipals: readonly string[] }): boolean =>
  sshPrincipals.some((principal) => !principal.includes('@SHA256:'))

/** Hosts report every half minute: one that is further behind has missed several. */
const behindSecondsMax = 120

/** How far a host is behind the revocation list, by what it reported, in words. */
export function listWords({ reportedAt, listFreshAt }: Host, now: number): string {
  if (reportedAt === null) return 'not reported'
  if (listFreshAt === null) return 'never up to date'
  return `${durationText((now - Date.parse(listFreshAt)) / 1000)} behind`
}

/** Whether a host reports, and what it reports is old: what was revoked since may still work there. */
export const isBehind = ({ reportedAt, listFreshAt }: Host, now: number): boolean =>
  reportedAt !== null && (listFreshAt === null || now - Date.parse(listFreshAt) > behindSecondsMax * 1000)

/** What is wrong with what a host reports, as its marks show it; of one that does not report nothing is known. */
export function postureOf(host: Host, now: number): readonly string[] {
  return [
    ...(host.trustsCa === false ? ['CA not trusted'] : []),
    ...(host.trustsCa === true && host.followsCa === false ? ['next CA not trusted'] : []),
    ...(isBehind(host, now) ? ['list old'] : []),
  ]
}

/** Whether a host takes one-time passwords, in words. */
export const otpWords = ({ otpAddresses }: Pick<Host, 'otpAddresses'>): string =>
  otpAddresses.length === 0 ? 'not accepted' : `accepted; asked about from ${otpAddresses.join(', ')}`

/** Whether a host answered when it was last asked. */
export function standingOf({ reachable }: Host): string {
  if (reachable === null) return 'never checked'
  return reachable ? 'reachable' : 'unreachable'
}
