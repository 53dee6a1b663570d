import type { Store } from '@gatehouse/database'
import { selectVoters, selectVotersWithRole, type VoterFacts } from '@gatehouse/identity'
import type { Role } from '@gatehouse/contract'
import { countVotes, whyCannotVote, type Count, type Quorum, type Vote } from './quorum.ts'
import { readRule, rolesIn, type RuleInForce } from './read-rule.ts'
import { selectVotes, type RequestRow, type VoteRow } from './request.queries.ts'
import { hasProof } from './too-few.ts'
import type { Gift, Person } from './why-no-voter.ts'

/** A request with its votes, counted from the rows of one moment. */
export interface Counted {
  readonly request: RequestRow
  readonly rule: RuleInForce
  /** Votes on the version that stands. */
  readonly votes: readonly VoteRow[]
  readonly people: ReadonlyMap<string, Person>
  readonly count: Count
  readonly quorum: Quorum
}

/** Counts one request. */
export async function countRequest(db: Store, request: RequestRow, now: Date): Promise<Counted> {
  const [counted] = await countRequests(db, [request], now)
  if (counted === undefined) throw new TypeError('a request was not counted')
  return counted
}

/** Counts some requests by one look at their votes and people. */
export async function countRequests(db: Store, requests: readonly RequestRow[], now: Date): Promise<Counted[]> {
  if (requests.length === 0) return []
  const rule = await readRule(db)
  const all = await selectVotes(
    db,
    requests.map(({ id }) => id),
  )
  const ids = new Set([...requests.map((one) => one.requester_id), ...all.map((one) => one.voter_id)])
  const people = peopleOf(await selectVoters(db, { ids: [...ids], now }))
  return requests.map((request) => {
    const votes = all.filter((vote) => vote.request_id === request.id && vote.hash.equals(request.hash))
    const count: Count = {
      rule: rule.rule,
      hash: request.hash.toString('hex'),
      requester: people.get(request.requester_id) ?? gone(request.requester_id),
      people,
      // a code in a session says nothing where only keys are asked for; a no is heard however it is said
      votes: votes
        .filter((vote) => rule.totpAdmitted || vote.method === 'webauthn' || vote.says === 'deny')
        .map(asVote),
      now,
    }
    return { request, rule, votes, people, count, quorum: countVotes(count) }
  })
}

/** Who could still vote on a request, with those teams of theirs that count. */
export async function votersOf(db: Store, { request, rule, count }: Counted): Promise<readonly VoterFacts[]> {
  if (count.rule === null) return []
  const candidates = await selectVotersWithRole(db, { roles: rolesIn(rule.rule), now: count.now, limit: candidatesMax })
  const people = new Map([...count.people, ...peopleOf(candidates)])
  return candidates
    .filter(hasProof(rule.totpAdmitted))
    .filter(({ id }) => id !== request.requester_id && whyCannotVote({ ...count, people }, id) === null)
}

/** More people are not looked at to name those who can vote. */
const candidatesMax = 500

/** Why somebody can't vote, from the rows of this moment; null: they can. */
export async function whyNotVoter(db: Store, { count }: Counted, userId: string): Promise<string | null> {
  const own = peopleOf(await selectVoters(db, { ids: [userId], now: count.now }))
  return whyCannotVote({ ...count, people: new Map([...count.people, ...own]) }, userId)
}

/** Accounts as counting knows them. */
export const peopleOf = (facts: readonly VoterFacts[]): Map<string, Person> =>
  new Map(facts.map((one) => [one.id, personOf(one)]))

const personOf = ({ id, active, roles, teams, marks, gifts }: VoterFacts): Person => ({
  id,
  kind: 'person',
  active,
  roles,
  teams,
  marks,
  gifts: gifts.map((gift): Gift => ({ by: gift.giver_id, at: gift.at, what: whatOf(gift) })),
})

function whatOf({ what, given }: VoterFacts['gifts'][number]): Gift['what'] {
  if (what === 'account') return 'account'
  // only the five roles are ever written as given
  return what === 'role' ? { role: given as Role } : { team: given ?? '' }
}

/** Whose account is gone asks for nothing and has no teams; and nobody is them. */
const gone = (id: string): Person => ({ id, kind: 'person', active: false, roles: [], teams: [], marks: [], gifts: [] })

const asVote = (row: VoteRow): Vote => ({
  by: row.voter_id,
  says: row.says,
  hash: row.hash.toString('hex'),
  team: row.team_id,
  place: Number(row.place),
})
