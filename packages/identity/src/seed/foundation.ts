import type { Transaction } from '@gatehouse/database'
import { referenceOf } from '@gatehouse/kit'
import { defaultWorkspace } from '../directory/default-workspace.ts'
import { insertTeam, selectTeamIds } from '../directory/team.queries.ts'
import { insertWorkspace } from '../directory/workspace.queries.ts'
import type { SeedDeps } from './seed-deps.ts'

/** The teams that every Gatehouse starts with. */
const teams = [
  { name: 'platform-admin', description: 'runs Gatehouse itself' },
  { name: 'sre', description: 'keeps the platform running' },
  { name: 'developers', description: 'build what runs on it' },
] as const

/**
 * Makes the first teams and the `default` workspace, which they all see, unless they are there. Answers the teams' ids
 * by name.
 */
export async function ensureFoundation(
  tx: Transaction,
  { clock, random }: SeedDeps,
): Promise<ReadonlyMap<string, string>> {
  const now = clock.now()
  for (const team of teams) await insertTeam(tx, { ...team, id: random.id(), now })
  const found = await selectTeamIds(
    tx,
    teams.map(({ name }) => referenceOf(name)),
  )
  await insertWorkspace(tx, {
    id: defaultWorkspace,
    name: defaultWorkspace,
    environment: 'development',
    teamIds: found.map(({ id }) => id),
    now,
  })
  return new Map(found.map(({ name, id }) => [name, id]))
}
