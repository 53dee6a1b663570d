import type { Raw, Wire } from '@gatehouse/contract'
import { given } from '../../ui/form.ts'

type Incident = Wire<'incident.get'>
export type Notice = Incident['notices'][number]
type Parts = Notice['parts']
/** A part of the notice. */
export type PartName = keyof Parts

/** A field of the notice as its form and its list show it. */
export interface Part {
  readonly name: PartName
  readonly label: string
  readonly hint: string
  readonly kind: 'line' | 'prose' | 'count'
}

/** One of the four parts of Art. 33(3), with what belongs to it. */
export interface PartGroup {
  readonly letter: string
  readonly title: string
  readonly parts: readonly Part[]
}

/** What Art. 33(3) asks for, in its order. */
export const partGroups: readonly PartGroup[] = [
  {
    letter: '(a)',
    title: 'What happened, and whose data it is',
    parts: [
      { name: 'nature', label: 'Nature of the breach', hint: 'What kind of breach it is.', kind: 'prose' },
      { name: 'subjectCategories', label: 'Whose data', hint: 'Customers, employees and so on.', kind: 'line' },
      { name: 'subjectCount', label: 'Number of people', hint: 'About how many.', kind: 'count' },
      { name: 'recordCategories', label: 'What data', hint: 'Addresses, passwords and so on.', kind: 'line' },
      { name: 'recordCount', label: 'Number of records', hint: 'About how many.', kind: 'count' },
    ],
  },
  {
    letter: '(b)',
    title: 'Who can be asked',
    parts: [{ name: 'contact', label: 'Contact', hint: 'Data protection officer, with address.', kind: 'line' }],
  },
  {
    letter: '(c)',
    title: 'What is likely to come of it',
    parts: [{ name: 'consequences', label: 'Likely consequences', hint: 'For the people concerned.', kind: 'prose' }],
  },
  {
    letter: '(d)',
    title: 'What is done about it',
    parts: [{ name: 'measures', label: 'Measures', hint: 'Taken or proposed.', kind: 'prose' }],
  },
]

/** Art. 33(1): asked for when the 72 hours are over. */
export const delayPart: Part = {
  name: 'delayReason',
  label: 'Reasons for the delay',
  hint: 'Why it is sent later than 72 hours after the detection.',
  kind: 'prose',
}

/** Parts that the notice of an incident has now. */
export const partsOf = ({ authorityDueAt }: Pick<Incident, 'authorityDueAt'>, now: number): readonly Part[] => {
  const isLate = authorityDueAt !== null && now > Date.parse(authorityDueAt)
  return [...partGroups.flatMap(({ parts }) => parts), ...(isLate ? [delayPart] : [])]
}

/** What a part says, as a form has it. */
export const partText = (notice: Pick<Notice, 'parts'> | undefined, name: PartName): string =>
  String(notice?.parts[name] ?? '')

/** Which of them are said. */
export const saidOf = (notice: Pick<Notice, 'parts'> | undefined, parts: readonly Part[]): number =>
  parts.filter(({ name }) => partText(notice, name) !== '').length

/**
 * The next version: what was said anew. What stays is not sent again, so that two who write at the same time do not
 * take each other's words back.
 */
export function noticeToSend(
  id: string,
  { before, values }: { readonly before: Notice | undefined; readonly values: Readonly<Record<string, string>> },
): Raw<'incident.notifyBreach'> {
  const all = [...partGroups.flatMap(({ parts }) => parts), delayPart]
  const said = all.flatMap(({ name, kind }): [string, string | number][] => {
    const text = given(values[name])
    if (text === undefined || text === partText(before, name)) return []
    return [[name, kind === 'count' ? Number(text) : text]]
  })
  return { id, ...Object.fromEntries(said) }
}
