import type { Transaction } from '@gatehouse/database'
import type { ErasedPerson } from '@gatehouse/enforcement'
import { dropSearchesNaming } from './audit-view.queries.ts'
import { eraseSubject, insertErasure, selectNamesOf, type Erased, type ErasureRow } from './erasure.queries.ts'
import type { SubjectKeys } from './subject-keys.ts'

/** All domains as one, where somebody is erased. */
export interface PeopleEverywhere {
  /** Takes them out of every domain's rows; answers the names by which those knew them, in clear. */
  eraseEverywhere(tx: Transaction, person: ErasedPerson): Promise<readonly string[]>
}

export interface EraseDeps {
  readonly subjectKeys: Pick<SubjectKeys, 'lookupOf'>
  readonly people: PeopleEverywhere
}

export interface Erasing extends ErasedPerson {
  readonly erasedAt: Date
  /** Look-ups of names that are known from an earlier erasure. */
  readonly names: readonly Buffer[]
}

/** What was erased, and the names by which the person was known: they are forgotten with the transaction. */
export interface ErasedEverywhere extends Erased {
  readonly erasure: ErasureRow
  readonly clearNames: readonly string[]
}

/**
 * Erases somebody: their rows in every domain, their keys in the audit log, what others said of them. Written down in
 * the same transaction, so that no key is made for them again.
 */
export async function erasePerson(
  { subjectKeys, people }: EraseDeps,
  tx: Transaction,
  { erasedAt, names: known, ...person }: Erasing,
): Promise<ErasedEverywhere> {
  const clearNames = await people.eraseEverywhere(tx, person)
  await dropSearchesNaming(tx, clearNames)
  const names = distinct([...known, ...clearNames.map(subjectKeys.lookupOf), ...(await selectNamesOf(tx, person.id))])
  const erasure = { subject: person.id, erasedAt, names }
  await insertErasure(tx, erasure)
  return { ...(await eraseSubject(tx, erasure)), erasure, clearNames }
}

const distinct = (buffers: readonly Buffer[]): Buffer[] => [
  ...new Map(buffers.map((buffer) => [buffer.toString('hex'), buffer])).values(),
]
