import { forgetNames, type Transaction } from '@gatehouse/database'
import type { Eraser } from '@gatehouse/enforcement'
import { deleteUser, forgetAllGuesses } from '../directory/standing.queries.ts'
import { selectUser } from '../directory/user.queries.ts'
import { forgetLocksOf } from '../directory/lock.queries.ts'
import { dropNoticesNaming } from '../notices/notice.queries.ts'
import { keepingAnAdmin } from '../people/user/shut-out.ts'

/**
 * An account goes as when it is deleted: sessions, tokens, factors, requests and notices hang on its row. What others
 * were told about the person goes too.
 */
export const peopleEraser = {
  erase: async (tx: Transaction, { id }) => {
    const user = await selectUser(tx, id)
    if (user === null) return []
    const names = [user.username, user.display_name, ...(user.email === null ? [] : [user.email])]
    await forgetAllGuesses(tx, user.username)
    // INVARIANT: administrators are held first, as by whoever makes a lock
    await keepingAnAdmin(tx, async () => {
      await forgetLocksOf(tx, id)
      await deleteUser(tx, id)
    })
    await dropNoticesNaming(tx, names)
    return names
  },
  forgetNames: (tx: Transaction, names) =>
    forgetNames(tx, names, {
      team: ['description'],
      service_account: ['description'],
      api_token: ['purpose', 'revoke_reason'],
      approval: ['reason', 'ticket', 'decision_reason'],
      session: ['revoke_reason'],
      revoked_token: ['reason'],
      access_lock: ['reason', 'remove_reason'],
    }),
} satisfies Eraser
