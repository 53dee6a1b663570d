import type { Output } from '@gatehouse/contract'
import { namesOneOf, type Store, type Transaction } from '@gatehouse/database'
import type { Clock, Random } from '@gatehouse/enforcement'
import { sql } from 'kysely'

export type NoticeKind = Output<'notification.list'>['items'][number]['kind']

export interface Notice {
  readonly userId: string
  readonly kind: NoticeKind
  /** A sentence for the person: what happened, and what to do if it was not them. No secret. */
  readonly text: string
}

/**
 * Tells a person what happened to their account, in the transaction in which it happened: no change without its notice,
 * no notice without its change.
 * Mail, where it is set up, is sent from the row afterwards.
 */
export async function notify(
  tx: Transaction,
  { clock, random }: { readonly clock: Clock; readonly random: Random },
  notice: Notice,
): Promise<void> {
  await tx
    .insertInto('notification')
    .values({
      id: random.id(),
      user_id: notice.userId,
      kind: notice.kind,
      text: notice.text,
      created_at: clock.now(),
      read_at: null,
      mail_claimed_at: null,
      mailed_at: null,
    })
    .execute()
}

export interface NoticeRow {
  readonly id: string
  readonly kind: NoticeKind
  readonly text: string
  readonly created_at: Date
  readonly read_at: Date | null
}

/** A person's notices, newest first. */
export async function selectNotices(
  db: Store,
  page: { userId: string; unread: boolean; first: number; after: { at: Date; id: string } | null },
): Promise<NoticeRow[]> {
  const rows = await db
    .selectFrom('notification')
    .select(['id', 'kind', 'text', 'created_at', 'read_at'])
    .where('user_id', '=', page.userId)
    .$if(page.unread, (query) => query.where('read_at', 'is', null))
    .$if(page.after !== null, (query) =>
      query.where(sql<boolean>`(created_at, id) < (${page.after?.at}, ${page.after?.id}::uuid)`),
    )
    .orderBy('created_at', 'desc')
    .orderBy('id', 'desc')
    .limit(page.first + 1)
    .execute()
  return rows as NoticeRow[] // only `notify` writes kinds, and it takes no other
}

/** Whether a notice is one of a person's. */
export async function isNoticeOf(db: Store, { id, userId }: { id: string; userId: string }): Promise<boolean> {
  return (
    (await db
      .selectFrom('notification')
      .select('id')
      .where('id', '=', id)
      .where('user_id', '=', userId)
      .executeTakeFirst()) !== undefined
  )
}

/** Marks a person's notices as read: one, or all up to now. Answers how many were not. */
export async function markNotices(
  tx: Transaction,
  { userId, id, now }: { userId: string; id: string | null; now: Date },
): Promise<number> {
  const rows = await tx
    .updateTable('notification')
    .set({ read_at: now })
    .where('user_id', '=', userId)
    .where('read_at', 'is', null)
    .where('created_at', '<=', now)
    .$if(id !== null, (query) => query.where('id', '=', id ?? ''))
    .returning('id')
    .execute()
  return rows.length
}

/** Removes notices in which somebody is named, whoever they were for. */
export const dropNoticesNaming = async (tx: Transaction, names: readonly string[]): Promise<void> =>
  void (await sql`delete from notification where ${namesOneOf(names, sql`notification.text`)}`.execute(tx))
