import { invalidField, Refusal, type Input } from '@gatehouse/contract'
import type { Transaction } from '@gatehouse/database'
import type { Handler } from '@gatehouse/enforcement'
import { callingUser, selectUsernames } from '@gatehouse/identity'
import { breachNotice, noticePartNames, storedParts, type NoticeParts } from './breach-notice.ts'
import { authorOf, requireHeld, pastOf, type IncidentDeps } from './incident-calls.ts'
import { meetClocks, setNotified, type IncidentRow } from './incident.queries.ts'
import { insertNotice, insertStep, selectLastNotice, type NoticeRow } from './parts.queries.ts'
import { noticeOf } from './present-incident.ts'
import { authorityDueAt } from './transitions.ts'

/** Writes the next version of the notice; with an authority it is one that was sent, and the clocks of it are met. */
export const notifyBreach =
  (deps: IncidentDeps): Handler<'incident.notifyBreach'> =>
  async (permit) => {
    const { input } = permit
    const by = callingUser(permit).id
    if (input.sentAt !== undefined && input.authority === undefined)
      throw invalidField('authority', 'the authority that it was sent to, beside when it was sent')
    const sentAt =
      input.authority === undefined ? null : (pastOf('sentAt', input.sentAt, deps.clock.now()) ?? deps.clock.now())
    const { row, incident } = await deps.change(
      permit,
      async (tx) => {
        const held = await requireHeld(tx, input.id)
        const notice = await write(deps, tx, { incident: held, input, sentAt, by })
        const { version, sent_to: to } = notice
        const text = to === null ? `version ${version} of the notice, a draft` : `version ${version} sent to ${to}`
        const step = { id: deps.random.id(), incidentId: held.id, kind: 'notice', state: null, entryId: null } as const
        await insertStep(tx, {
          ...step,
          at: sentAt ?? notice.written_at,
          text,
          by: authorOf(permit),
          now: deps.clock.now(),
        })
        return { row: notice, incident: held }
      },
      ({ row: { id, version, missing } }) => ({ detail: { notice: id, version, missing: missing.length } }),
    )
    return noticeOf(row, { names: await selectUsernames(deps.db, [by]), detectedAt: incident.detected_at })
  }

interface Writing {
  readonly incident: IncidentRow
  readonly input: Input<'incident.notifyBreach'>
  readonly sentAt: Date | null
  readonly by: string
}

async function write(
  deps: IncidentDeps,
  tx: Transaction,
  { incident, input, sentAt, by }: Writing,
): Promise<NoticeRow> {
  if (!incident.breach)
    throw new Refusal('conflict', {
      hint: 'say first that personal data is affected: incident update INCIDENT --breach',
    })
  // it would end the clocks of a breach that nobody knew of yet
  if (sentAt !== null && sentAt < incident.detected_at)
    throw invalidField('sentAt', `a time from ${incident.detected_at.toISOString()} on, when it was found out`)
  const now = deps.clock.now()
  const last = await selectLastNotice(tx, incident.id)
  const parts = partsOf(last, input)
  const version = (last?.version ?? 0) + 1
  const sentTo = input.authority ?? null
  const dueAt = authorityDueAt(incident.detected_at)
  const facts = { incident: incident.id, version, parts, detectedAt: incident.detected_at, dueAt, sentTo }
  const { document, missing } = breachNotice({ ...facts, at: sentAt ?? now })
  const row = {
    id: deps.random.id(),
    incident_id: incident.id,
    version,
    parts: JSON.stringify(parts),
    document,
    missing,
    sent_to: sentTo,
    sent_at: sentAt,
    written_by: by,
    written_at: now,
  }
  await insertNotice(tx, row)
  if (sentAt !== null) {
    await setNotified(tx, incident.id, sentAt)
    await meetClocks(tx, incident.id, 'authority')
  }
  return row
}

/** What was said before stays, where it is not said anew. */
function partsOf(last: NoticeRow | null, input: Input<'incident.notifyBreach'>): NoticeParts {
  const said = noticePartNames.flatMap((name) => (input[name] === undefined ? [] : [[name, input[name]] as const]))
  return { ...(last === null ? {} : storedParts(last.parts)), ...Object.fromEntries(said) }
}
