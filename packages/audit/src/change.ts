import {
  operations,
  Refusal,
  systemId,
  type EventName,
  type OperationName,
  type ResourceType,
} from '@gatehouse/contract'
import type { Store, Transaction } from '@gatehouse/database'
import {
  createLanes,
  decideAgain,
  ownStampede,
  recordedInput,
  uid,
  type AnyPermit,
  type AuditDraft,
  type CallFacts,
  type Clock,
  type Decider,
  type Decision,
  type DecisionRequest,
  type EntityUid,
  type Permit,
  type Random,
  type ServicePrincipal,
  type Slice,
  type Slices,
} from '@gatehouse/enforcement'
import { holdRows, type HeldRow } from './decided-rows.queries.ts'
import { makeEntry } from './entry.ts'
import { insertEntries } from './entry.queries.ts'
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
  /** A fact without a caller, recorded in the transaction that makes it true. */
  event(tx: Transaction, event: EventFacts): Promise<void>
  /** The same for many at once. */
  events(tx: Transaction, events: readonly EventFacts[]): Promise<void>
}

export interface EventFacts {
  readonly name: EventName
  readonly resource: EntityUid
  readonly workspace?: string | null
  readonly detail?: Readonly<Record<string, unknown>>
}

export interface ChangeDeps {
  readonly db: Store
  readonly slices: Slices<Store>
  /** Things that others are made under or belong to: a hundred calls at once must not queue for one of them. */
  readonly parents: ReadonlySet<ResourceType>
  readonly decider: Decider
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
  readonly work: (tx: Transaction) => Promise<T>
  readonly note: Noting<T> | undefined
}

/** Opens the one way to write. */
export function createChange(deps: ChangeDeps): Change {
  const passSinks = createSinkGate(deps)
  const inOwnLane = createLanes(ownStampede)
  const inTurnOf = <T>({ principal: { type, id }, call }: Caller, work: () => Promise<T>): Promise<T> =>
    // strangers are many, and what a process does by itself is little
    type === 'Anonymous' || call.transport === 'internal'
      ? work()
      : inOwnLane({ key: `${type}:${id}`, width: ownChangesMax }, work)
  const run = async <N extends OperationName, T>(permit: Permit<N>, { kind, work, note }: Writing<T>): Promise<T> => {
    await passSinks(permit.name)
    const transaction = async (tx: Transaction) => {
      const decided = await holdDecision(deps, tx, permit)
      const done = await work(tx)
      return { result: done, written: await writeEntry(deps, tx, { kind, permit, decided, note: note?.(done) ?? {} }) }
    }
    const { result, written } = await retryConflicts(() =>
      inTurnOf(permit, () => deps.db.transaction().setIsolationLevel('read committed').execute(transaction)),
    )
    // only now, after the commit: a rolled back entry was never written
    deps.subjectKeys.confirm(written.keys)
    deps.onRecorded?.(written.draft, { entryId: written.id, seconds: null })
    deps.ledger.note(
      permit.call,
      kind === 'intent' ? { state: 'intent', openIntent: written.id } : { state: 'outcome', openIntent: null },
    )
    return result
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
    event: (tx: Transaction, event: EventFacts): Promise<void> => writeEvents(deps, tx, [event]),
    events: (tx: Transaction, events: readonly EventFacts[]): Promise<void> => writeEvents(deps, tx, events),
  })
}

/** What the entry rests on: the decision as it stands inside the transaction. */
interface Decided {
  readonly slice: Slice | null
  readonly decision: Decision
  readonly request: DecisionRequest | null
}

/** Holds the decided rows; where they have moved since, decides on what is there now. */
async function holdDecision<N extends OperationName>(
  deps: ChangeDeps,
  tx: Transaction,
  permit: Permit<N>,
): Promise<Decided> {
  const { slice, decision, request } = permit
  if (slice === null || slice.versions.length === 0) return { slice, decision, request }
  const held = await holdRows(tx, heldRows(permit.name, slice, deps))
  if (slice.versions.every(({ version }, index) => held.get(String(index)) === version))
    return { slice, decision, request }
  const now = await deps.slices[slice.resource.type](tx, slice.resource.id)
  if (now === null) throw new Refusal('not-found')
  const again = decideAgain(deps.decider, permit, now)
  const { effect, policies } = again.decision
  if (effect === 'deny')
    throw new Refusal('forbidden', { reason: policies.length > 0 ? 'forbid' : 'no-permit', policies: [...policies] })
  return { slice: now, ...again }
}

/**
 * The resource's own row is the change's to write, unless the operation makes something else under it; the rows above
 * are only held.
 */
const heldRows = (name: OperationName, slice: Slice, { parents }: Pick<ChangeDeps, 'parents'>): HeldRow[] =>
  slice.versions.map((row, index) => ({
    ...row,
    hold:
      index === 0 && (isOwnNoun(name, slice.resource.type) || !parents.has(slice.resource.type)) ? 'update' : 'share',
  }))

/** `sshHost.check` on an `SshHost`, but not `sshKey.generate` on one. */
const isOwnNoun = (name: OperationName, type: string): boolean =>
  name.startsWith(`${type.charAt(0).toLowerCase()}${type.slice(1)}.`)

interface EntryOf<N extends OperationName> {
  readonly kind: 'allowed' | 'intent'
  readonly permit: Permit<N>
  readonly decided: Decided
  readonly note: AuditNote
}

/** What was written: the entry's id, and the keys of people that it is the first to use. */
interface WrittenEntry {
  readonly id: string
  readonly draft: AuditDraft
  readonly keys: readonly SubjectKeyRow[]
}

async function writeEntry<N extends OperationName>(
  deps: ChangeDeps,
  tx: Transaction,
  { kind, permit, decided, note }: EntryOf<N>,
): Promise<WrittenEntry> {
  const { openIntent } = deps.ledger.of(permit.call)
  const draft: AuditDraft = {
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
  }
  const at = deps.clock.now()
  const made = makeEntry({ draft, at, intent: openIntent, random: deps.random })
  const keys = await insertEntries(tx, deps.subjectKeys, {
    entries: [made],
    closed: openIntent === null ? [] : [openIntent],
    opened: kind === 'intent' ? [{ id: made.id, deadline: new Date(at.getTime() + intentDeadlineSeconds * 1000) }] : [],
  })
  return { id: made.id, draft, keys }
}

async function writeEvents(deps: ChangeDeps, tx: Transaction, events: readonly EventFacts[]): Promise<void> {
  if (events.length === 0) return
  const { clock, random } = deps
  const at = clock.now()
  const drafts = events.map((event) => draftOf(deps, event, at))
  const entries = drafts.map((draft) => makeEntry({ draft, at, intent: null, random }))
  await insertEntries(tx, deps.subjectKeys, { entries })
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
