import type { Store } from '@gatehouse/database'
import { sql } from 'kysely'
import type { NoticeKind } from '../notice.queries.ts'

/** Which rows become mails. */
export type MailSource = 'invitation' | 'notification'

interface Claimed {
  readonly id: string
  readonly to: string
  readonly username: string
  readonly attempts: number
  readonly claimedAt: Date
}
export interface ClaimedNotice extends Claimed {
  readonly source: 'notification'
  readonly kind: NoticeKind
  readonly text: string
}
export interface ClaimedInvitation extends Claimed {
  readonly source: 'invitation'
  readonly token: Buffer
  readonly expiresAt: Date
}
export type ClaimedMail = ClaimedNotice | ClaimedInvitation

/**
 * A row is free when nobody has claimed it, or whoever did has died with it: `lapsedBefore` is older than any attempt
 * still under way.
 */
const isFree = ({ now, lapsedBefore }: { now: Date; lapsedBefore: Date }) => sql`
  m.mailed_at is null and u.email is not null and (m.mail_due_at is null or m.mail_due_at <= ${now})
    and (m.mail_claimed_at is null or m.mail_claimed_at <= ${lapsedBefore})`

/**
 * Claims the oldest invitation that waits to be mailed. One statement: of many processes each claims another. Null:
 * none waits.
 */
export async function claimInvitationMail(
  db: Store,
  at: { now: Date; lapsedBefore: Date },
): Promise<ClaimedInvitation | null> {
  const { rows } = await sql<Omit<ClaimedInvitation, 'source'>>`
    with mine as (
      select m.id, u.email, u.username from invitation m join users u on u.id = m.user_id
      where m.token is not null and m.accepted_at is null and m.expires_at > ${at.now} and u.status = 'active'
        and ${isFree(at)}
      order by m.created_at limit 1 for update of m skip locked)
    update invitation i set mail_claimed_at = ${at.now}, mail_attempts = i.mail_attempts + 1 from mine
      where i.id = mine.id
    returning i.id, mine.email as to, mine.username, i.mail_attempts as attempts, i.mail_claimed_at as "claimedAt",
      i.token, i.expires_at as "expiresAt"`.execute(db)
  return rows[0] === undefined ? null : { ...rows[0], source: 'invitation' }
}

/** The same for notices, of those that are still news. */
export async function claimNoticeMail(
  db: Store,
  at: { now: Date; lapsedBefore: Date; newsSince: Date },
): Promise<ClaimedNotice | null> {
  const { rows } = await sql<Omit<ClaimedNotice, 'source'>>`
    with mine as (
      select m.id, u.email, u.username from notification m join users u on u.id = m.user_id
      where m.created_at > ${at.newsSince} and ${isFree(at)}
      order by m.created_at limit 1 for update of m skip locked)
    update notification n set mail_claimed_at = ${at.now}, mail_attempts = n.mail_attempts + 1 from mine
      where n.id = mine.id
    returning n.id, mine.email as to, mine.username, n.mail_attempts as attempts, n.mail_claimed_at as "claimedAt",
      n.kind, n.text`.execute(db)
  return rows[0] === undefined ? null : { ...rows[0], source: 'notification' }
}

/** Notes that a mail was taken. An invitation's token has done its work here and goes. */
export async function noteMailed(
  db: Store,
  { source, id, now }: { source: MailSource; id: string; now: Date },
): Promise<void> {
  if (source === 'invitation')
    await db
      .updateTable('invitation')
      .set({ mailed_at: now, mail_claimed_at: null, token: null })
      .where('id', '=', id)
      .execute()
  else
    await db.updateTable('notification').set({ mailed_at: now, mail_claimed_at: null }).where('id', '=', id).execute()
}

/**
 * Lets a mail go that was not taken, to be tried again from `dueAt` on; unless its claim had lapsed and is another's by
 * now.
 */
export async function postponeMail(
  db: Store,
  { source, id, claimedAt, dueAt }: { source: MailSource; id: string; claimedAt: Date; dueAt: Date },
): Promise<void> {
  await db
    .updateTable(source)
    .set({ mail_claimed_at: null, mail_due_at: dueAt })
    .where('id', '=', id)
    .where('mail_claimed_at', '=', claimedAt)
    .execute()
}
