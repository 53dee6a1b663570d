import type { Wire } from '@gatehouse/contract'
import { whyNotAdminister } from '../answer/may.ts'

type Approval = Wire<'approval.get'>
type Me = Pick<Wire<'auth.whoami'>, 'id' | 'roles'> | null

const acts: Readonly<Record<string, (name: string) => { readonly ask: string; readonly effect: string }>> = {
  'mfa.reset': (name) => ({
    ask: `reset the second factors of ${name}`,
    effect: `If you approve, all authenticators and backup codes of ${name} can be removed, once, and all their sessions ended. Then a password alone adds a new second factor: whoever has ${name}'s password gets in.`,
  }),
}

/** What is asked for, as it is said to who judges it. */
export const askWords = ({ action, resourceName }: Pick<Approval, 'action' | 'resourceName'>): string =>
  acts[action]?.(resourceName).ask ?? `call ${action} on ${resourceName}`

/** What a yes will do. */
export const effectWords = ({ action, resourceName }: Pick<Approval, 'action' | 'resourceName'>): string =>
  acts[action]?.(resourceName).effect ?? `If you approve, ${action} can be called on ${resourceName}, once.`

/** Why the person may not decide this one; null: he may. */
export function whyNotDecide(
  approval: Pick<Approval, 'requester' | 'resource' | 'state' | 'expiresAt'>,
  me: Me,
  now: number,
): string | null {
  if (approval.state !== 'pending') return `It is ${approval.state} already.`
  if (Date.parse(approval.expiresAt) <= now) return 'Its time is over; it has to be asked for again.'
  const role = whyNotAdminister(me)
  if (role !== null) return role
  if (approval.requester === me?.id) return 'You asked for it yourself: it takes a second person.'
  if (approval.resource === me?.id) return 'It is about yourself: somebody else has to judge it.'
  return null
}

/** Why the person may not take it back; null: he may. */
export function whyNotCancel(approval: Pick<Approval, 'requester' | 'requesterName' | 'state'>, me: Me): string | null {
  if (approval.state !== 'pending' && approval.state !== 'approved') return `It is ${approval.state} already.`
  return approval.requester === me?.id ? null : `Only ${approval.requesterName}, who asked, can take it back.`
}
