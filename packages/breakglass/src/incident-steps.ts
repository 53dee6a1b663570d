import type { EmergencySteps } from '@gatehouse/incidents'
import { endWords } from './end-session.ts'
import { selectStepsOf, type StepRow } from './incident-steps.queries.ts'
import type { SessionEnd } from './transitions.ts'

/** Emergency access as the timeline of its incident tells it. */
export const emergencySteps: EmergencySteps = {
  of: async (db, incidentId) =>
    (await selectStepsOf(db, incidentId)).map((row, index) => ({
      id: `${row.request_id}/${row.step}/${index}`,
      at: row.at,
      text: textOf(row),
      authorId: row.author_id,
      request: row.request_id,
      session: row.session_id,
    })),
}

const proofs: Readonly<Record<string, string>> = { webauthn: 'with a key', totp: 'with a code' }
const closings: Readonly<Record<string, string>> = {
  denied: 'two teams have denied the request',
  cancelled: 'the request was taken back',
  lapsed: 'nobody used the request in time',
}

const texts: Readonly<Record<StepRow['step'], (row: StepRow) => string>> = {
  requested: ({ workspace }) => `asked for emergency access to ${workspace}`,
  changed: ({ said }) => `changed the request: version ${said}, earlier votes are void`,
  approved: ({ said }) => `approved the request ${proofs[said ?? ''] ?? ''}`.trim(),
  denied: () => 'denied the request',
  closed: ({ said }) => closings[said ?? ''] ?? `the request is ${said}`,
  began: ({ workspace }) => `began the emergency session on ${workspace}`,
  ended: ({ said }) => `the emergency session ended: ${endWords[said as SessionEnd]}`, // the row's check admits these
  reviewed: ({ said }) => `reviewed the emergency session: ${said === 'true' ? 'it was needed' : 'it was not needed'}`,
}

const textOf = (row: StepRow): string => texts[row.step](row)
