import { lockedRefusal, type LockKind } from '@gatehouse/contract'
import type { Transaction } from '@gatehouse/database'
import { lockedRole, type LockTarget } from '@gatehouse/enforcement'
import { isUuid } from '@gatehouse/kit'
import type { SshDeps } from './ssh-deps.ts'

/** What of a credential that was given out can be locked. */
export interface GivenCredential {
  readonly role: string
  /** Whose its lease is. */
  readonly holderId: string
  readonly hostId: string
  /** Of its public key; null: it has none. */
  readonly fingerprint: string | null
}

/** The kind of a lock over it; null: it may be used, and nobody locks it before the transaction ends. */
export function lockOverCredential(
  { directory }: Pick<SshDeps, 'directory'>,
  tx: Transaction,
  { role, holderId, hostId, fingerprint }: GivenCredential,
): Promise<LockKind | null> {
  const targets: readonly LockTarget[] = [
    lockedRole(role, hostId),
    { kind: 'host', target: hostId },
    ...(fingerprint === null ? [] : [{ kind: 'key', target: fingerprint } as const]),
    // our own processes go by no id, and nobody locks them
    ...(isUuid(holderId) ? [{ kind: 'principal', target: holderId } as const] : []),
  ]
  return directory.findLock(tx, targets)
}

/** Refuses a locked host; nobody locks it before the transaction ends. To be asked after all rows are held. */
export async function requireUnlockedHost(
  { directory }: Pick<SshDeps, 'directory'>,
  tx: Transaction,
  hostId: string,
): Promise<void> {
  const kind = await directory.findLock(tx, [{ kind: 'host', target: hostId }])
  if (kind !== null) throw lockedRefusal(kind)
}
