import { durationText } from '@gatehouse/kit'
import { isAlive, isOverdue, isRevoking, type Lease } from './live-leases.ts'

/** Why somebody cannot have a lease live on, in words; null: nothing of the lease stands in the way. */
export function whyNotRenew(lease: Lease, meId: string | undefined, now: number): string | null {
  if (!isAlive(lease) || isOverdue(lease, now)) return 'It has ended. Issue another one.'
  if (lease.principal !== meId) return `Only ${lease.principalName} can renew it.`
  if (lease.renewableUntil === null) return 'This credential cannot be renewed. Issue another one.'
  if (lease.state === 'pending') return 'It is still being made.'
  if (isRevoking(lease) || lease.state === 'irrevocable') return 'It is being revoked.'
  return lease.expiresAt >= lease.renewableUntil ? 'It already lives as long as it may.' : null
}

/** A moment of the server's and one of the browser's are never quite the same. */
const slackSeconds = 30

/** What was given, and why it is less than what was asked for. */
export function renewedWords(lease: Lease, askedSeconds: number, now: number): string {
  const seconds = Math.max(0, (Date.parse(lease.expiresAt) - now) / 1000)
  const told = `Renewed: it works for another ${durationText(seconds)}`
  if (lease.expiresAt === lease.renewableUntil) return `${told}, the most that it may.`
  return seconds + slackSeconds < askedSeconds ? `${told}, until your session ends.` : `${told}.`
}
