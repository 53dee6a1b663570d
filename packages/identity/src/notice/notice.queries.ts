import type { Output } from '@gatehouse/contract'
import type { Transaction } from '@gatehouse/database'
import type { Clock, Random } from '@gatehouse/enforcement'

export type NoticeKind = Output<'notification.list'>['items'][number]['kind']

export interface Notice {
  readonly userId: string
  readonly kind: NoticeKind
  /** A sentence for the person: what happened, and what to do if it was not he. No secret. */
  readonly text: string
}

/**
 * Tells a person what happened to his account, in the transaction in which it happened: no change without its notice, no notice without its change.
 * Mail, where it is set up, is sent from the row afterwards.
 */
export async function notify(tx: Transaction, { clock, random }: { readonly clock: Clock; readonly random: Random }, notice: Notice): Promise<void> {
  await tx.insertInto('notification').values({
    id: random.id(), user_id: notice.userId, kind: notice.kind, text: notice.text, created_at: clock.now(), read_at: null, mail_claimed_at: null, mailed_at: null,
  }).execute()
}
