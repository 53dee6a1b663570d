import type { Wire } from '@gatehouse/contract'

type Approval = Wire<'approval.get'>

const acts: Readonly<Record<string, (name: string) => { readonly ask: string; readonly effect: string }>> = {
  'mfa.reset': (name) => ({
    ask: `reset the second factors of ${name}`,
    effect:
      `If you approve, all authenticators and backup codes of ${name} can be removed once and all their sessions ` +
      `end. Anyone who has the password of ${name} can then add a new second factor.`,
  }),
  'alertChannel.remove': (name) => ({
    ask: `remove ${name}, the last alert channel`,
    effect:
      `If you approve, ${name} can be removed once. After that, alerts are sent nowhere and are seen only in the ` +
      `control center, until a channel is added.`,
  }),
}

type Asked = Pick<Approval, 'action' | 'resourceName'>

/** What is done on the platform: the server names the whole call, `Cluster web in shop, version=1.4.2`. */
const platformWords = ({ action, resourceName }: Asked): string => `${action} ${resourceName}`

/** What is asked for, as it is said to who judges it. */
export const askWords = (approval: Asked): string =>
  acts[approval.action]?.(approval.resourceName).ask ?? platformWords(approval)

/** What an approval allows. */
export const effectWords = (approval: Asked): string =>
  acts[approval.action]?.(approval.resourceName).effect ??
  `If you approve, exactly this can be done once: ${platformWords(approval)}. Other parameters need another approval.`

/** Why this person, whatever their rights, can't decide this one: it takes a second. Null: they can. */
export function whyNotDecide(
  approval: Pick<Approval, 'requester' | 'resource' | 'state' | 'expiresAt'>,
  me: string | undefined,
  now: number,
): string | null {
  if (approval.state !== 'pending') return `This request is already ${approval.state}.`
  if (Date.parse(approval.expiresAt) <= now) return 'This request has expired and must be made again.'
  if (approval.requester === me) return 'You cannot approve your own request. A second person must decide.'
  if (approval.resource === me) return 'You cannot approve a request about your own account.'
  return null
}

/** Why the person may not take it back; null: they may. */
export function whyNotCancel(
  approval: Pick<Approval, 'requester' | 'requesterName' | 'state'>,
  me: string | undefined,
): string | null {
  if (approval.state !== 'pending' && approval.state !== 'approved') return `This request is already ${approval.state}.`
  return approval.requester === me ? null : `Only ${approval.requesterName}, who made the request, can cancel it.`
}
