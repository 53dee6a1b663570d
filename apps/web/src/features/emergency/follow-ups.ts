/** A follow-up as it is typed. */
export interface FollowUpDraft {
  readonly text: string
  readonly owner: string
  /** A day, as a date field has it. */
  readonly due: string
}

/** A follow-up before anything is typed. */
export const emptyFollowUp: FollowUpDraft = { text: '', owner: '', due: '' }

const isEmpty = ({ text, owner, due }: FollowUpDraft): boolean => `${text}${owner}${due}`.trim() === ''

/** Follow-ups to send: what was left empty is none. A day lasts until its end, where the person is. */
export const followUpsToSend = (
  drafts: readonly FollowUpDraft[],
): { readonly text: string; readonly owner: string; readonly dueAt: string }[] =>
  drafts
    .filter((draft) => !isEmpty(draft))
    .map(({ text, owner, due }) => ({ text: text.trim(), owner: owner.trim(), dueAt: endOfDay(due) }))

function endOfDay(day: string): string {
  const end = new Date(`${day}T23:59:59`)
  return Number.isNaN(end.getTime()) ? '' : end.toISOString()
}

/** Lines that say something. */
export const linesOf = (text: string): string[] =>
  text
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '')
