import { invalidField, Refusal } from '@gatehouse/contract'
import { contactHost, sameKey, type ContactDeps, type HostPlace } from './contact.ts'
import { HostAccessError } from './host-access/index.ts'
import { hostRefusal } from './host-refusal.ts'
import { fieldOf } from './issue-terms.ts'
import { formatPublicKey, parseHostKeyLine, type PublicKey } from './wire/index.ts'

/** The key to pin, and what the first contact showed. */
export interface PinnedKey {
  readonly key: PublicKey
  /** All keys that the host shows, the pinned one among them. */
  readonly keys: readonly PublicKey[]
  /** The host answered and proved that it holds the key. */
  readonly proved: boolean
}

/** The key of a person's `hostKey` field. */
export const givenKey = (hostKey: string | undefined): PublicKey | null =>
  hostKey === undefined ? null : fieldOf('hostKey', () => parseHostKeyLine(hostKey).key)

/** The key to pin: the one given, which must be one that the host shows if it answers at all, or the one it shows. */
export async function keyToPin(deps: ContactDeps, place: HostPlace, given: PublicKey | null): Promise<PinnedKey> {
  const contact = await contactHost(deps, place, given).catch((error: unknown) => {
    if (error instanceof HostAccessError && error.problem === 'unreachable') return null
    throw refusedAddress(error)
  })
  if (contact === null) {
    if (given === null)
      throw new Refusal('host-unreachable', { hint: 'its key cannot be seen; give the host key, or bring the host up' })
    return { key: given, keys: [given], proved: false }
  }
  const key = given ?? contact.shown[0]
  if (key === undefined || !contact.shown.some((shown) => sameKey(shown, key))) throw new Refusal('host-key-mismatch')
  return { key, keys: contact.shown, proved: contact.proved }
}

const refusedAddress = (error: unknown): unknown => invalidAddress(error) ?? hostRefusal(error)

/** An address that is not for us to contact is the field's fault; null: something else went wrong. */
export const invalidAddress = (error: unknown): Refusal | null =>
  error instanceof HostAccessError && error.problem === 'invalid-target' ? invalidField('address', error.message) : null

/** A key as it is stored: without what stood beside it. */
export const storedKey = (key: PublicKey): string => formatPublicKey({ ...key, comment: '' })
