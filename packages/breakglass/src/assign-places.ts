import type { Role } from '@gatehouse/contract'
import type { Place, Way } from './approval-rule.ts'
import { unitFlow, type Edge } from './unit-flow.ts'

/** Somebody whose yes can count, in the order of their votes. */
export interface Voter {
  readonly id: string
  readonly roles: readonly Role[]
  /** The teams they can stand for. */
  readonly teams: readonly string[]
}

/** A voter in a place, and the team that they stand for in it. */
export interface Standing {
  readonly id: string
  readonly team: string
}

/**
 * Fills as many places as can be filled, each by another person who stands for another team. A matching in three
 * layers (place, person, team) by augmenting paths: exact, where taking voters as they come could use up the one person
 * or the one team that another place needs.
 */
export function assignPlaces(way: Way, voters: readonly Voter[]): readonly Standing[] {
  const boundaries = way.length === 0 ? 0 : Math.max(...way.map((place) => place.step))
  let best: readonly Standing[] = []
  for (const cuts of cutsOf(voters.length, boundaries)) {
    const standing = matchPlaces(way, voters, (place, voter) => stepOf(voter, cuts) === place.step)
    if (standing.length > best.length) best = standing
    if (best.length === way.length) break
  }
  return best
}

/**
 * Where one step of a sequence ends and the next begins, among the votes in their order: every choice of `boundaries`
 * rising positions.
 */
function* cutsOf(votes: number, boundaries: number, from = 0): Generator<readonly number[]> {
  if (boundaries === 0) {
    yield []
    return
  }
  for (let at = from; at <= votes; at += 1) {
    for (const rest of cutsOf(votes, boundaries - 1, at)) yield [at, ...rest]
  }
}

const stepOf = (vote: number, cuts: readonly number[]): number => cuts.filter((cut) => vote >= cut).length

type Fits = (place: Place, voterAt: number) => boolean

/** One matching, whatever the order of votes. */
function matchPlaces(way: Way, voters: readonly Voter[], inStep: Fits): readonly Standing[] {
  const edges = way.flatMap((place, placeAt): Edge[] => [
    [source, `place ${placeAt}`],
    ...voters.flatMap((voter, at): Edge[] =>
      inStep(place, at) && place.roles.some((role) => voter.roles.includes(role))
        ? [[`place ${placeAt}`, `voter ${at}`]]
        : [],
    ),
  ])
  const standing = voters.flatMap((voter, at): Edge[] => [
    [`voter ${at}`, `standing ${at}`], // the one edge that makes a person stand once
    ...voter.teams.map((team): Edge => [`standing ${at}`, `team ${team}`]),
  ])
  const teams = [...new Set(voters.flatMap((voter) => voter.teams))].map((team): Edge => [`team ${team}`, sink])
  const used = unitFlow([...edges, ...standing, ...teams], { source, sink })
  return voters.flatMap((voter, at): Standing[] => {
    const team = voter.teams.find((one) => used.has(`team ${one}`, `standing ${at}`))
    return team === undefined ? [] : [{ id: voter.id, team }]
  })
}

const source = 'all places'
const sink = 'all teams'
