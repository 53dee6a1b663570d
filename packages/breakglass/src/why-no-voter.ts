import type { Role } from '@gatehouse/contract'

/** What a person got from somebody else, and when. */
export interface Gift {
  readonly by: string
  readonly at: Date
  /** `account`: the account itself, its invitation, or a new authenticator after a reset. */
  readonly what: 'account' | { readonly role: Role } | { readonly team: string }
}

/** An account as far as approvals ask, as its rows say now. */
export interface Person {
  readonly id: string
  readonly kind: 'person' | 'program'
  readonly active: boolean
  readonly roles: readonly Role[]
  readonly teams: readonly string[]
  /**
   * Marks of who is behind the account: a credential, a mailbox, a line of sessions. Two accounts with one mark are one
   * person (threat D3).
   */
  readonly marks: readonly string[]
  readonly gifts: readonly Gift[]
}

/** Others who have a part in a request, around one voter. */
export interface Circle {
  readonly requester: Person
  /** Who else said yes. */
  readonly voters: readonly Person[]
  /** Those of them who said it before. */
  readonly earlier: readonly Person[]
  readonly now: Date
}

/**
 * What one of the circle gave within this time does not count: nobody makes their own second person (threat D2), nor
 * the second team that they lack.
 */
export const giftDays = 7
const giftMs = giftDays * 86_400_000

/** Why the vote of somebody does not count, in words that go on from their name; null: it does. */
export function whyNoVoter(person: Person | undefined, circle: Circle): string | null {
  if (person === undefined) return 'has no account any more'
  if (person.kind === 'program') return 'is a program; only people approve'
  if (!person.active) return 'is disabled or locked'
  if (person.id === circle.requester.id) return 'asked for it; two others decide'
  return whySamePerson(person, circle) ?? whyBound(person, circle)
}

function whySamePerson(person: Person, { requester, earlier }: Circle): string | null {
  if (sharesMark(person, requester)) return 'is another account of the person who asked'
  return earlier.some((other) => other.id !== person.id && sharesMark(person, other))
    ? 'is another account of a person who has already voted'
    : null
}

/** Whether two accounts are one person's. */
export const sharesMark = (one: Person, other: Person): boolean => one.marks.some((mark) => other.marks.includes(mark))

function whyBound(person: Person, circle: Circle): string | null {
  const late = lateGifts(person, circle)
  if (late.some((gift) => gift.what === 'account')) {
    return `got their account or an authenticator from somebody in this request less than ${giftDays} days ago`
  }
  const { roles, teams } = withoutLateGifts(person, circle)
  if (roles.length === 0)
    return `has no role that is older than ${giftDays} days or came from somebody outside of this request`
  if (teams.length === 0) return whyNoTeam(person)
  const own = circle.requester.teams
  return teams.every((team) => own.includes(team)) ? 'is only in teams of the person who asked' : null
}

const whyNoTeam = ({ teams }: Person): string =>
  teams.length === 0
    ? 'is in no team that counts here'
    : `is in no team that is older than ${giftDays} days or came from somebody outside of this request`

/** The roles and teams of a person that count in a request. */
export function withoutLateGifts(
  person: Person,
  circle: Omit<Circle, 'earlier'>,
): { readonly roles: readonly Role[]; readonly teams: readonly string[] } {
  const late = lateGifts(person, circle).map((gift) => gift.what)
  const roles = new Set(late.flatMap((what) => (typeof what === 'object' && 'role' in what ? [what.role] : [])))
  const teams = new Set(late.flatMap((what) => (typeof what === 'object' && 'team' in what ? [what.team] : [])))
  return {
    roles: person.roles.filter((role) => !roles.has(role)),
    teams: person.teams.filter((team) => !teams.has(team)),
  }
}

/**
 * Roles and teams that one gives oneself are late as those of another are; a way into one's own account makes nobody
 * somebody else. A time to come counts as late: a clock that was set back makes nothing old.
 */
const lateGifts = (person: Person, { requester, voters, now }: Omit<Circle, 'earlier'>): readonly Gift[] => {
  const others = new Set([requester, ...voters].map((one) => one.id).filter((id) => id !== person.id))
  const isFromCircle = ({ by, what }: Gift): boolean => (by === person.id ? what !== 'account' : others.has(by))
  return person.gifts.filter((gift) => isFromCircle(gift) && now.getTime() - gift.at.getTime() < giftMs)
}
