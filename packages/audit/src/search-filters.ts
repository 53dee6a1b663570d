import type { Input } from '@gatehouse/contract'
import type { Store } from '@gatehouse/database'
import type { Clock, Directory } from '@gatehouse/enforcement'
import { referenceOf } from '@gatehouse/kit'
import type { SearchDeps, SearchFilters } from './search.queries.ts'
import { parsePeriod } from './when.ts'

/** What filters are read with. */
export interface FilterDeps extends SearchDeps {
  readonly clock: Clock
  readonly directory: Pick<Directory<Store>, 'findUserId' | 'findWorkspaceId'>
}

/** The filters as people write them. */
export type WrittenFilters = Input<'audit.stats'>

/** The filters with ids for names and moments for texts. Refuses a time that is none, naming the field. */
export async function filtersOf(
  { db, clock, directory }: Pick<FilterDeps, 'db' | 'clock' | 'directory'>,
  { from, to, actor, workspace, ...rest }: WrittenFilters,
): Promise<SearchFilters> {
  const now = clock.now()
  return {
    ...rest,
    actor: actor === undefined ? undefined : { text: actor, userId: await directory.findUserId(db, actor) },
    workspaces: workspace === undefined ? undefined : await workspaceIds({ db, directory }, workspace),
    ...parsePeriod({ from, to }, now),
  }
}

/** By id, also where the workspace is gone; or by today's name. */
async function workspaceIds(
  { db, directory }: Pick<FilterDeps, 'db' | 'directory'>,
  reference: string,
): Promise<string[]> {
  const ids = [referenceOf(reference).id, await directory.findWorkspaceId(db, reference)]
  return ids.filter((id) => id !== null)
}
