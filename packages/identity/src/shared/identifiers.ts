import { decodeUuidCursor, Refusal, type Cursor } from '@gatehouse/contract'
import type { AnyPermit, UserPrincipal } from '@gatehouse/enforcement'

/** Where a list of rows with uuids goes on. A cursor that is none of ours is the caller's mistake. */
export const uuidCursor = (after: string | undefined): Cursor | null =>
  after === undefined ? null : decodeUuidCursor(after)

/**
 * The person who calls. The declarations of these operations admit no other, so anybody else is refused, not served.
 */
export function callingUser(permit: { readonly principal: AnyPermit['principal'] }): UserPrincipal {
  if (permit.principal.type !== 'User') throw new Refusal('unauthenticated')
  return permit.principal
}

/** The id of the decided resource, with names resolved. */
export function resourceId(permit: { readonly slice: AnyPermit['slice'] }): string {
  if (permit.slice === null) throw new Refusal('not-found')
  return permit.slice.resource.id
}
