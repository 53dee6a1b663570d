import type { Store } from '@gatehouse/database'
import type { Sealer } from '@gatehouse/enforcement'
import { lockWebTargets, setTarget } from './sink.queries.ts'
import { parseWebTarget, sealUrl } from './sink-target.ts'

/**
 * Seals the URLs of sinks that an older version kept in clear: the path or the query of one may be what lets one write
 * there. All or none; two processes at once share the work. Answers how many there were.
 */
export async function sealOldUrls(db: Store, sealer: Sealer): Promise<number> {
  return db.transaction().execute(async (tx) => {
    const clear = (await lockWebTargets(tx)).flatMap(({ id, target: text }) => {
      const target = parseWebTarget(text)
      return 'url' in target ? [{ id, url: target.url }] : []
    })
    for (const { id, url } of clear) await setTarget(tx, { id, target: JSON.stringify(sealUrl(sealer, id, url)) })
    return clear.length
  })
}
