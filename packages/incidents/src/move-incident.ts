import { invalidField, Refusal, type IncidentStateName } from '@gatehouse/contract'
import type { Transaction } from '@gatehouse/database'
import type { Clock, Random } from '@gatehouse/enforcement'
import { holdIncident, meetClocks, setState, type Author, type IncidentRow } from './incident.queries.ts'
import { isUuid } from '@gatehouse/kit'
import { countOpenActions, insertStep } from './parts.queries.ts'
import { isOver, move, nextStates, type Moved } from './transitions.ts'

/** Where somebody takes an incident. */
export interface Moving {
  readonly id: string
  readonly to: IncidentStateName
  readonly note: string
  readonly at: Date | null
  readonly by: Author
  readonly resolution: string | null
  readonly unfinished: string | null
}

/** What moving needs. */
export interface MoveDeps {
  readonly clock: Clock
  readonly random: Random
}

/** Takes an incident to another state, in the caller's transaction, and answers where it stood. */
export async function moveIncident(deps: MoveDeps, tx: Transaction, moving: Moving): Promise<IncidentStateName> {
  const row = isUuid(moving.id) ? await holdIncident(tx, moving.id) : null
  if (row === null) throw new Refusal('not-found')
  const now = deps.clock.now()
  const standing = {
    state: row.state,
    since: row.state_since,
    openActions: await countOpenActions(tx, row.id),
    breach: row.breach,
    notifiedAt: row.notified_at,
  }
  const moved = move(standing, { to: moving.to, at: moving.at, now, unfinished: moving.unfinished })
  if (moved.problem !== null) throw refusalOf(row, moving, moved)
  const { id, to, by, note, resolution, unfinished } = moving
  const { at } = moved
  if (!(await setState(tx, { id, from: row.state, to, at, resolution, unfinished }))) throw new Refusal('conflict')
  await meetClocks(tx, id, 'respond')
  if (isOver(to)) await meetClocks(tx, id, '')
  const step = { id: deps.random.id(), incidentId: id, at, kind: 'moved', state: to, entryId: null } as const
  await insertStep(tx, { ...step, text: textOf(note, unfinished), by, now })
  return row.state
}

const textOf = (note: string, unfinished: string | null): string =>
  unfinished === null ? note : `${note}\nclosed although something is open: ${unfinished}`

type Problem = Exclude<Moved, { readonly problem: null }>

function refusalOf(row: IncidentRow, { to }: Moving, moved: Problem): Refusal {
  if (moved.problem === 'too-early')
    return invalidField('at', `a time from ${row.state_since.toISOString()} on, when it came to be ${row.state}`)
  if (moved.problem === 'in-future') return invalidField('at', 'a time that has passed')
  if (moved.problem === 'unfinished')
    return new Refusal('conflict', { hint: `${moved.left.join(', ')}: finish it, or close with a reason (unfinished)` })
  const next = nextStates[row.state]
  const where = next.length === 0 ? 'it goes nowhere from there' : `from there it goes to ${next.join(' or ')}`
  return new Refusal('conflict', { hint: `the incident is ${row.state}, not on its way to ${to}; ${where}` })
}
