import type { ResourceType } from '@gatehouse/contract'
import type { Place } from './place.ts'
import type { Principal } from './principal.ts'

export interface EntityUid {
  readonly type: string
  readonly id: string
}

/** A value as Cedar's JSON has it. */
export type CedarValue =
  | string
  | number
  | boolean
  | readonly CedarValue[]
  | { readonly __entity: EntityUid }
  | { readonly __extn: { readonly fn: string; readonly arg: string } }
  | { readonly [key: string]: CedarValue }

export interface CedarEntity {
  readonly uid: EntityUid
  readonly attrs: Readonly<Record<string, CedarValue>>
  readonly parents: readonly EntityUid[]
}

/** A row that a decision was made on. `version` changes whenever the row does (PostgreSQL's xmin as text). */
export interface RowVersion {
  readonly table: string
  readonly id: string
  readonly version: string
}

/** What a decision needs to know of one resource: at most 8 entities, and the rows they came from. */
export interface Slice {
  /** The resource with its real id: references by name are resolved here. */
  readonly resource: EntityUid & { readonly type: ResourceType }
  /** The workspace it belongs to; null for what stands above workspaces. */
  readonly workspace: string | null
  /** When and where people work there. The workspace's loader says it, and `withWorkspaces` brings it to the rest. */
  readonly place?: Place
  readonly entities: readonly CedarEntity[]
  /** The resource's own row first. */
  readonly versions: readonly RowVersion[]
}

/**
 * Loads the slice of one resource by id or name. Null: there is no such row. `Db` is a connection pool or a
 * transaction.
 */
export type LoadSlice<Db> = (db: Db, id: string) => Promise<Slice | null>

/** One loader per resource type, total: a new type without a loader does not compile. */
export type Slices<Db> = { readonly [T in ResourceType]: LoadSlice<Db> }

/**
 * Lets each slice bring the workspace that one of its entities names as a parent: its entity, and its row. Who loads a
 * thing only names that workspace, for its table has another owner. What stands in the audit log may outlive its
 * workspace; then there is nothing to bring, and a policy that asks for it decides nothing. All else refers to its
 * workspace by a key.
 */
export const withWorkspaces = <Db>(slices: Slices<Db>, loadWorkspace: LoadSlice<Db>): Slices<Db> =>
  // fromEntries forgets the types, which are those of `slices`
  Object.fromEntries(Object.entries(slices).map(([type, load]) => [type, within(load, loadWorkspace)])) as Slices<Db>

const within =
  <Db>(load: LoadSlice<Db>, loadWorkspace: LoadSlice<Db>): LoadSlice<Db> =>
  async (db, id) => {
    const slice = await load(db, id)
    const parent = slice?.entities.flatMap(({ parents }) => parents).find(({ type }) => type === 'Workspace')
    const workspace = parent === undefined ? null : await loadWorkspace(db, parent.id)
    if (slice === null || workspace === null) return slice
    return {
      ...slice,
      ...(workspace.place === undefined ? {} : { place: workspace.place }),
      entities: [...slice.entities, ...workspace.entities],
      versions: [...slice.versions, ...workspace.versions],
    }
  }

/** The workspaces that a list may range over, as slices: all of them, archived ones only where they are asked for. */
export type LoadWorkspaces<Db> = (db: Db, which?: { readonly archivedToo: boolean }) => Promise<readonly Slice[]>

export const uid = (type: string, id: string): EntityUid => ({ type, id })
export const ref = (type: string, id: string): CedarValue => ({ __entity: { type, id } })
export const extension = (fn: 'datetime' | 'ip' | 'duration' | 'decimal', arg: string): CedarValue => ({
  __extn: { fn, arg },
})

/** The principal as Cedar sees it: roles and teams are its parents, so policies say `principal in Role::"Admin"`. */
export function principalEntities(principal: Principal): CedarEntity[] {
  const self = uid(principal.type, principal.id)
  if (principal.type === 'Anonymous') return [{ uid: self, attrs: {}, parents: [] }]
  const teams = (principal.teams ?? []).map((team) => uid('Team', team.id))
  const parents = principal.type === 'Service' ? teams : [...principal.roles.map((role) => uid('Role', role)), ...teams]
  return [
    {
      uid: self,
      attrs:
        principal.type === 'Service' ? { bound: principal.bound } : { hasAuthenticator: principal.hasAuthenticator },
      parents,
    },
    ...parents.map((parent): CedarEntity => ({ uid: parent, attrs: {}, parents: [] })),
  ]
}

/** Slices overlap (a person acting on themselves): each entity once, the principal's own form first. */
export function mergeEntities(...groups: readonly (readonly CedarEntity[])[]): CedarEntity[] {
  const seen = new Map<string, CedarEntity>()
  for (const entity of groups.flat()) {
    const key = `${entity.uid.type}::${entity.uid.id}`
    if (!seen.has(key)) seen.set(key, entity)
  }
  return [...seen.values()]
}
