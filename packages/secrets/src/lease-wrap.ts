import { createHash } from 'node:crypto'
import {
  LeaseMaterial,
  leaseOfWrapToken,
  secret,
  wrapSecretBytes,
  wrapTokenText,
  type Secret,
} from '@gatehouse/contract'
import type { Random, SealedPlace, Sealer } from '@gatehouse/enforcement'
import { z } from 'zod'
import type { ShownWrapToken } from './lease-wrap.queries.ts'
import type { Material } from './secret-provider.ts'

/** A new token for a lease, and what is kept of it. */
export function createWrapToken(
  random: Random,
  leaseId: string,
): { readonly token: Secret<string>; readonly hash: Buffer } {
  const token = wrapTokenText(leaseId, Buffer.from(random.bytes(wrapSecretBytes)).toString('hex'))
  return { token: secret(token), hash: hashOf(token) }
}

/** A token by what is kept of it; null: it is none of ours. */
export function shownToken(token: Secret<string>): ShownWrapToken | null {
  const leaseId = leaseOfWrapToken(token)
  return leaseId === null ? null : { leaseId, hash: hashOf(token.expose()) }
}

/** Compared are hashes alone, so that how long it takes tells nothing of a token. */
const hashOf = (token: string): Buffer => createHash('sha256').update(token).digest()

/** Bound to lease and token: in another row, or beside another token, it does not open. */
const placeOf = ({ leaseId, hash }: ShownWrapToken): SealedPlace => ({
  table: 'lease_wrap',
  column: 'sealed',
  id: `${leaseId}:${hash.toString('hex')}`,
})

/** A credential as it is kept until it is opened: as it would be on the wire. */
export const sealMaterial = (sealer: Sealer, token: ShownWrapToken, material: Material): Buffer =>
  Buffer.from(sealer.seal(placeOf(token), Buffer.from(JSON.stringify(z.encode(LeaseMaterial, material)), 'utf8')))

/** Opens it. Throws when the bytes were sealed for another lease or token. */
export const unsealMaterial = (sealer: Sealer, token: ShownWrapToken, sealed: Buffer): Material =>
  LeaseMaterial.parse(JSON.parse(Buffer.from(sealer.unseal(placeOf(token), sealed)).toString('utf8')))
