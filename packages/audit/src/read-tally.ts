import { createHash } from 'node:crypto'
import { isOperationName, operations } from '@gatehouse/contract'
import type { AuditDraft } from '@gatehouse/enforcement'
import { addressKey } from '@gatehouse/kit'
import { canonical } from './canonical.ts'
import { recordable } from './recordable.ts'

/** Kinds of reads told apart at once, over all sessions. What comes beyond them is recorded in full, not counted. */
export const readTalliesMax = 5000
/** Reads that one entry counts: it stays far below the longest entry there may be. */
export const readsPerEntryMax = 100

const minuteMilliseconds = 60_000

/** What is kept of a read that is counted: its input may be as long as a request, and a minute has thousands. */
type CountedRead = Pick<AuditDraft, 'principal' | 'call' | 'action' | 'resource'>

/** What one page asked again by itself within one minute. */
export interface ReadTally {
  /** The last of them: its caller, session and address are those of all. */
  readonly last: CountedRead
  readonly from: Date
  readonly to: Date
  readonly reads: readonly { readonly action: string; readonly resource: string; readonly count: number }[]
}

/**
 * Counts what a page asks again by itself, so that the audit log holds what people did. The first of its kind in each
 * minute is recorded in full.
 */
export interface ReadTallies {
  /** True: to be recorded in full. False: counted. */
  isFirst(draft: AuditDraft, now: Date): boolean
  /** Takes the counts of minutes that are over at `now`; null: of all. */
  take(now: Date | null): readonly ReadTally[]
}

interface Counted {
  readonly place: string
  readonly minute: number
  readonly read: CountedRead
  readonly from: Date
  readonly to: Date
  readonly count: number
}

export function createReadTallies(): ReadTallies {
  const tallies = new Map<string, Counted>()
  return {
    isFirst: (draft, now) => {
      if (!isBackgroundRead(draft)) return true
      const minute = Math.floor(now.getTime() / minuteMilliseconds)
      const place = placeOf(draft, minute)
      const key = `${place}|${kindOf(draft)}`
      const known = tallies.get(key)
      if (known === undefined && tallies.size >= readTalliesMax) return true
      const { principal, call, action, resource } = draft
      const read = { principal, call, action, resource }
      tallies.set(
        key,
        known === undefined
          ? { place, minute, read, from: now, to: now, count: 0 }
          : { ...known, read, to: now, count: known.count + 1 },
      )
      return known === undefined
    },
    take: (now) => {
      const current = now === null ? Infinity : Math.floor(now.getTime() / minuteMilliseconds)
      const over = [...tallies].filter(([, { minute }]) => minute < current)
      for (const [key] of over) tallies.delete(key)
      const counted = over.map(([, tally]) => tally).filter(({ count }) => count > 0)
      return Object.values(Object.groupBy(counted, ({ place }) => place)).flatMap((group) => aggregates(group ?? []))
    },
  }
}

/** A stream's opening and closing are never counted: they say from when to when somebody was looking. */
const isBackgroundRead = ({ principal, call, outcome, action }: AuditDraft): boolean =>
  call.background === true &&
  outcome === 'allowed' &&
  principal.type === 'User' &&
  principal.apiToken === undefined &&
  isOperationName(action) &&
  operations[action].kind === 'query'

/** One session from one address in one minute. */
const placeOf = ({ principal, call }: AuditDraft, minute: number): string =>
  [minute, principal.type === 'User' ? principal.session.id : '', addressKey(call.address)].join('|')

/** The same question, about the same thing, with the same answer of the policies. */
function kindOf({ action, resource, workspace, decision, input }: AuditDraft): string {
  const asked = canonical(recordable([resource, workspace, decision, input]))
  return `${action}|${createHash('sha256').update(asked).digest('base64url')}`
}

function aggregates(group: readonly Counted[]): ReadTally[] {
  const parts: ReadTally[] = []
  for (let start = 0; start < group.length; start += readsPerEntryMax) {
    const part = group.slice(start, start + readsPerEntryMax)
    const last = part.toSorted((a, b) => a.to.getTime() - b.to.getTime()).at(-1)
    if (last === undefined) continue
    parts.push({
      last: last.read,
      from: new Date(Math.min(...part.map(({ from }) => from.getTime()))),
      to: last.to,
      reads: part.map(({ read: { action, resource }, count }) => ({
        action,
        resource: `${resource.type}::${resource.id}`,
        count,
      })),
    })
  }
  return parts
}
