import { Refusal, type Secret } from '@gatehouse/contract'
import type { LoginRow } from '../../session/login.queries.ts'
import type { HandlerDeps } from '../../shared/deps.ts'
import { replaceHash } from '../../directory/standing.queries.ts'

/**
 * Stores the password that has just been proved by today's algorithm and cost, where it is not stored so. It is the
 * same password, so
 * nothing ends and nobody is told. A log-in does not fail by it: where hashing is busy, the next one does it.
 */
export async function rehash({ db, passwords }: HandlerDeps, found: LoginRow, password: Secret<string>): Promise<void> {
  if (!passwords.isOutdated(found.password_hash)) return
  try {
    await replaceHash(db, { userId: found.id, old: found.password_hash, fresh: await passwords.hash(password) })
  } catch (error) {
    if (!(error instanceof Refusal && error.code === 'unavailable')) throw error
  }
}
