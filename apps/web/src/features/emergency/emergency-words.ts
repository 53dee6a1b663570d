import type { Wire } from '@gatehouse/contract'
import { durationText } from '@gatehouse/kit'
import { counted, sentence } from '../../words.ts'

export type Request = Wire<'breakGlass.request'>
export type RequestDetail = Wire<'breakGlass.get'>
export type Emergency = Wire<'emergencySession.get'>

/** How long a request waits in each state that has a clock; its bar empties over this. */
const lastsSeconds: Partial<Record<Request['state'], number>> = { pending: 3600, approved: 1800 }

/** How long the clock of a request runs in all; 0: none does. */
export const spanSeconds = ({ state }: Pick<Request, 'state'>): number => lastsSeconds[state] ?? 0

/** Whether a request can still be voted on. */
export const isOpen = ({ state }: Pick<Request, 'state'>): boolean => state === 'pending' || state === 'approved'

function pendingWords(missing: number | null): string {
  if (missing === null) return 'Waiting, but nobody can approve it: the approval rule cannot be met.'
  return `Waiting for ${counted(missing, 'more approver')}.`
}

/** Where a request stands, in a sentence. */
export function standingWords(
  request: Pick<Request, 'state' | 'missing' | 'drill' | 'denials' | 'closedReason'>,
): string {
  const because = request.closedReason === null ? '' : ` ${sentence(request.closedReason)}`
  const words: Readonly<Record<Request['state'], string>> = {
    pending: pendingWords(request.missing),
    approved: 'Approved. The requester can activate it now.',
    active: 'An emergency session is active.',
    denied: `Denied by ${teamsOf(request.denials)}.`,
    cancelled: `Taken back by the requester.${because}`,
    lapsed: 'Nobody approved or activated it in time. A new request is needed.',
    ended: 'The emergency session has ended.',
  }
  const ofDrill: Partial<typeof words> = {
    approved: 'Approved. The requester can finish it now.',
    lapsed: 'Nobody approved or finished it in time.',
    ended: 'It is over: its session would have begun.',
  }
  const said = request.drill ? (ofDrill[request.state] ?? words[request.state]) : words[request.state]
  return request.drill ? `Drill: no access comes of it. ${said}` : said
}

const teamsOf = (denials: Request['denials']): string =>
  [...new Set(denials.map(({ team }) => `team ${team}`))].join(' and ') || 'two teams'

/** The state as the list shows it. */
export const stateMark = ({ state }: Pick<Request, 'state'>): string =>
  state === 'lapsed' ? 'not approved in time' : state

/** Why an emergency session ended, in words. */
export const endWords: Readonly<Record<NonNullable<Emergency['endedBy']>, string>> = {
  expired: 'its time was over',
  inactive: 'it was not used for 30 minutes',
  revoked: 'it was ended by hand',
  'requester-disabled': 'the account of its person was disabled',
  'approver-disabled': 'the account of an approver was disabled',
}

/** How a vote was proved. */
export const methodWords: Readonly<Record<Request['approvals'][number]['method'], string>> = {
  webauthn: 'signed with a key',
  totp: 'by a second-factor code, weaker than a signature',
}

/** A role of which credentials could be issued, with what they may do where. */
export const roleWords = ({ name, backend, grants }: RequestDetail['roles'][number]): string =>
  `${name} (${grants.length === 0 ? backend : `${backend}: ${grants.join(', ')}`})`

/** Whether an approval counts now, and for which team, or why it does not. */
export function countsWords({ team, uncounted }: Pick<Request['approvals'][number], 'team' | 'uncounted'>): string {
  if (uncounted !== null) return `does not count: this account ${uncounted}`
  return team === null ? 'not needed: another approval already stands in its place' : `counts for team ${team}`
}

/** Why this person cannot vote on a request now; null: they can. */
export function whyNotVote(
  request: Pick<RequestDetail, 'state' | 'whyNotYou' | 'approvals'>,
  me: string | undefined,
): string | null {
  if (!isOpen(request)) return `This request is already ${request.state === 'lapsed' ? 'over' : request.state}.`
  if (request.approvals.some(({ principalId }) => principalId === me)) return 'You have already approved this request.'
  return request.whyNotYou === null ? null : `Your account ${request.whyNotYou}.`
}

/** Why nobody can activate it now, or why not this person; null: they can. */
export function whyNotActivate(
  request: Pick<Request, 'state' | 'requester' | 'requesterName' | 'missing' | 'drill'>,
  me: string | undefined,
): string | null {
  if (request.requester !== me) return `Only ${request.requesterName}, who asked for it, can activate it.`
  if (request.drill) return 'This is a drill: it ends before access is given.'
  if (request.state === 'approved') return null
  return request.state === 'pending' ? pendingWords(request.missing) : `This request is already ${request.state}.`
}

/** Why the requester of a drill cannot finish it now; null: they can. */
export function whyNotFinish(request: Pick<Request, 'state' | 'missing'>): string | null {
  if (request.state === 'approved') return null
  return request.state === 'pending' ? pendingWords(request.missing) : `This drill is already ${request.state}.`
}

/** What is lost by a change of a request; null: nothing was said to it. */
export function voidWords({ approvals, denials }: Pick<Request, 'approvals' | 'denials'>): string | null {
  const votes = approvals.length + denials.length
  if (votes === 0) return null
  return `${counted(votes, 'vote')} on this request ${votes === 1 ? 'becomes' : 'become'} void.`
}

/** Why this person cannot review an emergency session; null: they can. */
export function whyNotReview(
  session: Pick<Emergency, 'state' | 'requester' | 'review' | 'approvers'>,
  me: { readonly id: string; readonly username: string } | null,
): string | null {
  if (session.state === 'active') return 'It can be reviewed when it has ended.'
  if (session.review !== null) return 'It is already reviewed.'
  if (session.requester === me?.id) return 'You cannot review your own emergency session. Somebody else must.'
  const approved = me !== null && session.approvers.includes(me.username)
  return approved ? 'You approved it. Somebody who did not must review it.' : null
}

export const severities = [
  ['critical', 'Critical: a service is down or data is at risk'],
  ['high', 'High: a service is badly impaired'],
  ['medium', 'Medium: something works only with a workaround'],
  ['low', 'Low: no user has noticed yet'],
] as const

export const durations = [900, 1800, 3600, 7200, 14_400].map(
  (seconds) => [String(seconds), durationText(seconds)] as const,
)

/** What approvers see is at least this long; fewer words say nothing to who is woken up by them. */
export const justificationMin = 20
const justificationMax = 1000

/** How far a text is from what is wanted: told while it is written. */
export function lengthWords(text: string): string {
  const count = [...text.trim()].length
  if (count < justificationMin) return `${counted(justificationMin - count, 'more character')} needed.`
  return `${count} of at most ${justificationMax} characters.`
}

/** How long an emergency session lasts at most, from its activation. */
export const secondsOf = ({ activatedAt, expiresAt }: Pick<Emergency, 'activatedAt' | 'expiresAt'>): number =>
  (Date.parse(expiresAt) - Date.parse(activatedAt)) / 1000

/** Where the review of a session stands. */
export function reviewMark(
  { state, review, reviewDueAt }: Pick<Emergency, 'state' | 'review' | 'reviewDueAt'>,
  now: number,
): string {
  if (review !== null) return 'reviewed'
  if (state === 'active' || reviewDueAt === null) return 'not due yet'
  return Date.parse(reviewDueAt) < now ? 'review overdue' : 'review due'
}

type Deed = Wire<'emergencySession.audit'>['deeds'][number]

/** What was done, alike things together: most often first. */
export function groupedDeeds(
  deeds: readonly Pick<Deed, 'action' | 'outcome'>[],
): readonly { readonly action: string; readonly outcome: string; readonly count: number }[] {
  const groups = Map.groupBy(deeds, ({ action, outcome }) => `${action} ${outcome}`)
  return [...groups.values()]
    .flatMap((alike) => alike.slice(0, 1).map(({ action, outcome }) => ({ action, outcome, count: alike.length })))
    .toSorted((a, b) => b.count - a.count)
}
