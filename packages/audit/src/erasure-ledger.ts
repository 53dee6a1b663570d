import { isUuid } from '@gatehouse/kit'
import type { ErasureRow, Redaction } from './erasure.queries.ts'
import { openLineLedger, type LedgerPlace, type LineLedger } from './line-ledger.ts'

/**
 * Erasures outside of the database: a backup that is restored brings back keys that were destroyed, and does not know
 * that they were. A line for each, with nothing in it that says who it was.
 */
export type ErasureLedger = LineLedger<ErasureRow>

/** A ledger of erasures in a file of this machine. */
export const openErasureLedger = (place: LedgerPlace): ErasureLedger =>
  openLineLedger(place, { kind: 'erasures', what: 'an erasure', write, parse })

const write = ({ subject, erasedAt, names, redactions }: ErasureRow) => ({
  v: 1,
  subject,
  erasedAt: erasedAt.toISOString(),
  names: names.map((name) => name.toString('base64')),
  redactions,
})

function parse({ subject, erasedAt, names, redactions = [] }: Readonly<Record<string, unknown>>): ErasureRow | null {
  const at = new Date(String(erasedAt))
  if (typeof subject !== 'string' || !isUuid(subject) || Number.isNaN(at.getTime())) return null
  if (!Array.isArray(names) || !isRedactions(redactions)) return null
  return { subject, erasedAt: at, names: names.map((name) => Buffer.from(String(name), 'base64')), redactions }
}

/** Lines of before have none. */
const isRedactions = (value: unknown): value is readonly Redaction[] =>
  Array.isArray(value) &&
  value.every((one) => Array.isArray(one) && one.length === 2 && isUuid(String(one[0])) && typeof one[1] === 'string')
