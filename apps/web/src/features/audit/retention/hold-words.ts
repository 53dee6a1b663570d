import type { Wire } from '@gatehouse/contract'

export type Hold = Wire<'audit.holdPlace'>

/** What a hold is on: every part that is given has to fit. A person and a workspace by the names that are shown. */
export interface Held {
  readonly user: string | null
  readonly workspace: string | null
  readonly requestId: string | null
  readonly from: string | null
  readonly to: string | null
}

/** What is held, in few words; nothing given is everything. */
export function heldWords({ user, workspace, requestId, from, to }: Held): string {
  const parts = [
    user === null ? '' : `about ${user}`,
    workspace === null ? '' : `in workspace ${workspace}`,
    requestId === null ? '' : `of request ${requestId}`,
    from === null ? '' : `from ${from}`,
    to === null ? '' : `until ${to}`,
  ].filter((part) => part !== '')
  return parts.length === 0 ? 'the whole audit log' : `entries ${parts.join(', ')}`
}

/** What placing a hold will do; null: it is not said yet what is to be held. */
export function placingWords(held: Held, scope: HoldScope): string | null {
  const isNothing = Object.values(held).every((part) => part === null)
  if (scope === 'everything')
    return 'Nothing is removed from the audit log any more, and nobody in it can be erased, until the hold is released.'
  if (isNothing) return null
  const what = heldWords(held)
  const person = held.user === null ? 'nobody in one of them' : `neither ${held.user} nor anybody else in them`
  return `All ${what} stay, those of today and those to come, and ${person} can be erased, until the hold is released.`
}

/** Whether a hold is on some entries or on all. */
export type HoldScope = 'some' | 'everything'

const holdsOnMs = 24 * 60 * 60 * 1000

/** Until when a released hold still holds. */
export const holdsUntil = (releasedAt: string): string => new Date(Date.parse(releasedAt) + holdsOnMs).toISOString()

/** Why the person can't release a hold; null: they can try. */
export function whyNotRelease(hold: Hold, me: string | undefined): string | null {
  if (hold.releasedAt !== null) return 'This hold is released already.'
  return hold.placedBy === me ? 'You placed this hold; another Admin has to release it.' : null
}

/** Days as people say them: 2555 → `2,555 days (7 years)`. */
export function daysWords(days: number): string {
  const years = days / 365
  const plain = `${days.toLocaleString('en-GB')} ${days === 1 ? 'day' : 'days'}`
  return Number.isInteger(years) ? `${plain} (${years} ${years === 1 ? 'year' : 'years'})` : plain
}
