import type { AlertKind, OperationName, Output, ResourceType } from '@gatehouse/contract'
import type { Handlers } from './handler.ts'
import type { RowClock } from './row-clock.ts'
import type { Schedule } from './schedule.ts'
import type { LoadSlice } from './slice.ts'
import type { Sweep } from './sweep.ts'

/**
 * How rows leave a table. `pruned`: by the operation of a schedule, once no decision looks at them. `owner`: by the
 * code that writes them, as part of its work. `parent`: with the row that they hang on. `kept`: they stay.
 */
export type RowsLeave<Pruning extends OperationName = OperationName> =
  | { readonly rows: 'pruned'; readonly by: Pruning }
  | { readonly rows: 'owner' | 'parent' | 'kept' }

/** What the owner of a table answers for it. */
export type TableCare<Column, Pruning extends OperationName = OperationName> = RowsLeave<Pruning> & {
  /** The columns that say something of a person: what an export gives them, and an erasure takes away. */
  readonly personal: readonly Column[]
}

/**
 * The answers for some tables. `Schema` is the database's own type; a column that is not there does not compile.
 * `Pruning`: the operations that may prune, which is those that a schedule runs.
 */
export type TableCares<Schema, Name extends keyof Schema, Pruning extends OperationName = OperationName> = {
  readonly [T in Name]: TableCare<Extract<keyof Schema[T], string>, Pruning>
}

/**
 * A domain as one value. Compose folds all of them, and what is missing in the fold does not compile: a type of
 * resource without a loader, a table without an owner, an operation without a handler, a backend without an adapter, a
 * figure that nobody answers. Nothing has a default: a domain without alerts says that it has none.
 *
 * `Needs`: what it is opened with. `Ports`: what it asks of other domains, once all are open. `Backend`: an adapter of
 * leases.
 */
export interface Domain<Db, Schema, Needs = unknown, Ports = unknown, Backend = unknown> {
  readonly slices: { readonly [T in ResourceType]?: LoadSlice<Db> }
  /** Those of its resources that others are made under or belong to: a change of such a thing holds them shared. */
  readonly parents: readonly ResourceType[]
  /** What of it runs by the clock, with Temporal and without. */
  readonly schedules: readonly Schedule[]
  /** The tables that it owns: nobody else reads or writes them. */
  readonly tables: Partial<TableCares<Schema, keyof Schema>>
  /** The kinds of alert that it raises. */
  readonly alerts: readonly AlertKind[]
  readonly open: (needs: Needs) => Promise<OpenDomain<Ports, Backend>>
}

/** Somebody whose data leaves. */
export interface ErasedPerson {
  readonly id: string
  readonly reason: string
}

/** Takes out of the rows of a domain what says who somebody was. */
export interface Eraser {
  /**
   * In the transaction that erases them everywhere; may be done again. Answers the names, addresses and labels by which
   * the domain knew them, in clear: by these they are found in what others said.
   */
  erase(tx: unknown, person: ErasedPerson): Promise<readonly string[]>
  /** Takes out of what others wrote here the names by which somebody was known; absent: nobody writes here. */
  forgetNames?(tx: unknown, names: readonly string[]): Promise<void>
}

/** For a domain without anything of a person that is not another's rows. */
export const nothingToErase: Eraser = { erase: () => Promise.resolve([]) }

/** A domain in a running process. */
export interface OpenDomain<Ports = unknown, Backend = unknown> {
  /** Adapters of leases, by the names of their backends. */
  readonly backends: Readonly<Record<string, Backend>>
  readonly handlers: (ports: Ports) => Partial<Handlers>
  /** What comes due in its rows. */
  readonly sweeps: (ports: Ports) => readonly Sweep[]
  /** What of its rows people wait for, each with a workflow of its own; absent: nothing. */
  readonly clocks?: () => readonly RowClock[]
  readonly eraser: (ports: Ports) => Eraser
  readonly status: (now: Date) => Promise<DomainStatus>
  /** Its figures on the dashboard. */
  readonly figures: (now: Date) => Promise<Partial<Figures>>
  /** What of its rows is measured whenever somebody looks; absent: it counts as it goes, or nothing. */
  readonly gauges?: ReadGauges
}

/** Measures what stands in rows at this moment. */
export type ReadGauges = (now: Date) => Promise<readonly GaugeReading[]>

/** All rows of one gauge of `/metrics` as they are now. */
export interface GaugeReading {
  readonly name: string
  readonly rows: readonly { readonly labels: readonly string[]; readonly value: number }[]
}

type SystemStatus = Output<'system.status'>

/** A line of `system.status`. */
export type StatusPart = SystemStatus['parts'][number]

/** What `system.status` says beside its parts. */
export type StatusFacts = Omit<SystemStatus, 'health' | 'parts'>

/** What one domain tells `system.status`. */
export interface DomainStatus {
  readonly parts: readonly StatusPart[]
  readonly facts: Partial<StatusFacts>
}

/** The figures of the dashboard. */
export type Figures = Omit<Output<'system.dashboard'>, 'at'>

/** What all domains together say of themselves. */
export interface Overview {
  status(now: Date): Promise<{ readonly parts: readonly StatusPart[]; readonly facts: StatusFacts }>
  figures(now: Date): Promise<Figures>
}
