import type { CedarValue, Principal, Slice } from '@gatehouse/enforcement'
import type { PolicyLiterals } from './policy-literals.ts'

type Group = [Slice, ...Slice[]]

/**
 * Workspaces between which no policy can tell: of one tier, with the same of the caller's teams, as many others, and
 * named by no policy. One of each kind is asked about, so a thousand workspaces cost as much as their kinds.
 */
export function alikeWorkspaces(
  { workspaces, literals }: { readonly workspaces: readonly Slice[]; readonly literals: PolicyLiterals },
  principal: Principal,
): Group[] {
  const mine = principal.type === 'Anonymous' ? [] : (principal.teams ?? []).map(({ id }) => id)
  const teams = new Set([...mine, ...literals.idsOf('Team')])
  const named = new Set(literals.idsOf('Workspace'))
  const groups = new Map<string, Group>()
  for (const workspace of workspaces) {
    const key = named.has(workspace.resource.id) ? workspace.resource.id : kindOf(workspace, teams)
    const group = groups.get(key)
    if (group === undefined) groups.set(key, [workspace])
    else group.push(workspace)
  }
  return [...groups.values()]
}

function kindOf({ resource, entities }: Slice, teams: ReadonlySet<string>): string {
  const attrs = entities.find(({ uid }) => uid.id === resource.id && uid.type === resource.type)?.attrs ?? {}
  const seen = (Array.isArray(attrs.teams) ? attrs.teams : []).map(idOf)
  const rest = Object.entries(attrs).filter(([name]) => name !== 'teams')
  return JSON.stringify([rest, seen.filter((id) => teams.has(id)).sort(), seen.length])
}

const idOf = (value: CedarValue): string =>
  typeof value === 'object' && '__entity' in value ? (value as { __entity: { id: string } }).__entity.id : ''
