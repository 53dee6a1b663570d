import type { CedarEntity, EntityUid } from '@gatehouse/enforcement'

/** The entities of one request, found by their uids, with what each lies in. */
export interface EntitiesByUid {
  readonly size: number
  find(uid: EntityUid): CedarEntity | undefined
  /** All that an entity lies in, however deep, without itself. Of one that is not given nothing is known. */
  ancestors(uid: EntityUid): readonly EntityUid[]
  /** Whether an entity lies in itself. */
  hasRing(): boolean
}

/** No type name holds a NUL, so that two uids never run together. */
const keyOf = ({ type, id }: EntityUid): string => `${type}\0${id}`

/** A request has some eight entities. */
export function entitiesByUid(entities: readonly CedarEntity[]): EntitiesByUid {
  const known = new Map<string, CedarEntity>()
  for (const entity of entities) known.set(keyOf(entity.uid), entity)
  const ancestors = (uid: EntityUid): readonly EntityUid[] => above(known, known.get(keyOf(uid))?.parents ?? [])
  return {
    size: known.size,
    find: (uid) => known.get(keyOf(uid)),
    ancestors,
    hasRing: () => entities.some(({ uid }) => ancestors(uid).some((one) => keyOf(one) === keyOf(uid))),
  }
}

const none: readonly EntityUid[] = []

function above(known: ReadonlyMap<string, CedarEntity>, parents: readonly EntityUid[]): readonly EntityUid[] {
  if (parents.length === 0) return none
  const reached = new Map<string, EntityUid>()
  const open = [...parents]
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    const key = keyOf(next)
    if (reached.has(key)) continue
    reached.set(key, next)
    for (const parent of known.get(key)?.parents ?? none) open.push(parent)
  }
  return [...reached.values()]
}
