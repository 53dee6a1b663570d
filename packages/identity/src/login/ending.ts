import type { CredentialEnd, Refusal } from '@gatehouse/contract'
import type { Store } from '@gatehouse/database'
import { ended } from '../shared/ended.ts'
import { selectSessionEnd, type SessionEndRow } from './ending.queries.ts'

/** Why a session is over that was one; null: it is not, or nothing is to be said. */
export function endOf(
  { status, cut_off, revoked_at, expires_at, locked }: SessionEndRow,
  { issuedAt, now }: { readonly issuedAt: Date; readonly now: Date },
): CredentialEnd | null {
  if (status !== 'active') return 'user-disabled'
  if (locked) return 'user-locked'
  if (revoked_at !== null || (cut_off !== null && issuedAt < cut_off)) return 'session-revoked'
  return now >= expires_at ? 'session-expired' : null
}

/** A token whose signature is good, and whose key was shown where it has one: its holder is told what became of it. */
export interface GenuineToken {
  readonly userId: string
  readonly sessionId: string
  readonly issuedAtMilliseconds: number
  readonly keyThumbprint: string | null
}

/**
 * The refusal of a genuine token whose session is not to be had. One that is bound otherwise than its session learns
 * nothing: somebody else has it.
 */
export async function refusalOf(db: Store, token: GenuineToken, now: Date): Promise<Refusal> {
  const row = await selectSessionEnd(db, token)
  if (row === null || row.key_thumbprint !== token.keyThumbprint) return ended(null)
  return ended(endOf(row, { issuedAt: new Date(token.issuedAtMilliseconds), now }))
}
