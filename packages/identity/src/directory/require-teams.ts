import { invalidField } from '@gatehouse/contract'
import type { Transaction } from '@gatehouse/database'
import { referenceOf } from '@gatehouse/kit'
import { selectTeamIds } from './team.queries.ts'

/** The ids of teams that are named by id or name, each once. Refuses the field `teams` where one does not exist. */
export async function requireTeams(tx: Transaction, references: readonly string[]): Promise<readonly string[]> {
  const wanted = [...new Set(references)].map(referenceOf)
  const found = await selectTeamIds(tx, wanted)
  const unknown = wanted.find((one) => !found.some((team) => team.id === one.id || team.name === one.name))
  if (unknown !== undefined)
    throw invalidField('teams', `teams that exist; there is no \`${unknown.id ?? unknown.name}\``)
  return [...new Set(found.map(({ id }) => id))]
}
