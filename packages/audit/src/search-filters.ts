import type { Input } from '@gatehouse/contract'
import type { Store } from '@gatehouse/database'
import type { Clock, Directory } from '@gatehouse/enforcement'
import { referenceOf } from '@gatehouse/kit'
import type { Pseudonyms } from './pseudonyms.ts'
import type { SearchDeps, SearchedActor, SearchFilters } from './search.queries.ts'
import { parsePeriod } from './when.ts'

/** What filters are read with. */
export interface FilterDeps extends SearchDeps {
  readonly clock: Clock
  readonly directory: Pick<Directory<Store>, 'findUserId' | 'findWorkspaceId' | 'allWorkspaces'>
  readonly pseudonyms: Pseudonyms
}

/** The filters as people write them. */
export type WrittenFilters = Input<'audit.stats'>

/** The filters with ids for names and moments for texts. Refuses a time that is none, naming the field. */
export async function filtersOf(
  { db, clock, directory, pseudonyms }: Pick<FilterDeps, 'db' | 'clock' | 'directory' | 'pseudonyms'>,
  { from, to, actor, workspace, ...rest }: WrittenFilters,
): Promise<SearchFilters> {
  const now = clock.now()
  return {
    ...rest,
    actor: actor === undefined ? undefined : await actorOf({ db, directory, pseudonyms }, actor),
    workspaces: workspace === undefined ? undefined : await workspaceIds({ db, directory }, workspace),
    ...parsePeriod({ from, to }, now),
  }
}

/** By their id, their name of today or once, or by what stands for them where people are not shown. */
async function actorOf(
  { db, directory, pseudonyms }: Pick<FilterDeps, 'db' | 'directory' | 'pseudonyms'>,
  text: string,
): Promise<SearchedActor> {
  const id = await pseudonyms.findPerson(text)
  return id === null ? { text, userId: await directory.findUserId(db, text) } : { text: id, userId: id }
}

/** By id, also where the workspace is gone; or by today's name. */
async function workspaceIds(
  { db, directory }: Pick<FilterDeps, 'db' | 'directory'>,
  reference: string,
): Promise<string[]> {
  const ids = [referenceOf(reference).id, await directory.findWorkspaceId(db, reference)]
  return ids.filter((id) => id !== null)
}
