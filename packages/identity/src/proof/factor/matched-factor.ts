import type { Transaction } from '@gatehouse/database'

/** A second factor that was right. It proves nothing until it is spent. */
export interface MatchedFactor {
  readonly method: 'totp' | 'backupCode' | 'webauthn'
  /** What the audit log says of it. */
  readonly detail: Readonly<Record<string, string>>
  /** Spends it in the transaction of what it is for. Throws `invalid-credentials` when another call was faster. */
  spend(tx: Transaction): Promise<void>
}
