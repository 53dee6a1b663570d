import type { Role } from '@gatehouse/contract'

/** So many people with one of these roles. */
export interface People {
  readonly people: number
  readonly roles: readonly Role[]
}

/** All of its parts, or any one of them. */
export type Part = People | { readonly allOf: readonly Part[] } | { readonly anyOf: readonly Part[] }

/**
 * Who must say yes before emergency access is given. In a sequence nobody's yes counts for a part before those ahead of
 * it are met. Over the whole rule each person stands for one place and one team, and no team for two: "an Admin and an
 * Operator" are two people of two teams.
 */
export type ApprovalRule = Part | { readonly inSequence: readonly Part[] }

/** Fewer people, or fewer teams, and one stolen account would be enough. Not a setting. */
export const peopleMin = 2

/** More people than this are not found at three in the morning; and it bounds the work of counting. */
export const peopleMax = 6

/** A rule that nobody can say aloud is one that nobody checks. */
const partsMax = 8
const depthMax = 4
/** Who counts a sequence tries each place where one step may end: with more steps that takes too long. */
const stepsMax = 3
const waysMax = 32

/** Roles that can hold an approval at all: who may only look decides nothing. */
export const approvingRoles = ['Admin', 'Operator', 'Developer'] as const satisfies readonly Role[]

/** The rule of a fresh installation. */
export const shippedRule: ApprovalRule = { people: 2, roles: ['Admin', 'Operator'] }

/** A place that one person fills: with which roles, and in which step of the sequence. */
export interface Place {
  readonly roles: readonly Role[]
  readonly step: number
}

/** One way to meet a rule: all of these places filled. */
export type Way = readonly Place[]

/** Every way to meet a rule, of which one is enough. */
export function waysOf(rule: ApprovalRule): readonly Way[] {
  const steps = 'inSequence' in rule ? rule.inSequence : [rule]
  return together(steps.map((part, step) => waysOfPart(part, step)))
}

function waysOfPart(part: Part, step: number): readonly Way[] {
  if ('people' in part) return [Array.from({ length: part.people }, (): Place => ({ roles: part.roles, step }))]
  if ('anyOf' in part) return part.anyOf.flatMap((one) => waysOfPart(one, step))
  return together(part.allOf.map((one) => waysOfPart(one, step)))
}

/** One way of each, joined, for every choice of them. */
const together = (choices: readonly (readonly Way[])[]): readonly Way[] =>
  choices.reduce<readonly Way[]>((before, ways) => before.flatMap((way) => ways.map((more) => [...way, ...more])), [[]])

/**
 * Why a rule cannot be set, in words that name the part; null: it can be. Whether there are people to meet it is not
 * asked here: people come and go.
 */
export function problemOfRule(rule: ApprovalRule): string | null {
  if (!('inSequence' in rule)) return problemOfPart(rule, 1, 'the rule') ?? problemOfWays(rule)
  const steps = rule.inSequence
  if (steps.length > stepsMax) return `inSequence has ${steps.length} steps; at most ${stepsMax} are counted`
  return problemOfList(steps, 1, 'inSequence') ?? problemOfWays(rule)
}

function problemOfPart(part: Part, depth: number, where: string): string | null {
  if (depth > depthMax) return `${where} is nested more than ${depthMax} deep`
  if ('people' in part) return problemOfPeople(part, where)
  if ('anyOf' in part) return problemOfList(part.anyOf, depth, `${where}.anyOf`)
  return problemOfList(part.allOf, depth, `${where}.allOf`)
}

function problemOfList(parts: readonly Part[], depth: number, where: string): string | null {
  if (parts.length === 0) return `${where} is empty: nobody could meet it, or nobody would have to`
  if (parts.length > partsMax) return `${where} has ${parts.length} parts; at most ${partsMax} are counted`
  return parts.map((part, at) => problemOfPart(part, depth + 1, `${where}[${at}]`)).find((one) => one !== null) ?? null
}

function problemOfPeople({ people, roles }: People, where: string): string | null {
  if (!Number.isInteger(people) || people < 1) return `${where} asks for ${people} people; at least 1 is wanted`
  if (people > peopleMax) return `${where} asks for ${people} people; at most ${peopleMax} can be asked for`
  if (roles.length === 0) return `${where} names no role: nobody could meet it`
  const other = roles.find((role) => !(approvingRoles as readonly Role[]).includes(role))
  return other === undefined ? null : `${where} names ${other}, whose holders approve nothing`
}

function problemOfWays(rule: ApprovalRule): string | null {
  const parts = 'inSequence' in rule ? rule.inSequence : [rule]
  const ways = product(parts.map(countWays)) // counted before they are written out: they can be millions
  if (ways > waysMax) return `it can be met in ${ways} ways; at most ${waysMax} are counted`
  const sizes = waysOf(rule).map((way) => way.length)
  if (Math.min(...sizes) < peopleMin) {
    return `one way to meet it needs fewer than ${peopleMin} people; emergency access takes two people of two teams`
  }
  if (Math.max(...sizes) > peopleMax) return `one way to meet it needs more than ${peopleMax} people`
  return null
}

function countWays(part: Part): number {
  if ('people' in part) return 1
  if ('anyOf' in part) return part.anyOf.reduce((sum, one) => sum + countWays(one), 0)
  return product(part.allOf.map(countWays))
}

const product = (numbers: readonly number[]): number => numbers.reduce((all, one) => all * one, 1)
