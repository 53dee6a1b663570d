import { Refusal, type OperationName, type Secret } from '@gatehouse/contract'
import type { Change } from '@gatehouse/audit'
import type { Store, Transaction } from '@gatehouse/database'
import type { AnyPermit, Directory, Permit, TemporalWeb, UserPrincipal, Workflows } from '@gatehouse/enforcement'
import type { KeyServiceDeps } from './service/key-service.ts'

/** What the operations on keys need. */
export interface KeysDeps extends KeyServiceDeps {
  readonly change: Change
  readonly directory: Directory<Store>
  readonly transitTokens: TransitTokens
  readonly temporalWeb: TemporalWeb
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

/** A call that takes two people. */
export interface CallOfTwo {
  readonly action: 'kmsKey.update'
  readonly resource: { readonly type: string; readonly id: string }
  /** What it is done to, in words for people. */
  readonly resourceName: string
  readonly reason: string
}

/** Has somebody else approve a call; whoever keeps people answers it. */
export interface TwoPeople {
  /** Changes something by the approval of this very call, or asks for that and throws `Refusal('approval-pending')`. */
  change<N extends OperationName, T>(
    permit: Permit<N>,
    call: CallOfTwo,
    work: (tx: Transaction) => Promise<T>,
  ): Promise<T>
}

/** What keys ask of others, once all domains are open. */
export interface KeysPorts {
  readonly workflows: Pick<Workflows, 'follow'>
  readonly secondPerson: TwoPeople
  readonly transitTokens: TransitTokens
}

/** The id of the key that the call was decided on. */
export function decidedKey({ slice }: Pick<AnyPermit, 'slice'>): string {
  if (slice === null) throw new Refusal('not-found')
  return slice.resource.id
}

/** The version of the key's row that the call was decided on. */
export const decidedVersion = ({ slice }: Pick<AnyPermit, 'slice'>): string | undefined =>
  slice?.versions.find(({ table }) => table === 'kms_key')?.version
