import type { z } from 'zod'
import type { Assurance, PrincipalType, ResourceType } from './entities.ts'
import type { RefusalCode } from './refusal.ts'

export type OperationKind = 'query' | 'mutation' | 'subscription'

/** Cedar's action groups; a policy names a group rather than fifty actions. */
export const actionGroups = [
  'readActions',
  'writeActions',
  'selfActions',
  'sensitiveActions',
  'breakGlassActions',
  'emergencyActions',
  'metaPolicyActions',
] as const
export type ActionGroup = (typeof actionGroups)[number]

/** Who calls, as far as a declaration may look: to name the caller's own user or session as the resource. */
export interface CallerIds {
  readonly principalId: string
  readonly sessionId: string | null
}

/** A fact of the input that policies may look at: its type for the Cedar schema, and how to get it. */
export type ContextType = 'String' | 'Long' | 'Bool' | 'Set<String>'
export type ContextValue = string | number | boolean | readonly string[]

export interface Authorize<I> {
  readonly principals: readonly PrincipalType[]
  readonly resource: ResourceType
  /** The resource's id or name; absent: the one System, or (lists) each of the caller's workspaces. */
  readonly id?: (input: I, caller: CallerIds) => string
  /** Lists of what outlives its workspace: archived workspaces are decided on, too. */
  readonly archivedToo?: true
  readonly contextTypes?: Readonly<Record<string, ContextType>>
  readonly context?: (input: I) => Readonly<Record<string, ContextValue>>
}

/** How the command line shows an operation; everything else is derived. */
export interface CommandHints {
  /** Input field that may stand without a flag. */
  readonly positional?: string
  /** Other flag names than the kebab-cased field. */
  readonly flags?: Readonly<Record<string, string>>
  /** What a field is for here, where its name alone says something else in other commands. */
  readonly help?: Readonly<Record<string, string>>
  /** What the command sends for a field that is not typed, where a person at a terminal wants less than all. */
  readonly defaults?: Readonly<Record<string, readonly string[]>>
  /** Columns of the table, most important first. */
  readonly columns?: readonly string[]
  /** Of those that a list says too little without, what a narrow terminal still does without, in this order. */
  readonly yields?: readonly string[]
  /** What stands beside a field's value, where the field's own name says too little. */
  readonly labels?: Readonly<Record<string, string>>
  /** Arguments after the command, as a person would type them; three that work. */
  readonly examples?: readonly string[]
  /** Other words that it answers to, as they are typed: names that people know from elsewhere. */
  readonly aliases?: readonly string[]
  /** Fields that a terminal is not filled with: they are for programs, and come with `--json`. */
  readonly onlyJson?: readonly string[]
  /** What `--quiet` prints instead of the id: the one thing that a script wants of it. */
  readonly quiet?: string
  /** The field of its output that says whether what was tried went well; where it did not, the exit code is 1. */
  readonly succeeds?: string
  /** No generated command: a hand-written one covers it. */
  readonly hidden?: boolean
}

/**
 * One thing the outside may ask for, as pure data. One name becomes GraphQL field, tRPC procedure, command, Cedar
 * action and audit action.
 */
export interface Operation<
  N extends string = string,
  K extends OperationKind = OperationKind,
  I extends z.ZodObject = z.ZodObject,
  O extends z.ZodType = z.ZodType,
> {
  readonly name: N
  readonly summary: string
  readonly kind: K
  readonly input: I
  readonly output: O
  readonly authorize: Authorize<z.output<I>>
  /** A floor; Cedar may only raise it. */
  readonly assurance: Assurance
  readonly groups: readonly ActionGroup[]
  /** Input fields that are never recorded. Secrets are never recorded whether named or not. */
  readonly audit: {
    readonly omit: readonly (keyof z.output<I> & string)[]
    readonly personal?: readonly (keyof z.output<I> & string)[]
    /** A heartbeat: a call that finds everything as it was leaves no entry, or a day of them would bury all others. */
    readonly onlyChanges?: true
  }
  /** What it may refuse with beyond the common refusals. */
  readonly refusals: readonly RefusalCode[]
  /** Allowed before the password is changed and a factor enrolled ("first steps"). */
  readonly firstSteps?: 'password' | 'enrolment'
  /** A cursor-paged list: where an item stands, newest first. */
  readonly list?: {
    readonly cursor: (item: never) => readonly [at: Date, id: string]
    /** By what an item stands in each order that `sort` names; absent: newest first is the only one. */
    readonly keys?: Readonly<Record<string, (item: never) => string>>
  }
  /**
   * At most so many at once in a process; others wait their turn before anything is spent on them, so that a stampede
   * leaves room for other calls.
   */
  readonly parallelMax?: number
  /** At most so many of one person's at once in a process; their next ones wait their turn, a few of them. */
  readonly ownMax?: number
  /**
   * It reads everything there is: one at a time for each person, the next is refused as `rate-limited`; it may take
   * minutes, where other queries are ended after seconds.
   */
  readonly heavy?: true
  /** Only the worker calls it; no transport shows it. */
  readonly internal?: true
  readonly command?: CommandHints
}

/** Declares an operation; the literal name and schemas are kept in the type. */
export function operation<
  const N extends string,
  const K extends OperationKind,
  I extends z.ZodObject,
  O extends z.ZodType,
>(declaration: Operation<N, K, I, O>): Operation<N, K, I, O> {
  return declaration
}
