import type { Store } from '@gatehouse/database'
import { deleteEndedTokens } from './api-token/api-token.queries.ts'
import { noteCleaning } from './revocation/revocation.queries.ts'

/** What has ended is kept this long, for whoever looks at what happened. */
const keptDays = 30

/** Notices and closed approvals are looked back at for a year; after that the record has them. */
const lookedBackDays = 365

/** Removes rows that no decision looks at any more. Safe from many nodes at once. Answers how many went. */
export async function pruneIdentity(db: Store, now: Date): Promise<number> {
  const kept = new Date(now.getTime() - keptDays * 86_400_000)
  const yearAgo = new Date(now.getTime() - lookedBackDays * 86_400_000)
  const dayAgo = new Date(now.getTime() - 86_400_000)
  const revocations = await db.deleteFrom('revoked_token').where('expires_at', '<', now).executeTakeFirst()
  await noteCleaning(db, { count: Number(revocations.numDeletedRows), now })
  const others = [
    await db.deleteFrom('mfa_challenge').where('expires_at', '<', dayAgo).executeTakeFirst(),
    await db.deleteFrom('device_grant').where('expires_at', '<', dayAgo).executeTakeFirst(),
    await db.deleteFrom('dpop_proof').where('expires_at', '<', now).executeTakeFirst(),
    await db.deleteFrom('invitation').where('expires_at', '<', dayAgo).executeTakeFirst(),
    await db.deleteFrom('notification').where('created_at', '<', yearAgo).executeTakeFirst(),
    await db.deleteFrom('approval').where('created_at', '<', yearAgo).executeTakeFirst(),
    await db.deleteFrom('webauthn_challenge').where('expires_at', '<', dayAgo).executeTakeFirst(),
    await db.deleteFrom('auth_failure').where('window_start', '<', dayAgo).executeTakeFirst(),
    await db.deleteFrom('known_device').where('expires_at', '<', now).executeTakeFirst(),
    // no window is longer than a day, and a day without a guess makes delays short again
    await db.deleteFrom('guess_throttle').where('window_start', '<', dayAgo).executeTakeFirst(),
    await db
      .deleteFrom('authenticator')
      .where('confirmed_at', 'is', null)
      .where('created_at', '<', dayAgo)
      .executeTakeFirst(),
    // with their refresh tokens
    await db
      .deleteFrom('session')
      .where((eb) => eb.or([eb('expires_at', '<', kept), eb('revoked_at', '<', kept)]))
      .executeTakeFirst(),
  ]
  const tokens = await deleteEndedTokens(db, kept)
  return [revocations, ...others].reduce((sum, { numDeletedRows }) => sum + Number(numDeletedRows), tokens)
}
