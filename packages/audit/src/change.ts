import { operations, systemId, type EventName, type OperationName } from '@gatehouse/contract'
import type { Store, Transaction } from '@gatehouse/database'
import {
  CallerMovedError,
  createLanes,
  looksAgain,
  ownStampede,
  recordedInput,
  uid,
  type AnyPermit,
  type AuditDraft,
  type CallFacts,
  type Clock,
  type EntityUid,
  type Permit,
  type Random,
  type ServicePrincipal,
} from '@gatehouse/enforcement'
import { assumedOf, eachOnce, lookedOf, type AssumedCaller } from './assumed-callers.ts'
import { makeEntry } from './entry.ts'
import { insertEntriesBeside, type Beside } from './entries-beside.queries.ts'
import { insertEntries, type Writing as EntriesWriting } from './entry.queries.ts'
import { asDecided, holdDecisions, standingRows, type Decided, type HoldDeps } from './hold-decision.ts'
import type { Ledger } from './ledger.ts'
import type { OnRecorded } from './on-recorded.ts'
import { retryConflicts } from './retry-conflicts.ts'
import { createSinkGate } from './sinks/sink-gate.ts'
import type { SubjectKeyRow } from './subject-keys.queries.ts'
import type { SubjectKeys } from './subject-keys.ts'

/** What the entry says beyond the permit's own facts. Never a secret. */
export interface AuditNote {
  /** The thing that was made or changed, where it is not the decided resource (a create). */
  readonly resource?: EntityUid
  readonly workspace?: string | null
  readonly detail?: Readonly<Record<string, unknown>>
}

/** Says, from the result of the work, what the entry shall note. */
export type Noting<T> = (result: T) => AuditNote

/**
 * The only way to write. Runs the work in one transaction together with its audit entry: both are there or neither is.
 * The decided rows are read again `FOR UPDATE` (parents: `FOR SHARE`); if they have moved the decision is made once
 * more on what is there now.
 * The work must not check out another connection, and must bear being run again: a deadlock or serialisation failure
 * retries it.
 */
export interface Change {
  /** Work whose entry is the outcome `allowed`. */
  <N extends OperationName, T>(permit: Permit<N>, work: (tx: Transaction) => Promise<T>, note?: Noting<T>): Promise<T>
  /**
   * Work before something outside is touched: the entry is an `intent`, closed by a later outcome, or as `unknown`
   * after `deadlineSeconds`.
   */
  intent<N extends OperationName, T>(
    permit: Permit<N>,
    work: (tx: Transaction) => Promise<T>,
    note?: Noting<T>,
  ): Promise<T>
  /**
   * Work that several calls have in common: one transaction, with an entry for each of them. All of it is there, or
   * none. The permits are one principal's, on one resource; the work answers for each, in their order.
   */
  together<N extends OperationName, T>(
    permits: readonly Permit<N>[],
    work: (tx: Transaction) => Promise<readonly T[]>,
    note?: Noting<T>,
  ): Promise<readonly T[]>
  /**
   * As `together`, where all that is done is to write rows that are made already, or nothing but the entries: one
   * statement writes them, while everything stands as the permits were decided, and whoever is assumed to be who they
   * were is. False: it does not, and nothing was written. Throws `CallerMovedError` where that is so of an assumed
   * caller's, who then has to be looked at.
   */
  atOnce<N extends OperationName>(permits: readonly Permit<N>[], rows: RowsAtOnce): Promise<boolean>
  /** A fact without a caller, recorded in the transaction that makes it true. */
  event(tx: Transaction, event: EventFacts): Promise<void>
  /** The same for many at once. */
  events(tx: Transaction, events: readonly EventFacts[]): Promise<void>
}

/** Rows, and what the entry of each permit notes of them. */
export interface RowsAtOnce {
  /** Null: there are none. */
  readonly beside: Beside | null
  readonly notes: readonly AuditNote[]
}

export interface EventFacts {
  readonly name: EventName
  readonly resource: EntityUid
  readonly workspace?: string | null
  readonly detail?: Readonly<Record<string, unknown>>
}

export interface ChangeDeps extends HoldDeps {
  readonly db: Store
  readonly clock: Clock
  readonly random: Random
  readonly ledger: Ledger
  readonly subjectKeys: SubjectKeys
  /** Who stands as the principal of events: this process. */
  readonly service: ServicePrincipal
  /** Told of what was written: of a call after its commit, of an event in its transaction. Absent: nobody counts. */
  readonly onRecorded?: OnRecorded
  /** Whoever has to follow an event in its own transaction; absent: nobody. */
  readonly onEvent?: (tx: Transaction, event: EventFacts) => Promise<void>
}

/**
 * Longer than anything outside takes to answer (leases wait at least 60 s), short enough that an open question is not
 * forgotten.
 */
export const intentDeadlineSeconds = 120

/**
 * So many connections of a pool of ten are one caller's to write with: who writes the same row a hundred times would
 * hold all of them while each waits for the one before it, and nobody else could do anything (threat D5).
 */
const ownChangesMax = 4

type Caller = Pick<AnyPermit, 'principal' | 'call'>

interface Writing<T> {
  readonly kind: 'allowed' | 'intent'
  /** Answers for each permit, in their order. */
  readonly work: (tx: Transaction) => Promise<readonly T[]>
  readonly note: Noting<T> | undefined
}

/** Writes for permits that are alike. */
interface Writers {
  /** Answers what the work said for each. */
  readonly inTransaction: <N extends OperationName, T>(
    permits: readonly Permit<N>[],
    writing: Writing<T>,
  ) => Promise<readonly T[]>
  readonly atOnce: Change['atOnce']
}

function createWriters(deps: ChangeDeps): Writers {
  const passSinks = createSinkGate(deps)
  const inOwnLane = createLanes(ownStampede)
  const inTurnOf = <T>({ principal: { type, id }, call }: Caller, work: () => Promise<T>): Promise<T> =>
    // strangers are many, and what a process does by itself is little
    type === 'Anonymous' || call.transport === 'internal'
      ? work()
      : inOwnLane({ key: `${type}:${id}`, width: ownChangesMax }, work)
  /** One write, in its turn, as often as another is in its way. */
  const inTurn = async <N extends OperationName, T>(first: Permit<N>, work: () => Promise<T>): Promise<T> => {
    await passSinks(first.name)
    return retryConflicts(() => inTurnOf(first, work))
  }
  return {
    inTransaction: async (permits, { kind, work, note }) => {
      const transaction = async (tx: Transaction) => {
        const decided = await holdDecisions(deps, tx, permits)
        const results = await work(tx)
        const entries = eachOf(permits, decided, results).map(([permit, on, result]) => ({
          permit,
          decided: on,
          note: note?.(result) ?? {},
        }))
        // here nothing waits for anybody any more
        return { results, written: await writeEntries(deps, tx, { kind, entries, assumed: knownIn(permits) }) }
      }
      requireLooked(permits)
      const { results, written } = await inTurn(requireAlike(permits), () =>
        deps.db.transaction().setIsolationLevel('read committed').execute(transaction),
      )
      noteWritten(deps, kind, written)
      return results
    },
    atOnce: async (permits, { beside, notes }) => {
      const first = requireAlike(permits)
      const stands = standingRows(permits, deps)
      if (stands === null) return false
      const decided = permits.map(asDecided)
      const entries = eachOf(permits, decided, notes).map(([permit, on, note]) => ({ permit, decided: on, note }))
      const { writing, drafts } = makeEntries(deps, { kind: 'allowed', entries })
      const assumed = knownIn(permits)
      const keys = await inTurn(first, () =>
        insertEntriesBeside(deps.db, deps.subjectKeys, { writing: { ...writing, assumed }, beside, stands }),
      )
      // a row or a caller: which one a look will say, and the call is decided on what is there then
      if (keys === null && assumedIn(permits).length > 0) throw notLooked()
      if (keys !== null) noteWritten(deps, 'allowed', { entries: drafts, keys })
      return keys !== null
    },
  }
}

/** Tells of what was written, only after the commit: a rolled back entry was never written. */
function noteWritten(deps: ChangeDeps, kind: 'allowed' | 'intent', { entries, keys }: WrittenEntries): void {
  deps.subjectKeys.confirm(keys)
  for (const { id, draft } of entries) {
    deps.onRecorded?.(draft, { entryId: id, seconds: null })
    deps.ledger.note(
      draft.call,
      kind === 'intent' ? { state: 'intent', openIntent: id } : { state: 'outcome', openIntent: null },
    )
  }
}

/** Opens the one way to write. */
export function createChange(deps: ChangeDeps): Change {
  const { inTransaction: write, atOnce } = createWriters(deps)
  const run = async <N extends OperationName, T>(
    permit: Permit<N>,
    { work, ...writing }: Omit<Writing<T>, 'work'> & { readonly work: (tx: Transaction) => Promise<T> },
  ): Promise<T> => {
    const [result] = await write([permit], { ...writing, work: async (tx) => [await work(tx)] })
    return result as T // one permit, one result
  }
  const change = <N extends OperationName, T>(
    permit: Permit<N>,
    work: (tx: Transaction) => Promise<T>,
    note?: Noting<T>,
  ): Promise<T> => run(permit, { kind: 'allowed', work, note })
  return Object.assign(change, {
    intent: <N extends OperationName, T>(
      permit: Permit<N>,
      work: (tx: Transaction) => Promise<T>,
      note?: Noting<T>,
    ): Promise<T> => run(permit, { kind: 'intent', work, note }),
    together: <N extends OperationName, T>(
      permits: readonly Permit<N>[],
      work: (tx: Transaction) => Promise<readonly T[]>,
      note?: Noting<T>,
    ): Promise<readonly T[]> => write(permits, { kind: 'allowed', work, note }),
    atOnce,
    event: (tx: Transaction, event: EventFacts): Promise<void> => writeEvents(deps, tx, [event]),
    events: (tx: Transaction, events: readonly EventFacts[]): Promise<void> => writeEvents(deps, tx, events),
  })
}

/**
 * The first of some permits. Throws where they differ in what they are for: rows would be held in two orders, or one
 * caller would wait for another's (threat D5).
 */
function requireAlike<N extends OperationName>(permits: readonly Permit<N>[]): Permit<N> {
  const [first, ...others] = permits
  if (first === undefined) throw new TypeError('a change without a permit')
  if (others.some((other) => isOther(first, other))) throw new TypeError('permits of two callers, or on two things')
  return first
}

const assumedIn = (permits: readonly Caller[]): readonly AssumedCaller[] =>
  eachOnce(permits.flatMap(({ principal }) => assumedOf(principal) ?? []))

/** Who is looked at once more when what they do goes on record. */
const knownIn = <N extends OperationName>(permits: readonly Permit<N>[]): readonly AssumedCaller[] =>
  eachOnce(
    permits.flatMap(
      ({ name, principal }) => assumedOf(principal) ?? (looksAgain(name) ? lookedOf(principal) : null) ?? [],
    ),
  )

/** In a transaction nothing is changed by a caller who was not looked at: the call begins again by a look. */
function requireLooked<N extends OperationName>(permits: readonly Permit<N>[]): void {
  if (assumedIn(permits).length === 0) return
  if (permits.some(({ name }) => operations[name].kind === 'query')) throw new TypeError('a read that changes')
  throw notLooked()
}

const notLooked = (): CallerMovedError => new CallerMovedError('a change by a caller who was not looked at')

const isOther = <N extends OperationName>(one: Permit<N>, other: Permit<N>): boolean =>
  one.name !== other.name ||
  one.principal.type !== other.principal.type ||
  one.principal.id !== other.principal.id ||
  one.slice?.resource.id !== other.slice?.resource.id

/** What belongs to each permit. Throws where the work did not answer for each. */
function eachOf<P, T>(
  permits: readonly P[],
  decided: readonly Decided[],
  results: readonly T[],
): (readonly [P, Decided, T])[] {
  if (results.length !== permits.length) throw new TypeError('work that answers for others than were asked for')
  // as many of each
  return permits.map((permit, index) => [permit, decided[index] as Decided, results[index] as T])
}

interface EntryOf<N extends OperationName> {
  readonly permit: Permit<N>
  readonly decided: Decided
  readonly note: AuditNote
}

/** What was written: the entries, and the keys of people that they are the first to use. */
interface WrittenEntries {
  readonly entries: readonly { readonly id: string; readonly draft: AuditDraft }[]
  readonly keys: readonly SubjectKeyRow[]
}

/** Entries of permits, and how they are to be written. */
interface EntriesOf<N extends OperationName> {
  readonly kind: 'allowed' | 'intent'
  readonly entries: readonly EntryOf<N>[]
}

async function writeEntries<N extends OperationName>(
  deps: ChangeDeps,
  tx: Transaction,
  { assumed, ...what }: EntriesOf<N> & { readonly assumed: readonly AssumedCaller[] },
): Promise<WrittenEntries> {
  const { writing, drafts } = makeEntries(deps, what)
  return { entries: drafts, keys: await insertEntries(tx, deps.subjectKeys, { ...writing, assumed }) }
}

function makeEntries<N extends OperationName>(
  deps: ChangeDeps,
  { kind, entries }: EntriesOf<N>,
): { readonly writing: EntriesWriting; readonly drafts: WrittenEntries['entries'] } {
  const { random, subjectKeys } = deps
  const at = deps.clock.now()
  const made = entries.map((entry) => {
    const { openIntent: intent } = deps.ledger.of(entry.permit.call)
    const draft = draftFor(kind, entry)
    return { draft, intent, entry: makeEntry({ draft, at, intent, random, sayOfSession: subjectKeys.sayOfSession }) }
  })
  const deadline = new Date(at.getTime() + intentDeadlineSeconds * 1000)
  const writing = {
    entries: made.map(({ entry }) => entry),
    closed: made.flatMap(({ intent }) => intent ?? []),
    opened: kind === 'intent' ? made.map(({ entry: { id } }) => ({ id, deadline })) : [],
    areNew: true,
  }
  return { writing, drafts: made.map(({ draft, entry: { id } }) => ({ draft, id })) }
}

const draftFor = <N extends OperationName>(
  kind: 'allowed' | 'intent',
  { permit, decided, note }: EntryOf<N>,
): AuditDraft => ({
  action: permit.name,
  outcome: kind,
  call: permit.call,
  principal: permit.principal,
  resource: note.resource ?? decided.slice?.resource ?? uid('System', systemId),
  workspace: note.workspace === undefined ? (decided.slice?.workspace ?? null) : note.workspace,
  decision: decided.decision,
  request: decided.request,
  refusal: null,
  input: recordedInput(operations[permit.name], permit.input),
  detail: note.detail,
})

async function writeEvents(deps: ChangeDeps, tx: Transaction, events: readonly EventFacts[]): Promise<void> {
  if (events.length === 0) return
  const { clock, random } = deps
  const at = clock.now()
  const drafts = events.map((event) => draftOf(deps, event, at))
  const entries = drafts.map((draft) => makeEntry({ draft, at, intent: null, random }))
  await insertEntries(tx, deps.subjectKeys, { entries, areNew: true })
  for (const [index, draft] of drafts.entries())
    deps.onRecorded?.(draft, { entryId: entries[index]?.id ?? null, seconds: null })
  for (const event of events) await deps.onEvent?.(tx, event)
}

function draftOf({ random, service }: ChangeDeps, event: EventFacts, at: Date): AuditDraft {
  const call: CallFacts = { requestId: random.id(), at, address: '', userAgent: '', transport: 'internal' }
  return {
    action: event.name,
    outcome: 'allowed',
    call,
    principal: service,
    resource: event.resource,
    workspace: event.workspace ?? null,
    decision: null,
    refusal: null,
    input: {},
    detail: event.detail,
  }
}
