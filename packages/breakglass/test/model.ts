import type { Role } from '@gatehouse/contract'
import { volume } from '@gatehouse/testkit'
import { describe, expect, test } from 'vitest'
import {
  approvingRoles,
  countVotes,
  whyCannotVote,
  type ApprovalRule,
  type People,
  type Person,
  type Vote,
} from '../src/index.ts'

/**
 * Breadth first over all that four accounts in three teams can do and have done to them: votes, second votes, denies,
 * edits, roles and teams taken and given, accounts disabled. States that differ only in the names of people or teams
 * are one. At every state activation is tried, and what it needs is found again by plain search over all pairs.
 */
const depth = volume({ full: 7, sample: 3 })

const now = new Date('2026-03-01T12:00:00Z')
const requesterAt = 0
const accounts = [0, 1, 2, 3] as const
const teams = ['a', 'b', 'c'] as const

/** A rule, and what is known of it. */
export interface ModelRule {
  readonly name: string
  readonly rule: ApprovalRule | null
  /** The roles that people change between. */
  readonly roles: readonly Role[]
  /** Whether it lets through what the property asks for, or less. */
  readonly lets: 'nothing' | 'some' | 'all'
}

export const one = (role: Role): People => ({ people: 1, roles: [role] })
export const twoRoles: readonly Role[] = ['Admin', 'Viewer']
export const threeRoles: readonly Role[] = ['Admin', 'Operator', 'Viewer']

interface Account {
  readonly active: boolean
  readonly role: Role
  readonly teams: number
}

interface State {
  readonly accounts: readonly Account[]
  /** In their order; `stale`: on a version before this one. */
  readonly votes: readonly { readonly by: number; readonly deny: number | null; readonly stale: boolean }[]
}

/** What no event changes: who is a program, who is whose second account, who made whom. */
interface World {
  readonly name: string
  readonly programs: readonly number[]
  readonly marks: readonly string[]
  readonly madeBy: Readonly<Record<number, number>>
}

const worlds: readonly World[] = [
  { name: 'four people', programs: [], marks: ['0', '1', '2', '3'], madeBy: {} },
  { name: 'one is a program', programs: [3], marks: ['0', '1', '2', '3'], madeBy: {} },
  { name: 'one is the requester again', programs: [], marks: ['0', '1', '2', '0'], madeBy: {} },
  { name: 'one is another voter again', programs: [], marks: ['0', '1', '2', '2'], madeBy: {} },
  { name: 'one was made by the requester', programs: [], marks: ['0', '1', '2', '3'], madeBy: { 3: 0 } },
  { name: 'one was made by another voter', programs: [], marks: ['0', '1', '2', '3'], madeBy: { 3: 2 } },
]

const first: State = {
  accounts: [
    { active: true, role: 'Admin', teams: 0b001 },
    { active: true, role: 'Admin', teams: 0b010 },
    { active: true, role: 'Operator', teams: 0b100 },
    { active: true, role: 'Admin', teams: 0b110 },
  ],
  votes: [],
}

const teamsOf = ({ teams: bits }: Account): string[] => teams.filter((_team, at) => (bits & (1 << at)) !== 0)

const personOf = (state: State, world: World, at: number): Person => {
  const account = state.accounts[at] ?? { active: false, role: 'Viewer', teams: 0 }
  const maker = world.madeBy[at]
  return {
    id: String(at),
    kind: world.programs.includes(at) ? 'program' : 'person',
    active: account.active,
    roles: [account.role],
    teams: teamsOf(account),
    marks: [world.marks[at] ?? ''],
    gifts: maker === undefined ? [] : [{ by: String(maker), at: now, what: 'account' }],
  }
}

const countOf = (state: State, world: World, rule: ApprovalRule | null): Parameters<typeof countVotes>[0] => ({
  rule,
  hash: 'this',
  requester: personOf(state, world, requesterAt),
  people: new Map(accounts.map((at) => [String(at), personOf(state, world, at)])),
  votes: state.votes.map(({ by, deny, stale }, place): Vote => ({
    by: String(by),
    says: deny === null ? 'approve' : 'deny',
    hash: stale ? 'before' : 'this',
    team: deny === null ? null : (teams[deny] ?? null),
    place,
  })),
  now,
})

/** All that can happen next. */
function* next(state: State, world: World, { rule, roles }: ModelRule): Generator<State> {
  const count = countOf(state, world, rule)
  for (const at of accounts) {
    const account = state.accounts[at]
    if (account === undefined) continue
    const become = (changed: Partial<Account>): State => ({
      ...state,
      accounts: state.accounts.map((one, index) => (index === at ? { ...one, ...changed } : one)),
    })
    for (const bit of [1, 2, 4]) yield become({ teams: account.teams ^ bit })
    if (at === requesterAt) continue // whether they may still activate is not for their approvers to say
    yield become({ active: !account.active })
    for (const role of roles) if (role !== account.role) yield become({ role })
    if (whyCannotVote(count, String(at)) !== null) continue
    yield voted(state, at, null)
    for (const team of teamsOf(account)) yield voted(state, at, teams.indexOf(team as (typeof teams)[number]))
  }
  if (state.votes.some((vote) => !vote.stale))
    yield { ...state, votes: state.votes.map((vote) => ({ ...vote, stale: true })) }
}

/** A second vote of the same kind changes nothing that counts; two of each person on this version are enough to see. */
function voted(state: State, by: number, deny: number | null): State {
  const same = state.votes.filter((vote) => vote.by === by && !vote.stale && (vote.deny === null) === (deny === null))
  return same.length >= 2 ? state : { ...state, votes: [...state.votes, { by, deny, stale: false }] }
}

/** The property, by plain search: two eligible people of two teams, not the requester, approved this. */
function pairStands(state: State, world: World): boolean {
  const requester = state.accounts[requesterAt]
  const here = state.votes.filter((vote) => !vote.stale)
  const denied = here.reduce((bits, vote) => (vote.deny === null ? bits : bits | (1 << vote.deny)), 0)
  if ([1, 2, 4].filter((bit) => (denied & bit) !== 0).length >= 2) return false
  const saidYes = accounts.filter(
    (at) => here.some((vote) => vote.by === at) && here.every((vote) => vote.by !== at || vote.deny === null),
  )
  const eligible = saidYes.filter((at) => {
    const account = state.accounts[at]
    if (account === undefined || requester === undefined) return false
    const maker = world.madeBy[at]
    return (
      at !== requesterAt &&
      account.active &&
      !world.programs.includes(at) &&
      (approvingRoles as readonly Role[]).includes(account.role) &&
      (account.teams & ~requester.teams) !== 0 &&
      world.marks[at] !== world.marks[requesterAt] &&
      (maker === undefined || (maker !== requesterAt && !saidYes.includes(maker as 0)))
    )
  })
  return eligible.some((one) =>
    eligible.some(
      (other) => one < other && world.marks[one] !== world.marks[other] && twoTeams(state, denied, [one, other]),
    ),
  )
}

function twoTeams(state: State, denied: number, [one, other]: readonly [number, number]): boolean {
  const of = (at: number): number => (state.accounts[at]?.teams ?? 0) & ~denied
  return [1, 2, 4].some((bit) => (of(one) & bit) !== 0 && (of(other) & ~bit) !== 0)
}

const orders = <T>(items: readonly T[]): T[][] =>
  items.length === 0
    ? [[]]
    : items.flatMap((item) => orders(items.filter((one) => one !== item)).map((rest) => [item, ...rest]))

const teamOrders = orders([0, 1, 2])

/** Who may change places with whom: accounts between which the world makes no difference. */
const accountOrdersOf = (world: World): readonly number[][] => {
  const alike = accounts.filter((at) => at !== requesterAt && at !== 3 && !Object.values(world.madeBy).includes(at))
  const free = alike.filter((at) => world.marks.filter((mark) => mark === world.marks[at]).length === 1)
  const all = world.name === 'four people' ? [1, 2, 3] : free
  return orders(all).map((order) => accounts.map((at) => (all.includes(at) ? (order[all.indexOf(at)] ?? at) : at)))
}

/** The bits of some teams when they go by other names: by the place in `teamOrders`, then by the bits. */
const renamed = teamOrders.map((order) =>
  Array.from({ length: 1 << teams.length }, (_, bits) =>
    order.reduce((sum, to, from) => ((bits & (1 << from)) === 0 ? sum : sum | (1 << to)), 0),
  ),
)

/** Names that may be exchanged, and whether it matters who voted before whom. */
interface Likeness {
  readonly accountOrders: readonly (readonly number[])[]
  readonly isOrdered: boolean
}

const roleNumbers: Readonly<Partial<Record<Role, number>>> = { Admin: 0, Operator: 1, Viewer: 2 }
/** An account's activity, role and teams: six bits. */
const bitsAnAccount = 6
const teamBits = 3

/** All accounts under other names as one number. */
function numberOf(state: State, order: readonly number[], names: readonly number[] = []): number {
  let sum = 0
  for (const [at, { active, role, teams: bits }] of state.accounts.entries()) {
    const account = (active ? 32 : 0) | ((roleNumbers[role] ?? 3) << teamBits) | (names[bits] ?? 0)
    sum += account << (bitsAnAccount * (order[at] ?? at))
  }
  return sum
}

function votesOf({ votes }: State, order: readonly number[], teamOrder: readonly number[], isOrdered: boolean): string {
  const texts = (stale: boolean): string[] =>
    votes
      .filter((vote) => vote.stale === stale)
      .map(({ by, deny }) => `${order[by]}${deny === null ? 'y' : `n${teamOrder[deny]}`}`)
  const here = isOrdered ? texts(false) : texts(false).toSorted()
  return `${here.join('')} ${[...new Set(texts(true))].toSorted().join('')}`
}

/** The smallest that a state is under other names, the accounts before the votes: the same for all that are alike. */
function nameOf(state: State, { accountOrders, isOrdered }: Likeness): string {
  let least = Infinity
  let renamings: [readonly number[], readonly number[]][] = []
  for (const order of accountOrders) {
    for (const [at, teamOrder] of teamOrders.entries()) {
      const number = numberOf(state, order, renamed[at])
      if (number > least) continue
      if (number < least) renamings = []
      least = number
      renamings.push([order, teamOrder])
    }
  }
  const texts = renamings.map(([order, teamOrder]) => votesOf(state, order, teamOrder, isOrdered))
  return `${least} ${texts.reduce((a, b) => (a < b ? a : b))}`
}

function explore(world: World, rule: ModelRule): { states: number; activations: number } {
  const isOrdered = rule.name === 'in sequence' || new Set(world.marks).size < world.marks.length
  const likeness = { accountOrders: accountOrdersOf(world), isOrdered }
  const seen = new Set([nameOf(first, likeness)])
  let activations = 0
  let edge: readonly State[] = [first]
  for (let length = 0; edge.length > 0; length += 1) {
    activations += edge.filter((state) => tryActivation(state, world, rule)).length
    if (length === depth) break
    edge = edge.flatMap((state) =>
      [...next(state, world, rule)].filter((after) => {
        const name = nameOf(after, likeness)
        const isNew = !seen.has(name)
        seen.add(name)
        return isNew
      }),
    )
  }
  return { states: seen.size, activations }
}

function tryActivation(state: State, world: World, { name, rule, lets }: ModelRule): boolean {
  const { met } = countVotes(countOf(state, world, rule))
  const stands = pairStands(state, world)
  if (met && !stands) expect.fail(`${world.name}, a rule ${name}: activated by ${JSON.stringify(state)}`)
  if (!met && stands && lets === 'all') expect.fail(`${world.name}, a rule ${name}: refused ${JSON.stringify(state)}`)
  return met
}

/**
 * Looks at a rule in every world. Whole, the model counts for half an hour of one processor: the files that ask for it
 * share the rules among them, so that they count side by side.
 */
export function exploreRule(rule: ModelRule): void {
  describe(`with a rule ${rule.name}`, () => {
    test.each(worlds)('where $name, a session exists only if two people of two teams stand behind it', (world) => {
      const { states, activations } = explore(world, rule)
      console.log(`a rule ${rule.name}, ${world.name}: ${states} states to length ${depth}, ${activations} activations`)
      expect(activations > 0).toBe(rule.lets !== 'nothing')
    })
  })
}
