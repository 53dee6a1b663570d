import type { Store } from '@gatehouse/database'
import type { Sealer } from '@gatehouse/enforcement'
import { keepUrl, lockClearTargets } from './sink.queries.ts'
import { clearUrlIn, sealUrl } from './sink-target.ts'

/**
 * Seals the URLs of sinks that an older version kept in clear: the path or the query of one may be what lets one write
 * there. All or none; two processes at once share the work. Answers how many there were.
 */
export async function sealOldUrls(db: Store, sealer: Sealer): Promise<number> {
  return db.transaction().execute(async (tx) => {
    const clear = (await lockClearTargets(tx)).flatMap(({ id, target }) => {
      const found = clearUrlIn(target)
      return found === null ? [] : [{ id, ...found }]
    })
    for (const { id, url, target } of clear)
      await keepUrl(tx, { id, url: sealUrl(sealer, id, url), target: JSON.stringify(target) })
    return clear.length
  })
}
