import { Refusal, type Secret } from '@gatehouse/contract'
import type { Change } from '@gatehouse/audit'
import type { Store, Transaction } from '@gatehouse/database'
import type { AnyPermit, Directory, UserPrincipal } from '@gatehouse/enforcement'
import type { KeyServiceDeps } from './service/key-service.ts'

/** What the operations on keys need. */
export interface KeysDeps extends KeyServiceDeps {
  readonly change: Change
  readonly directory: Directory<Store>
  readonly transitTokens: TransitTokens
}

/** Makes tokens by which a person uses keys from Vault's clients, in the session that they ask for one in. */
export interface TransitTokens {
  make(
    tx: Transaction,
    wanted: {
      readonly person: UserPrincipal
      readonly keys: readonly string[]
      readonly address: string
      readonly expiresAt: Date
    },
  ): Promise<{ readonly id: string; readonly token: Secret<string> }>
}

/** The id of the key that the call was decided on. */
export function decidedKey({ slice }: Pick<AnyPermit, 'slice'>): string {
  if (slice === null) throw new Refusal('not-found')
  return slice.resource.id
}
