import type { Store } from '@gatehouse/database'
import { rowLookSeconds, type Clock, type RowClock, type Workflows } from '@gatehouse/enforcement'
import { isUuid } from '@gatehouse/kit'
import { leavingOf } from './service/due-rotation.ts'
import { isJustLeft, isOlderNeeded, readKey, selectKeysWithClock } from './service/key.queries.ts'
import { nextOfKey } from './transitions.ts'

interface ClockDeps {
  readonly db: Store
  readonly clock: Clock
}

/** A key that stays due, as while its backend is away, is looked at so often; each look is a line of the audit log. */
const retrySeconds = 900

/** The clock of a key: when it is rotated, and when versions that nothing needs are closed. */
export const keyClock = (deps: ClockDeps): RowClock => ({
  kind: 'key-rotation',
  livingIds: (limit) => selectKeysWithClock(deps.db, limit),
  dueInSeconds: (id) => dueIn(deps, id),
  run: async (internal, id) => {
    if (!isUuid(id)) return null
    await internal('kmsKey.rotateDue', { key: id })
    const next = await dueIn(deps, id)
    return next !== null && next <= 0 ? retrySeconds : next
  },
})

/** Tells the clock of a key whose older versions nothing needs since this moment: it looks at those once a day else. */
export async function wakeIfLeft(
  { db }: Pick<ClockDeps, 'db'>,
  { workflows }: { readonly workflows: Pick<Workflows, 'follow'> },
  id: string,
): Promise<void> {
  if (await isJustLeft(db, id)) void workflows.follow('key-rotation', id)
}

async function dueIn({ db, clock }: ClockDeps, id: string): Promise<number | null> {
  const row = isUuid(id) ? await readKey(db, id) : null
  if (row === null) return null
  const now = clock.now()
  const next = nextOfKey(leavingOf(row, await isOlderNeeded(db, id)), now)
  if (next === null) return null
  return next === 'somebody' ? rowLookSeconds : (next.getTime() - now.getTime()) / 1000
}
