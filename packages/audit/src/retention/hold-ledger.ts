import { isUuid } from '@gatehouse/kit'
import { openLineLedger, type LedgerPlace, type LineLedger } from '../line-ledger.ts'
import type { KeptHold } from './hold.queries.ts'

/**
 * Holds outside of the database: one that was placed after a backup is not in it, and within the hour of a restore what
 * it is over could be removed. A line when it was placed, and one when it was released.
 */
export type HoldLedger = LineLedger<KeptHold>

/** A ledger of holds in a file of this machine. */
export const openHoldLedger = (place: LedgerPlace): HoldLedger =>
  openLineLedger(place, { kind: 'holds', what: 'a legal hold', write, parse })

const write = ({ names, placed_at, released_at, ...hold }: KeptHold) => ({
  v: 1,
  ...hold,
  names: names.map((name) => name.toString('base64')),
  placed_at: placed_at.toISOString(),
  released_at: released_at?.toISOString() ?? null,
})

function parse({ id, names, placed_by, placed_at, ...rest }: Readonly<Record<string, unknown>>): KeptHold | null {
  const [placed, released] = [new Date(String(placed_at)), timeOf(rest['released_at'])]
  if (typeof id !== 'string' || !isUuid(id) || typeof placed_by !== 'string' || !Array.isArray(names)) return null
  if (Number.isNaN(placed.getTime()) || released === undefined) return null
  const [workspace, principal_id, request_id] = [rest['workspace'], rest['principal_id'], rest['request_id']].map(
    textOf,
  )
  const [from_at, to_at] = [rest['from_at'], rest['to_at']].map(textOf)
  // one that says less than was written would hold more, or nothing
  if (workspace === undefined || principal_id === undefined || request_id === undefined) return null
  if (from_at === undefined || to_at === undefined) return null
  const what = { workspace, principal_id, request_id, from_at, to_at }
  const lookUps = names.map((name) => Buffer.from(String(name), 'base64'))
  return { id, ...what, placed_by, placed_at: placed, released_at: released, names: lookUps }
}

/** Undefined: neither a text nor nothing. */
const textOf = (value: unknown): string | null | undefined =>
  typeof value === 'string' || value === null ? value : undefined

const timeOf = (value: unknown): Date | null | undefined => {
  if (value === null) return null
  const time = new Date(String(value))
  return Number.isNaN(time.getTime()) ? undefined : time
}
