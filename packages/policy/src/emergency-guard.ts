import type { Store } from '@gatehouse/database'
import type { Clock, Directory, LoadWorkspaces } from '@gatehouse/enforcement'
import { createPace } from './access/pace.ts'
import { newlyClosed, type ClosedWay, type EmergencyNeeds } from './emergency-way.ts'
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
}

/** Half of what a turn may take. */
const decisionsPerTurn = 50

/** Asks with the people, workspaces and rule of this moment. */
export const createEmergencyGuard = (
  { needs, workspaces, directory }: EmergencySources,
  { db, clock }: { readonly db: Store; readonly clock: Clock },
): EmergencyGuard => ({
  whyClosed: async (sets, address) => {
    const closed = await newlyClosed(sets, {
      people: await directory.activePeople(db),
      workspaces: await workspaces(db),
      count: await needs.readCount(db),
      address,
      now: clock.now(),
      step: createPace(decisionsPerTurn).step,
    })
    return closed === null ? null : inWords(closed)
  },
})

const inWords = ({ at, environment, problem }: ClosedWay): string =>
  `by this set nobody could get emergency access in ${environment} any more, first at ${at.toISOString()}: ${problem}`
