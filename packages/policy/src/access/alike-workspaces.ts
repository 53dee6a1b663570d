import { placeFacts, type CedarValue, type PlaceFacts, type Principal, type Slice } from '@gatehouse/enforcement'
import type { PolicyLiterals } from './policy-literals.ts'

type Group = [Slice, ...Slice[]]

/**
 * Workspaces between which no policy can tell: of one environment, at the same hour of their calendars, with the same
 * of the caller's teams, as many others, and named by no policy. One of each kind is asked about, so that a thousand
 * cost as much as their kinds.
 */
export function alikeWorkspaces(
  { workspaces, literals }: { readonly workspaces: readonly Slice[]; readonly literals: PolicyLiterals },
  { principal, now, address }: { readonly principal: Principal; readonly now: Date; readonly address: string },
): Group[] {
  const mine = principal.type === 'Anonymous' ? [] : (principal.teams ?? []).map(({ id }) => id)
  const teams = new Set([...mine, ...literals.idsOf('Team')])
  const named = new Set(literals.idsOf('Workspace'))
  const groups = new Map<string, Group>()
  for (const workspace of workspaces) {
    const key = named.has(workspace.resource.id)
      ? workspace.resource.id
      : kindOf(workspace, {
          teams,
          facts: placeFacts(workspace.place ?? null, { now, address, principalId: principal.id }),
        })
    const group = groups.get(key)
    if (group === undefined) groups.set(key, [workspace])
    else group.push(workspace)
  }
  return [...groups.values()]
}

function kindOf(
  { resource, entities }: Slice,
  { teams, facts }: { readonly teams: ReadonlySet<string>; readonly facts: PlaceFacts },
): string {
  const own = entities.find(({ uid }) => uid.id === resource.id && uid.type === resource.type)
  const attrs = own?.attrs ?? {}
  const seen = (Array.isArray(attrs.teams) ? attrs.teams : []).map(idOf)
  const rest = Object.entries(attrs).filter(([name]) => name !== 'teams')
  return JSON.stringify([rest, own?.parents, facts, seen.filter((id) => teams.has(id)).sort(), seen.length])
}

/** The id that a reference names; the empty text for what is none. */
export const idOf = (value: CedarValue): string =>
  typeof value === 'object' && '__entity' in value ? (value as { __entity: { id: string } }).__entity.id : ''
