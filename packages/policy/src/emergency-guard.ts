import type { Store } from '@gatehouse/database'
import type { Clock, Directory, LoadWorkspaces } from '@gatehouse/enforcement'
import { exactTime } from '@gatehouse/kit'
import { createPace } from './access/pace.ts'
import { closedBy, newlyClosed, type ClosedWay, type EmergencyFacts, type EmergencyNeeds } from './emergency-way.ts'
import type { PreparedSet } from './prepared-set.ts'

/** Whom and what a set is asked about before it may decide. */
export interface EmergencySources {
  readonly needs: EmergencyNeeds
  readonly workspaces: LoadWorkspaces<Store>
  readonly directory: Pick<Directory<Store>, 'activePeople'>
}

/** Keeps emergency access open: no policies take it away (ADR 051). */
export interface EmergencyGuard {
  /** Why a set may not take the place of the one before, for who calls from there; null: it may. */
  whyClosed(
    sets: { readonly candidate: PreparedSet; readonly before: PreparedSet },
    address: string,
  ): Promise<string | null>
  /** Where and when a set leaves nobody a way, whatever decided before it; null: nowhere. An hour old at most. */
  closedBy(set: PreparedSet): Promise<ClosedWay | null>
}

/** Nobody calls where nothing was called. */
export const ownAddress = '127.0.0.1'
/** A thousand decisions are asked for once in an hour, and not at each look. */
const hourMilliseconds = 3_600_000
/** Half of what a turn may take. */
const decisionsPerTurn = 50

/** Asks with the people, workspaces and rule of this moment. */
export const createEmergencyGuard = (
  { needs, workspaces, directory }: EmergencySources,
  { db, clock }: { readonly db: Store; readonly clock: Clock },
): EmergencyGuard => {
  const factsFrom = async (address: string): Promise<EmergencyFacts> => ({
    people: await directory.activePeople(db),
    workspaces: await workspaces(db),
    count: await needs.readCount(db),
    address,
    now: clock.now(),
    step: createPace(decisionsPerTurn).step,
  })
  let last: { readonly of: string; readonly found: Promise<ClosedWay | null> } | null = null
  return {
    whyClosed: async (sets, address) => {
      const closed = await newlyClosed(sets, await factsFrom(address))
      return closed === null ? null : inWords(closed)
    },
    closedBy: (set) => {
      const of = `${set.set.version} ${Math.floor(clock.now().getTime() / hourMilliseconds)}`
      if (last?.of === of) return last.found
      const found = factsFrom(ownAddress).then((facts) => closedBy(set, facts))
      last = { of, found }
      // what failed is asked again
      found.catch(() => {
        if (last?.found === found) last = null
      })
      return found
    },
  }
}

const inWords = ({ at, environment, problem }: ClosedWay): string =>
  `by this set nobody could get emergency access in ${environment} any more, first at ${exactTime(at)}: ${problem}`
