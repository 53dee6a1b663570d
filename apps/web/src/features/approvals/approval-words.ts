import type { Wire } from '@gatehouse/contract'
import { whyNotAdminister } from '../answer/may.ts'

type Approval = Wire<'approval.get'>
type Me = Pick<Wire<'auth.whoami'>, 'id' | 'roles'> | null

const acts: Readonly<Record<string, (name: string) => { readonly ask: string; readonly effect: string }>> = {
  'mfa.reset': (name) => ({
    ask: `reset the second factors of ${name}`,
    effect: `If you approve, all authenticators and backup codes of ${name} can be removed once and all their sessions end. Anyone who has the password of ${name} can then add a new second factor.`,
  }),
}

/** What is asked for, as it is said to who judges it. */
export const askWords = ({ action, resourceName }: Pick<Approval, 'action' | 'resourceName'>): string =>
  acts[action]?.(resourceName).ask ?? `run ${action} on ${resourceName}`

/** What an approval allows. */
export const effectWords = ({ action, resourceName }: Pick<Approval, 'action' | 'resourceName'>): string =>
  acts[action]?.(resourceName).effect ?? `If you approve, ${action} can be run on ${resourceName} once.`

/** Why the person may not decide this one; null: they may. */
export function whyNotDecide(
  approval: Pick<Approval, 'requester' | 'resource' | 'state' | 'expiresAt'>,
  me: Me,
  now: number,
): string | null {
  if (approval.state !== 'pending') return `This request is already ${approval.state}.`
  if (Date.parse(approval.expiresAt) <= now) return 'This request has expired and must be made again.'
  const role = whyNotAdminister(me)
  if (role !== null) return role
  if (approval.requester === me?.id) return 'You cannot approve your own request. A second person must decide.'
  if (approval.resource === me?.id) return 'You cannot approve a request about your own account.'
  return null
}

/** Why the person may not take it back; null: they may. */
export function whyNotCancel(approval: Pick<Approval, 'requester' | 'requesterName' | 'state'>, me: Me): string | null {
  if (approval.state !== 'pending' && approval.state !== 'approved') return `This request is already ${approval.state}.`
  return approval.requester === me?.id ? null : `Only ${approval.requesterName}, who made the request, can cancel it.`
}
