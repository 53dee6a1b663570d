import type { Wire } from '@gatehouse/contract'

type User = Pick<Wire<'user.get'>, 'status' | 'locked' | 'invitation' | 'invitationExpiresAt'>

const isOver = ({ invitationExpiresAt }: User, now: number): boolean =>
  invitationExpiresAt === null || Date.parse(invitationExpiresAt) <= now

const marks: Partial<Record<NonNullable<User['invitation']>, string>> = {
  refused: 'mail refused',
  delayed: 'mail delayed',
}

/** How a person stands, in the word of the mark beside the name. */
export function standingOf(user: User, now: number): string {
  if (user.status === 'disabled') return 'disabled'
  if (user.locked) return 'locked'
  if (user.invitation === null) return user.status
  if (isOver(user, now)) return 'invitation expired'
  return marks[user.invitation] ?? 'invited'
}

const words = {
  shown: 'The invitation link was shown to the person who invited them.',
  waiting: 'The invitation email is queued.',
  mailed: 'The invitation email was sent.',
  none: 'There is no valid invitation.',
  delayed: 'The mail server has not accepted the invitation yet. Gatehouse will try again.',
  refused: 'The mail server rejected this address. Correct it and invite again.',
} as const satisfies Record<NonNullable<User['invitation']>, string>

/** What became of the invitation of somebody who has not come in; null for who has. */
export function invitationWords(user: User, now: number): string | null {
  if (user.invitation === null) return null
  return isOver(user, now) ? 'The invitation has expired. Invite them again.' : words[user.invitation]
}
