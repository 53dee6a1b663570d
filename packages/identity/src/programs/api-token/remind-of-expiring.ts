import type { Transaction } from '@gatehouse/database'
import type { Clock, Random } from '@gatehouse/enforcement'
import { notify } from '../../notices/notice.queries.ts'
import { claimExpiring } from './api-token.queries.ts'

/** A week: long enough to come across it at work, short enough to act on. */
const noticeSeconds = 7 * 86_400

/** One run tells at most so many; the next run tells the others. */
const remindersMax = 500

/**
 * Tells owners, once each, of API tokens that expire within a week; of a program's token, who made it. Answers how
 * many.
 */
export async function remindOfExpiring(
  tx: Transaction,
  deps: { readonly clock: Clock; readonly random: Random },
): Promise<number> {
  const now = deps.clock.now()
  const expiring = await claimExpiring(tx, {
    now,
    until: new Date(now.getTime() + noticeSeconds * 1000),
    noticeSeconds,
    max: remindersMax,
  })
  for (const { told, name, hint, expires_at } of expiring) {
    await notify(tx, deps, {
      userId: told,
      kind: 'apiTokenExpiring',
      text:
        `The API token "${name}" (${hint}…) expires on ${expires_at.toISOString().slice(0, 10)}. Make another ` +
        `one before that where it is still needed.`,
    })
  }
  return expiring.length
}
