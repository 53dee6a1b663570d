import { Refusal } from '@gatehouse/contract'
import type { Change } from '@gatehouse/audit'
import type { Store } from '@gatehouse/database'
import type { AnyPermit, Directory } from '@gatehouse/enforcement'
import type { KeyServiceDeps } from './service/key-service.ts'

/** What the operations on keys need. */
export interface KeysDeps extends KeyServiceDeps {
  readonly change: Change
  readonly directory: Directory<Store>
  /** The backend that new keys are wrapped by. */
  readonly ownBackend: string
}

/** The id of the key that the call was decided on. */
export function decidedKey({ slice }: Pick<AnyPermit, 'slice'>): string {
  if (slice === null) throw new Refusal('not-found')
  return slice.resource.id
}
