import { createMemo, type Accessor } from 'solid-js'
import { createLoaded } from '../../loading.ts'
import { keptItems } from '../../ui/kept-items.ts'
import { useAccess } from '../answer/use-access.tsx'
import type { Emergency } from './emergency-words.ts'
import { createEndings, type Ending } from './endings.ts'

/** More at a time than anybody can lead. */
const shownMax = 50
const askedEveryMs = 10_000

/** Emergency sessions that are active now; none for whoever cannot see them. */
export function createActiveSessions(): {
  readonly sessions: Accessor<readonly Ending<Emergency>[]>
  readonly reload: () => Promise<void>
} {
  const access = useAccess()
  const asked = createLoaded(
    'emergencySession.list',
    () => (access.may('emergencySession.list') ? { first: shownMax, state: 'active' as const } : null),
    { everyMs: askedEveryMs },
  )
  const page = createEndings(asked)
  const sessions = createMemo<readonly Ending<Emergency>[]>(
    (before) => keptItems(before, page.data()?.items ?? [], ({ id }) => id),
    [],
  )
  return { sessions, reload: asked.reload }
}
