import { Refusal } from '@gatehouse/contract'
import type { Handler } from '@gatehouse/enforcement'
import { presentEntry } from './present-entry.ts'
import type { Pseudonyms } from './pseudonyms.ts'
import { searchEntries, type SearchDeps } from './search.queries.ts'

export interface IdentifyDeps extends SearchDeps {
  readonly pseudonyms: Pseudonyms
}

/** Says whose a pseudonym is, under the name that stands in the newest entry of their log-ins. */
export const identify =
  (deps: IdentifyDeps): Handler<'audit.identify'> =>
  async ({ principal, input: { pseudonym } }) => {
    const id = await deps.pseudonyms.findPerson(pseudonym)
    if (id === null) throw new Refusal('not-found')
    const [newest] = await searchEntries(deps, {
      sight: { principalId: principal.id, workspaces: [], ownIn: [], everything: true },
      filters: { actor: { text: id, userId: id } },
      sort: 'newest',
      after: null,
      limit: 1,
    })
    return { pseudonym, id, name: newest === undefined ? null : presentEntry(newest).principal.name }
  }
