import type { Wire } from '@gatehouse/contract'

const day = 86_400_000

/** As the dashboard counts them: long enough ahead to make another, and long enough unused to ask what it is for. */
const expiringSoonMs = 14 * day
const unusedMs = 30 * day

/** How a token stands: its state, or what is to be done about it while it is active. */
export function tokenStanding(
  {
    state,
    expiresAt,
    createdAt,
    lastUsedAt,
  }: Pick<Wire<'apiToken.get'>, 'state' | 'expiresAt' | 'createdAt' | 'lastUsedAt'>,
  now: number,
): string {
  if (state !== 'active') return state
  if (Date.parse(expiresAt) - now < expiringSoonMs) return 'expiring soon'
  return now - Date.parse(lastUsedAt ?? createdAt) > unusedMs ? 'unused' : state
}
