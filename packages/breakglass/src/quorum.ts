import type { Role } from '@gatehouse/contract'
import { problemOfRule, waysOf, type ApprovalRule, type Place, type Way } from './approval-rule.ts'
import { assignPlaces, type Standing, type Voter } from './assign-places.ts'
import { whyNoVoter, withoutLateGifts, type Circle, type Person } from './why-no-voter.ts'

/** What somebody said to one version of a request. The newest vote of a person is the one that counts. */
export interface Vote {
  readonly by: string
  readonly says: 'approve' | 'deny'
  /** The hash of the document that was before them. */
  readonly hash: string
  /** For a deny: the team that says no with them. */
  readonly team: string | null
  /** The order in which votes were written; each number once. */
  readonly place: number
}

/** All that counting needs, as the rows say it at one moment. */
export interface Count {
  readonly rule: ApprovalRule | null
  /** The hash of the request as it stands. */
  readonly hash: string
  readonly requester: Person
  readonly people: ReadonlyMap<string, Person>
  readonly votes: readonly Vote[]
  readonly now: Date
}

/** Where a request stands with its approvers. */
export interface Quorum {
  readonly met: boolean
  /** Whose yes counts, and for which team. */
  readonly standing: readonly Standing[]
  /** How many more people the nearest way to meet the rule wants; null where there is no rule. */
  readonly missing: number | null
  /** Teams that have said no. Two end the request. */
  readonly denied: readonly string[]
  /** Why the yes of somebody does not count, in words, by their id. */
  readonly uncounted: ReadonlyMap<string, string>
}

/** Two: one stolen account can't block, as one can't open. */
export const denyingTeamsMax = 2

/**
 * Counts. Whose yes counts is read from what the rows say now, nothing from what was true when somebody voted: who lost
 * their role, their team or their account since does not count any more (threat D4). A no was looked at when it was
 * given, and stays: nobody moves a person elsewhere to be rid of it.
 */
export function countVotes(count: Count): Quorum {
  const votes = votesOf(count)
  const yes = votes.filter((vote) => vote.says === 'approve')
  const denied = [...new Set(votes.flatMap((vote) => (vote.team === null ? [] : [vote.team])))]
  const uncounted = new Map(
    yes.flatMap((vote) => {
      const why = whyNoVoter(count.people.get(vote.by), circleOf(vote.place, yes, count))
      return why === null ? [] : [[vote.by, why] as const]
    }),
  )
  const voters = yes.filter((vote) => !uncounted.has(vote.by)).flatMap((vote) => voterOf(vote, yes, { count, denied }))
  const { missing, standing } = nearest(count.rule, voters)
  return { met: missing === 0 && denied.length < denyingTeamsMax, standing, missing, denied, uncounted }
}

/** Votes on the document as it stands, one of each person, in their order. A no stays, whatever they say after it. */
function votesOf({ votes, hash }: Pick<Count, 'votes' | 'hash'>): readonly Vote[] {
  const inOrder = votes.filter((vote) => vote.hash === hash).toSorted((a, b) => a.place - b.place)
  const kept = new Map<string, Vote>()
  for (const vote of inOrder) {
    const before = kept.get(vote.by)
    if (before === undefined || (before.says === 'approve' && vote.says === 'deny')) kept.set(vote.by, vote)
  }
  return [...kept.values()].toSorted((a, b) => a.place - b.place)
}

/** Who has a part in a request, around the vote of a place: every yes, and those before it. */
function circleOf(place: number, yes: readonly Vote[], { requester, people, now }: Omit<Count, 'votes'>): Circle {
  const whose = (some: readonly Vote[]): readonly Person[] => some.flatMap((one) => people.get(one.by) ?? [])
  return { requester, voters: whose(yes), earlier: whose(yes.filter((one) => one.place < place)), now }
}

function voterOf(
  vote: Vote,
  yes: readonly Vote[],
  { count, denied }: { readonly count: Count; readonly denied: readonly string[] },
): readonly Voter[] {
  const person = count.people.get(vote.by)
  if (person === undefined) return []
  const { roles, teams } = withoutLateGifts(person, circleOf(vote.place, yes, count))
  return [{ id: person.id, roles, teams: teams.filter((team) => !denied.includes(team)) }]
}

/**
 * Why somebody can't vote on a request as it stands, in words that go on from their name; null: they can. Who can say
 * yes can say no, and nobody else: two who may only look can't block it.
 */
export function whyCannotVote(count: Count, by: string): string | null {
  const votes = votesOf(count)
  const yes = votes.filter((vote) => vote.says === 'approve' && vote.by !== by)
  const circle = circleOf(Number.POSITIVE_INFINITY, yes, count)
  const person = count.people.get(by)
  const why = whyNoVoter(person, circle)
  if (why !== null || person === undefined) return why
  if (votes.some((vote) => vote.by === by && vote.says === 'deny')) return 'has denied it, which stays'
  const { denied } = countVotes(count)
  const { roles, teams } = withoutLateGifts(person, circle)
  if (teams.every((team) => denied.includes(team))) return 'is only in teams that have denied it'
  const voters = yes.flatMap((vote) => voterOf(vote, yes, { count, denied }))
  return whyNoPlace(count.rule, roles, voters)
}

function whyNoPlace(rule: ApprovalRule | null, roles: readonly Role[], voters: readonly Voter[]): string | null {
  const ways = rule === null ? [] : waysOf(rule)
  const fitting = ways.filter((way) => way.some((place) => hasRoleFor(roles, place)))
  if (fitting.length === 0) return 'has no role that the rule asks for'
  const isTheirTurn = fitting.some((way) =>
    way.some((place) => hasRoleFor(roles, place) && isFilledBefore(place.step, way, voters)),
  )
  return isTheirTurn ? null : 'has a later turn: who comes first by the rule has not approved yet'
}

const hasRoleFor = (roles: readonly Role[], place: Place): boolean => place.roles.some((role) => roles.includes(role))

function isFilledBefore(step: number, way: Way, voters: readonly Voter[]): boolean {
  const before = way.filter((place) => place.step < step)
  return assignPlaces(before, voters).length === before.length
}

/** The way to meet a rule that wants the fewest people more. No rule, no way: nobody is enough (fail closed). */
function nearest(
  rule: ApprovalRule | null,
  voters: readonly Voter[],
): { missing: number | null; standing: readonly Standing[] } {
  if (rule === null || problemOfRule(rule) !== null) return { missing: null, standing: [] }
  const tried = waysOf(rule).map((way) => {
    const standing = assignPlaces(way, voters)
    return { missing: way.length - standing.length, standing }
  })
  return tried.reduce((best, one) => (one.missing < best.missing ? one : best))
}
