import { decodeCursor, invalidField, Refusal, type Cursor } from '@gatehouse/contract'
import type { AnyPermit, UserPrincipal } from '@gatehouse/enforcement'

const uuidForm = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/

/** True for an id as the database writes it. Anything else would be a database error, not a missing row. */
export const isUuid = (text: string): boolean => uuidForm.test(text)

/** Where a list of rows with uuids goes on. A cursor that is none of ours is the caller's mistake. */
export function uuidCursor(after: string | undefined): Cursor | null {
  if (after === undefined) return null
  const cursor = decodeCursor(after)
  if (!isUuid(cursor.id)) throw invalidField('after', 'a cursor from an earlier page')
  return cursor
}

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
