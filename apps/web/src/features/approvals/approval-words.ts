import type { ownApprovableActions, Wire } from '@gatehouse/contract'
import { ruleWords } from '../emergency/rule-words.ts'

type Approval = Wire<'approval.get'>
type OwnAction = (typeof ownApprovableActions)[number]

/** Total: an operation that needs a second person and has no sentence does not compile. */
const acts: Readonly<Record<OwnAction, (name: string) => { readonly ask: string; readonly effect: string }>> = {
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
  'breakGlass.ruleSet': (name) => {
    const rule = ruleAsked(name)
    return {
      ask: `set the approval rule of emergency access to ${rule}`,
      effect:
        `If you approve, from then on emergency access is approved by ${rule}, always of different teams and never ` +
        `the requester. Open requests are counted by the new rule at once.`,
    }
  },
  'alertChannel.update': (name) => ({
    ask: `change the last alert channel: ${channelAsked(name)}`,
    effect:
      'If you approve, exactly this change can be made once. It lets the last alert channel say less, or say it to ' +
      'somebody else: without it alerts are seen only in the control center.',
  }),
  'kmsKey.update': (name) => ({
    ask: `close older versions of a key that are still needed: ${keyAsked(name)}`,
    effect:
      'If you approve, this can be done once. What was encrypted under older versions and was not rewrapped no ' +
      'longer decrypts; an Admin can open these versions again.',
  }),
}

/** The server names a key, what is closed and what is lost with it, and the key's id. */
const keyAsked = (name: string): string => name.replace(/^KmsKey /, '').replace(/; key [0-9a-f-]+$/, '')

/** The server names a change by what it does, and by the hash that the approval is bound to. */
const channelAsked = (name: string): string => name.replace(/^AlertChannel /, '').replace(/; change [0-9a-f]+$/, '')

/** The server names a rule by its canonical JSON: it is that very rule that is approved. */
function ruleAsked(name: string): string {
  try {
    const { rule, totpAdmitted } = JSON.parse(name) as { readonly rule?: unknown; readonly totpAdmitted?: unknown }
    return `${ruleWords(rule)}, ${totpAdmitted === true ? 'by key or code' : 'by key only'}`
  } catch {
    return name
  }
}

const ownWords = ({ action, resourceName }: Asked): { readonly ask: string; readonly effect: string } | null =>
  isOwn(action) ? acts[action](resourceName) : null

const isOwn = (action: string): action is OwnAction => Object.hasOwn(acts, action)

type Asked = Pick<Approval, 'action' | 'resourceName'>

/** What is done on the platform: the server names the whole call, `Cluster web in shop, version=1.4.2`. */
const platformWords = ({ action, resourceName }: Asked): string => `${action} ${resourceName}`

/** What is asked for, as it is said to who judges it. */
export const askWords = (approval: Asked): string => ownWords(approval)?.ask ?? platformWords(approval)

/** What an approval allows. */
export const effectWords = (approval: Asked): string =>
  ownWords(approval)?.effect ??
  `If you approve, exactly this can be done once: ${platformWords(approval)}. Other parameters need another approval.`

/** It was decided against, taken back or used: when it would have expired tells nothing any more. */
export const isSettled = ({ state }: Pick<Approval, 'state'>): boolean =>
  state === 'denied' || state === 'cancelled' || state === 'used'

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
