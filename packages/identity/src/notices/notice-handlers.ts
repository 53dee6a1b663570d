import { pageOf, Refusal } from '@gatehouse/contract'
import type { Handler } from '@gatehouse/enforcement'
import { isUuid } from '@gatehouse/kit'
import type { HandlerDeps } from '../shared/deps.ts'
import { callingUser, uuidCursor } from '../shared/identifiers.ts'
import { isNoticeOf, markNotices, selectNotices } from './notice.queries.ts'

/** What happened to one's account, newest first. */
export const notificationList =
  ({ db }: HandlerDeps): Handler<'notification.list'> =>
  async (permit) => {
    const { first, after, unread } = permit.input
    const rows = await selectNotices(db, { userId: callingUser(permit).id, unread, first, after: uuidCursor(after) })
    return pageOf(
      rows.map((row) => ({
        id: row.id,
        kind: row.kind,
        text: row.text,
        createdAt: row.created_at,
        readAt: row.read_at,
      })),
      first,
      (notice) => [notice.createdAt, notice.id],
    )
  }

/** Marks one's notices as read. Another's is no notice at all. */
export const notificationMarkRead =
  ({ change, clock }: HandlerDeps): Handler<'notification.markRead'> =>
  async (permit) => {
    const userId = callingUser(permit).id
    const { id } = permit.input
    const marked = await change(
      permit,
      async (tx) => {
        if (id !== undefined && !(isUuid(id) && (await isNoticeOf(tx, { id, userId })))) throw new Refusal('not-found')
        return markNotices(tx, { userId, id: id ?? null, now: clock.now() })
      },
      (count) => ({ detail: { marked: count } }),
    )
    return { marked }
  }
