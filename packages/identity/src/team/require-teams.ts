import { invalidField } from '@gatehouse/contract'
import type { Transaction } from '@gatehouse/database'
import { selectTeamIds } from './team.queries.ts'

/** The ids of teams that are named by id or name, each once. Refuses the field `teams` where one does not exist. */
export async function requireTeams(tx: Transaction, references: readonly string[]): Promise<readonly string[]> {
  const wanted = [...new Set(references)]
  const found = await selectTeamIds(tx, wanted)
  const unknown = wanted.find((reference) => !found.some((team) => team.id === reference || team.name === reference))
  if (unknown !== undefined) throw invalidField('teams', `teams that exist; there is no \`${unknown}\``)
  return [...new Set(found.map(({ id }) => id))]
}
