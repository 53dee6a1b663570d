import { Refusal, type OperationName, type ResourceType } from '@gatehouse/contract'
import type { Transport } from './call.ts'
import { transitOf, type Principal } from './principal.ts'

/** What Vault's clients ask for, also of their own token: nothing else is done with one that was made for them. */
const transitOperations: ReadonlySet<OperationName> = new Set([
  'kms.encrypt',
  'kms.decrypt',
  'kms.rewrap',
  'kms.generateDataKey',
  'kmsKey.get',
  'auth.verify',
])

/**
 * INVARIANT: a token of `kms.facadeToken` uses keys as Vault's clients do, and nothing else, whatever policies permit
 * its person otherwise.
 */
export function refuseOutsideTransit(
  { name, transport }: { readonly name: OperationName; readonly transport: Transport },
  principal: Principal,
): void {
  if (transitOf(principal) === null || (transport === 'vault' && transitOperations.has(name))) return
  throw denied("this token is for Vault's clients; log in as usual for all else")
}

/**
 * The key is compared as it is named, before it is looked for: the refusal does not tell whether there is one. A name
 * is one key's for ever.
 */
export function refuseOtherKey(
  principal: Principal,
  { type, reference }: { readonly type: ResourceType; readonly reference: string },
): void {
  const transit = transitOf(principal)
  if (transit === null || type !== 'KmsKey' || transit.keys.includes(reference)) return
  throw denied(`this token is for ${transit.keys.join(', ')}; make one that names this key in the same way`)
}

const denied = (hint: string): Refusal => new Refusal('forbidden', { reason: 'no-permit', policies: [], hint })
