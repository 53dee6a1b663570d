import { invalidField, Refusal, type Input } from '@gatehouse/contract'
import { loadAuditEntrySlice, parseWhen } from '@gatehouse/audit'
import type { Transaction } from '@gatehouse/database'
import type { Handler } from '@gatehouse/enforcement'
import { callingUser } from '@gatehouse/identity'
import { isUuid } from '@gatehouse/kit'
import { authorOf, findOwner, requireHeld, type IncidentDeps } from './incident-calls.ts'
import { holdIncident, setKnown, type Author, type IncidentRow } from './incident.queries.ts'
import { changedText, followClocks } from './open-incident.ts'
import { finishAction, insertAction, insertStep } from './parts.queries.ts'
import { presentIncident } from './present-incident.ts'
import { isOver } from './transitions.ts'

type Said = Input<'incident.update'>
/** Whom and when it names, found before the transaction. */
interface Named {
  readonly by: Author
  readonly userId: string
  readonly ownerId: string | null
  readonly actionOwnerId: string | null
  readonly actionDueAt: Date | null
}

/** Says more of an incident. */
export const updateIncident =
  (deps: IncidentDeps): Handler<'incident.update'> =>
  async (permit) => {
    const { input } = permit
    const named = {
      by: authorOf(permit),
      userId: callingUser(permit).id,
      ownerId: await findOwner(deps, { field: 'owner', reference: input.owner }),
      actionOwnerId: await findOwner(deps, { field: 'actionOwner', reference: input.actionOwner }),
      actionDueAt:
        input.actionDueAt === undefined ? null : parseWhen('actionDueAt', input.actionDueAt, deps.clock.now()),
    }
    if (input.action === undefined && (input.actionOwner ?? input.actionDueAt) !== undefined)
      throw invalidField('action', 'what is to be done, beside who does it and by when')
    await deps.change(permit, (tx) => say(deps, tx, { input, named }))
    return presentIncident(deps, input.id)
  }

interface Saying {
  readonly input: Said
  readonly named: Named
}

async function say(deps: IncidentDeps, tx: Transaction, saying: Saying): Promise<void> {
  const { input, named } = saying
  const row = await requireHeld(tx, input.id)
  const changed = changesOf(input)
  if (isOver(row.state) && changed.length > 0)
    throw new Refusal('conflict', { hint: `the incident is ${row.state}; only notes, entries and actions are added` })
  const line = lineOf(deps, { row, named })
  if (changed.length > 0) await change(deps, tx, { row, saying, changed })
  if (input.note !== undefined) await line(tx, { kind: 'note', text: input.note, entryId: null })
  if (input.entry !== undefined) await link(tx, input.entry, line)
  if (input.action !== undefined) await act(deps, tx, { input: { ...input, action: input.action }, named, line })
  if (input.actionDone !== undefined) await finish(deps, tx, { input, named, line })
}

type Line = (
  tx: Transaction,
  one: { readonly kind: 'note' | 'changed' | 'entry' | 'action'; text: string; entryId: string | null },
) => Promise<boolean>

/** Adds lines to the timeline, as said now by the caller. */
const lineOf = (
  { random, clock }: IncidentDeps,
  { row, named }: { readonly row: IncidentRow; readonly named: Named },
): Line => {
  const now = clock.now()
  const common = { incidentId: row.id, at: now, now, state: null, by: named.by } as const
  return (tx, one) => insertStep(tx, { ...common, ...one, id: random.id() })
}

const changing = [
  ['title', 'title'],
  ['severity', 'severity'],
  ['description', 'description'],
  ['classification', 'classification'],
  ['affected', 'what is affected'],
  ['dataSubjects', 'data subjects'],
  ['functions', 'functions'],
  ['owner', 'owner'],
  ['breach', 'breach of personal data'],
] as const satisfies readonly (readonly [keyof Said, string])[]

const changesOf = (input: Said): string[] =>
  changing.filter(([field]) => input[field] !== undefined).map(([, name]) => name)

async function change(
  deps: IncidentDeps,
  tx: Transaction,
  { row, saying, changed }: { readonly row: IncidentRow; readonly saying: Saying; readonly changed: readonly string[] },
): Promise<void> {
  const { input, named } = saying
  await setKnown(tx, row.id, {
    title: input.title ?? null,
    severity: input.severity ?? null,
    description: input.description ?? null,
    classification: input.classification ?? null,
    affected: input.affected ?? null,
    dataSubjects: input.dataSubjects ?? null,
    functions: input.functions ?? null,
    ownerId: named.ownerId,
    breach: input.breach ?? null,
  })
  const now = await holdIncident(tx, row.id)
  if (now === null) throw new Refusal('not-found')
  await followClocks(deps, tx, { before: row, now, alert: null })
  const rest = changed.filter((name) => name !== 'severity' && name !== 'breach of personal data')
  const text = [...changedText(row, now), ...rest].join(', ')
  if (text !== '') await lineOf(deps, { row, named })(tx, { kind: 'changed', text, entryId: null })
}

async function link(tx: Transaction, entry: string, line: Line): Promise<void> {
  const there = isUuid(entry) && (await loadAuditEntrySlice(tx, entry)) !== null
  if (!there) throw invalidField('entry', 'the id of an entry of the audit log')
  if (!(await line(tx, { kind: 'entry', text: '', entryId: entry })))
    throw new Refusal('conflict', { hint: 'this entry belongs to the incident already' })
}

interface Acting extends Saying {
  readonly line: Line
}

async function act(
  { random, clock }: IncidentDeps,
  tx: Transaction,
  { input, named, line }: Acting & { readonly input: { readonly action: string } },
): Promise<void> {
  const { id: incidentId, action: what } = input
  const { actionOwnerId: ownerId, actionDueAt: dueAt } = named
  await insertAction(tx, { id: random.id(), incidentId, what, ownerId, dueAt, now: clock.now() })
  await line(tx, { kind: 'action', text: `to do: ${what}`, entryId: null })
}

async function finish({ clock }: IncidentDeps, tx: Transaction, { input, named, line }: Acting): Promise<void> {
  const { id: incidentId, actionDone: id } = input
  const one = { id: id ?? '', incidentId, by: named.userId, now: clock.now() }
  const what = isUuid(one.id) ? await finishAction(tx, one) : null
  if (what === null) throw invalidField('actionDone', 'the id of an action of this incident that is not done')
  await line(tx, { kind: 'action', text: `done: ${what}`, entryId: null })
}
