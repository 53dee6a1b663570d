import type { Wire } from '@gatehouse/contract'

type User = Pick<Wire<'user.get'>, 'status' | 'invitation' | 'invitationExpiresAt'>

const isOver = ({ invitationExpiresAt }: User, now: number): boolean =>
  invitationExpiresAt === null || Date.parse(invitationExpiresAt) <= now

/** How a person stands, in the word of the mark beside the name. */
export function standingOf(user: User, now: number): string {
  if (user.status === 'disabled' || user.invitation === null) return user.status
  if (isOver(user, now)) return 'invitation expired'
  return user.invitation === 'refused' ? 'mail refused' : user.invitation === 'delayed' ? 'mail delayed' : 'invited'
}

const words = {
  shown: 'The link was shown to whoever invited them.',
  waiting: 'The link waits to be mailed.',
  mailed: 'The link was mailed.',
  none: 'No invitation is good any more.',
  delayed: 'The mail server has not taken the link yet; it is tried again.',
  refused: 'The mail server refuses this address for good: look at it, and invite again.',
} as const satisfies Record<NonNullable<User['invitation']>, string>

/** What became of the invitation of somebody who has not come in; null for who has. */
export const invitationWords = (user: User, now: number): string | null =>
  user.invitation === null
    ? null
    : isOver(user, now)
      ? 'It was not used in time: invite again.'
      : words[user.invitation]
