import { invalidField, Refusal } from '@gatehouse/contract'
import type { Sealer, SealedPlace } from '@gatehouse/enforcement'
import { BackendError } from './backends/backend-error.ts'
import type { ReachDeps } from './secret-deps.ts'
import { readBackend, type StandingBackend } from './secret-backend.queries.ts'
import type { Provider, ProviderKind, Target } from './secret-provider.ts'

const settingsPlace = (id: string): SealedPlace => ({ table: 'secret_backend', column: 'settings', id })

/** What a backend is reached with, as it is kept. */
export const sealSettings = (sealer: Sealer, id: string, settings: unknown): Buffer =>
  Buffer.from(sealer.seal(settingsPlace(id), Buffer.from(JSON.stringify(settings), 'utf8')))

/** Opens it. Throws when the bytes were sealed for another backend. */
export const openSettings = (sealer: Sealer, id: string, sealed: Buffer): unknown =>
  JSON.parse(Buffer.from(sealer.unseal(settingsPlace(id), sealed)).toString('utf8'))

/** A backend as it is reached with what is sealed here. */
export const targetOf = (
  sealer: Sealer,
  { id, identity }: Pick<StandingBackend, 'id' | 'identity'>,
  sealed: Buffer,
): Target<unknown> => ({ settings: openSettings(sealer, id, sealed), identity })

/**
 * Does something at a backend. While our own secret there is being replaced, or was replaced since the row was read, it
 * may take the other one: that is tried as well.
 */
export async function reachBackend<T>(
  { db, sealer, providers }: ReachDeps,
  row: StandingBackend,
  call: (provider: Provider, target: Target<unknown>) => Promise<T>,
): Promise<T> {
  const provider = providers[row.kind]
  try {
    return await call(provider, targetOf(sealer, row, row.settings))
  } catch (error) {
    const now = provider.isRefused(error) ? await readBackend(db, row.id) : null
    const other = now?.next_settings ?? now?.settings
    if (now === null || other === undefined || other.equals(row.settings)) throw error
    return call(provider, targetOf(sealer, now, other))
  }
}

/** What a caller is told of a backend's failure; everything that is not the backend's doing stays what it is. */
export function backendRefusal(error: unknown): unknown {
  if (!(error instanceof BackendError)) return error
  const { problem, message } = error
  return new Refusal(problem === 'unreachable' ? 'unavailable' : 'conflict', { hint: message }, { cause: error })
}

/** The same for who has just said how it is reached, or what is to be asked of it. */
export function fieldRefusal(error: unknown, kind: ProviderKind): unknown {
  if (!(error instanceof BackendError) || error.problem === 'unreachable') return backendRefusal(error)
  return invalidField(kind, error.message)
}
