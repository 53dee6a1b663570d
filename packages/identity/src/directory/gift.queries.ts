import type { Store, Transaction } from '@gatehouse/database'
import { sql } from 'kysely'

/** What somebody gets from somebody else: their account or a way into it, a role, or a team. */
export type Given = { readonly what: 'account' } | { readonly what: 'role' | 'team'; readonly given: string }

/** Gifts of who gives them to whom. */
export interface Giving {
  readonly userId: string
  readonly giverId: string
  readonly gifts: readonly Given[]
  readonly now: Date
}

/**
 * Notes what a person has from another: who gave an approver their account, role or team within the last days can't
 * ask them (threats D2, D3). What somebody gives themselves is noted as well: nobody votes by that either.
 */
export async function noteGifts(tx: Transaction, { userId, giverId, gifts, now }: Giving): Promise<void> {
  const rows = gifts.map((gift) => ({ what: gift.what, given: gift.what === 'account' ? null : gift.given }))
  if (rows.length === 0) return
  await sql`
    insert into person_gift (id, user_id, giver_id, what, given, at)
    select gen_random_uuid(), ${userId}::uuid, ${giverId}::uuid, g.what, g.given, ${now}::timestamptz
    from jsonb_to_recordset(${JSON.stringify(rows)}::jsonb) as g (what text, given text)`.execute(tx)
}

/** A gift that counts for this long after; longer ones are pruned with sessions. */
export interface GiftRow {
  readonly user_id: string
  readonly giver_id: string
  readonly what: 'account' | 'role' | 'team'
  readonly given: string | null
  readonly at: Date
}

/** What people got since a moment. */
export const selectGifts = (
  db: Store,
  { userIds, since }: { readonly userIds: readonly string[]; readonly since: Date },
): Promise<GiftRow[]> =>
  userIds.length === 0
    ? Promise.resolve([])
    : db
        .selectFrom('person_gift')
        .select(['user_id', 'giver_id', 'what', 'given', 'at'])
        .where('user_id', 'in', [...userIds])
        .where('at', '>', since)
        .execute()
