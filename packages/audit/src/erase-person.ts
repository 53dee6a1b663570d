import { systemId } from '@gatehouse/contract'
import type { Transaction } from '@gatehouse/database'
import { uid, type ErasedPerson } from '@gatehouse/enforcement'
import { dropSearchesNaming } from './audit-view.queries.ts'
import type { Change } from './change.ts'
import { haveCopiesWrittenAnew, lockSinks, selectCopies, type Copies } from './copies.queries.ts'
import {
  eraseSubject,
  findPlaces,
  insertErasure,
  lockPersonal,
  selectEntriesNaming,
  selectNamesOf,
  type ErasureRow,
  type Redaction,
} from './erasure.queries.ts'
import { findNamed, namesUnderKeysOf, redact, redactionsOf, type NamedPart } from './redact-texts.ts'
import type { SubjectKeys } from './subject-keys.ts'

/** All domains as one, where somebody is erased. */
export interface PeopleEverywhere {
  /** Takes them out of every domain's rows; answers the names by which those knew them, in clear. */
  eraseEverywhere(tx: Transaction, person: ErasedPerson): Promise<readonly string[]>
  /** Takes out of every domain's rows what others wrote there under these names. */
  forgetNames(tx: Transaction, names: readonly string[]): Promise<void>
}

export interface EraseDeps {
  readonly subjectKeys: Pick<SubjectKeys, 'lookupOf' | 'open' | 'sealAgain'>
  readonly people: PeopleEverywhere
  readonly change: Pick<Change, 'event' | 'events'>
}

export interface Erasing extends ErasedPerson, Pick<ErasureRow, 'erasedAt' | 'names' | 'redactions'> {
  /** Throws where what others said of them must stay as it is. */
  readonly allow: (tx: Transaction, told: ToldByOthers) => Promise<void>
}

/** What others said of somebody, before any of it is taken out. */
export interface ToldByOthers {
  readonly entries: readonly string[]
  /** Values in which one of their names stands among other words. */
  readonly texts: number
}

/** What was erased, and the names by which the person was known: they are forgotten with the transaction. */
export interface ErasedEverywhere {
  readonly keys: number
  /** Entries of others that named them, or were made under their name before it was known who it was. */
  readonly mentions: number
  readonly clearNames: readonly string[]
  /** Where what was erased had gone before. */
  readonly copies: Copies
}

/**
 * Erases somebody: their rows in every domain, their keys in the audit log, what others said of them. Written down in
 * the same transaction, so that no key is made for them again.
 */
export async function erasePerson(
  deps: EraseDeps,
  tx: Transaction,
  { erasedAt, names: known, redactions, allow, ...person }: Erasing,
): Promise<ErasedEverywhere> {
  const { subjectKeys, people } = deps
  const clearNames = [
    ...new Set([...(await people.eraseEverywhere(tx, person)), ...(await namesUnderKeysOf(deps, tx, person.id))]),
  ]
  await people.forgetNames(tx, clearNames)
  await dropSearchesNaming(tx, clearNames)
  const names = distinct([...known, ...clearNames.map(subjectKeys.lookupOf), ...(await selectNamesOf(tx, person.id))])
  const told = await findTold(deps, tx, { subject: person.id, clearNames, names, redactions })
  const taken = redactionsOf(told.parts)
  await allow(tx, { entries: told.entries, texts: taken.length })
  const places = await findPlaces(tx, person.id, told.entries)
  await redact(deps, tx, told.parts)
  const keys = await eraseSubject(tx, person.id, told.wholly)
  await insertErasure(tx, { subject: person.id, erasedAt, names, redactions: distinctPairs([...redactions, ...taken]) })
  const all = [...taken, ...told.wholly.map((id): Redaction => [id, 'input'])]
  await tell(deps, tx, { subject: person.id, redactions: all })
  const copies = await selectCopies(tx, places)
  await haveCopiesWrittenAnew(tx, copies, erasedAt)
  return { keys, mentions: told.entries.length, clearNames, copies }
}

interface Looking {
  readonly subject: string
  readonly clearNames: readonly string[]
  readonly names: readonly Buffer[]
  readonly redactions: readonly Redaction[]
}

/** What others said of somebody. */
interface Told {
  /** Entries in which a whole value names them. */
  readonly wholly: readonly string[]
  /** Values in which they are named among other words. */
  readonly parts: readonly NamedPart[]
  readonly entries: readonly string[]
}

/**
 * Looks through all that is kept first, which takes seconds in a long audit log; then nobody may write for the moment
 * in which it looks at what came meanwhile, and until it is erased.
 */
async function findTold(deps: EraseDeps, tx: Transaction, looking: Looking): Promise<Told> {
  const { last, parts: before } = await findNamed(deps, tx, { ...looking, from: null })
  await lockSinks(tx)
  await lockPersonal(tx)
  const { parts: meanwhile } = await findNamed(deps, tx, { ...looking, from: last })
  const parts = [
    ...new Map([...before, ...meanwhile].map((part) => [`${part.entryId}/${part.kept.part}`, part])).values(),
  ]
  const wholly = await selectEntriesNaming(tx, looking.names)
  return { wholly, parts, entries: [...new Set([...wholly, ...parts.map(({ entryId }) => entryId)])] }
}

/** What was taken out, and with whom. */
interface Taken {
  readonly subject: string
  readonly redactions: readonly Redaction[]
}

/** An entry has at most 65,535 bytes; each of these takes about a hundred. */
const redactionsPerEvent = 400

/** What is not to be read any more is on record: which values of which entries, and not what they said. */
async function tell({ change }: EraseDeps, tx: Transaction, { subject, redactions: all }: Taken): Promise<void> {
  const groups = Array.from({ length: Math.ceil(all.length / redactionsPerEvent) }, (_, index) =>
    all.slice(index * redactionsPerEvent, (index + 1) * redactionsPerEvent),
  )
  await change.events(
    tx,
    groups.map((values) => ({
      name: 'audit.redacted',
      resource: uid('System', systemId),
      detail: { subject, values: values.map(([entry, field]) => ({ entry, field })) },
    })),
  )
}

const distinct = (buffers: readonly Buffer[]): Buffer[] => [
  ...new Map(buffers.map((buffer) => [buffer.toString('hex'), buffer])).values(),
]

const distinctPairs = (pairs: readonly Redaction[]): Redaction[] => [
  ...new Map(pairs.map((pair) => [pair.join(' '), pair])).values(),
]
