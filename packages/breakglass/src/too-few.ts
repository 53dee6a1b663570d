import type { Store } from '@gatehouse/database'
import { selectVotersWithRole, type VoterFacts } from '@gatehouse/identity'
import { waysOf, type ApprovalRule } from './approval-rule.ts'
import { assignPlaces, type Voter } from './assign-places.ts'
import { readRule, rolesIn, type RuleInForce } from './read-rule.ts'

/** Why the people of this moment are too few to approve anything. */
export interface TooFew {
  readonly people: number
  readonly teams: number
  /** In words. */
  readonly problem: string
}

/** Among more people than this there are always enough. */
const peopleMax = 200

/** Whether requests can be approved by the people of this moment, whoever of them asks. Null: they can. */
export async function tooFew(db: Store, now: Date): Promise<TooFew | null> {
  const inForce = await readRule(db)
  const few = whyTooFew(inForce.rule, await whoCanVote(db, inForce, now))
  return few === null ? null : { ...few, problem: `${few.problem}${proofWords(inForce)}` }
}

/**
 * Why nobody of this moment could have anything approved by a rule, whoever asks; null: somebody could. Such a rule
 * would be emergency access switched off.
 */
export async function whyMetByNobody(db: Store, wanted: AskedRule, now: Date): Promise<string | null> {
  const voters = (await whoCanVote(db, wanted, now)).filter(({ teams }) => teams.length > 0)
  if (isMetBy(wanted.rule, voters)) return null
  return `a rule that the people whom you have can meet; ${countedOf(voters)} could vote${proofWords(wanted)}`
}

/** A rule, and by what it lets people vote. */
type AskedRule = Pick<RuleInForce, 'rule' | 'totpAdmitted'>

/** Whoever has a role for it, and something to vote with: who has none is nobody's second person at night. */
const whoCanVote = async (db: Store, { rule, totpAdmitted }: AskedRule, now: Date): Promise<VoterFacts[]> =>
  (await selectVotersWithRole(db, { roles: rolesIn(rule), now, limit: peopleMax })).filter(hasProof(totpAdmitted))

/** Whether somebody has what a vote is proved with. */
export const hasProof =
  (totpAdmitted: boolean) =>
  ({ hasFactor, hasKey }: Pick<VoterFacts, 'hasFactor' | 'hasKey'>): boolean =>
    totpAdmitted ? hasFactor : hasKey

const proofWords = ({ totpAdmitted }: AskedRule): string => (totpAdmitted ? '' : ' (by a key, as the rule asks)')

/** Whether these people are enough, whoever of them asks. Null: they are. */
export function whyTooFew(
  rule: ApprovalRule,
  people: readonly (Voter & { readonly username: string })[],
): TooFew | null {
  const voters = people.filter(({ teams }) => teams.length > 0)
  const facts = { people: voters.length, teams: teamsOf(voters) }
  const counted = countedOf(voters)
  if (!isMetBy(rule, voters)) return { ...facts, problem: `only ${counted} can approve, and the rule wants more` }
  const stuck = voters.find((one) => !isMetBy(rule, withoutRequester(voters, one)))
  return stuck === undefined
    ? null
    : { ...facts, problem: `${counted} can approve, and too few of them are left when ${stuck.username} asks` }
}

/**
 * Why these people are too few for one of them who asks, in words; null: they are enough. Looked at where policies
 * decide who may vote at all: no set of them closes emergency access (ADR 051).
 */
export async function readCount(
  db: Store,
): Promise<(circle: { readonly asker: Voter; readonly voters: readonly Voter[] }) => string | null> {
  const { rule } = await readRule(db)
  return ({ asker, voters }) => {
    const left = withoutRequester(voters, asker).filter(({ roles }) =>
      roles.some((role) => rolesIn(rule).includes(role)),
    )
    return isMetBy(rule, left) ? null : `only ${countedOf(left)} could approve what one of them asks for`
  }
}

/** Who can still vote when one of them asks: the others, but for those who are only in teams of who asks. */
const withoutRequester = (voters: readonly Voter[], requester: Voter): Voter[] =>
  voters.filter((one) => one.id !== requester.id && one.teams.some((team) => !requester.teams.includes(team)))

const teamsOf = (voters: readonly Voter[]): number => new Set(voters.flatMap((one) => one.teams)).size

function countedOf(voters: readonly Voter[]): string {
  const count = (some: number, one: string, more: string): string => `${some} ${some === 1 ? one : more}`
  return `${count(voters.length, 'person', 'people')} of ${count(teamsOf(voters), 'team', 'teams')}`
}

/** In whatever order they would vote. */
const isMetBy = (rule: ApprovalRule, voters: readonly Voter[]): boolean =>
  waysOf(rule).some((way) => {
    const places = way.map((place) => ({ ...place, step: 0 }))
    return assignPlaces(places, voters).length === way.length
  })
