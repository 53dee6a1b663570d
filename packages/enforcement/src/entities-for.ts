import type { Principal, UserPrincipal } from './principal.ts'
import { mergeEntities, principalEntities, type CedarEntity, type Slice } from './slice.ts'

/** The entities of somebody and of what stands in no row, and of what they were made. */
interface Made {
  readonly of: Pick<UserPrincipal, 'id' | 'teams' | 'hasAuthenticator'>
  readonly on: Slice['entities']
  readonly entities: readonly CedarEntity[]
}

/** By the roles of a person, which are the very same list from one look of the database at them to the next. */
const madeLast = new WeakMap<UserPrincipal['roles'], Made>()

/**
 * What Cedar is told of a caller and of what they want. Of a person and the system itself, which most reads are about,
 * it is kept while the database was not asked anew: the same list, frozen, so that what others make of it can be kept
 * with it (ADR 139).
 */
export function entitiesFor(principal: Principal, slice: Slice): readonly CedarEntity[] {
  if (principal.type !== 'User' || slice.versions.length > 0)
    return mergeEntities(principalEntities(principal), slice.entities)
  const last = madeLast.get(principal.roles)
  if (last !== undefined && last.on === slice.entities && isSame(last.of, principal)) return last.entities
  const entities = Object.freeze(mergeEntities(principalEntities(principal), slice.entities))
  const { id, teams, hasAuthenticator } = principal
  madeLast.set(principal.roles, { of: { id, teams, hasAuthenticator }, on: slice.entities, entities })
  return entities
}

const isSame = (one: Made['of'], { id, teams, hasAuthenticator }: UserPrincipal): boolean =>
  one.id === id && one.teams === teams && one.hasAuthenticator === hasAuthenticator
