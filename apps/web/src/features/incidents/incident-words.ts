import type { Wire } from '@gatehouse/contract'
import { givenList } from '../../ui/form.ts'

type Incident = Wire<'incident.get'>
type Summary = Wire<'incident.list'>['items'][number]
type Clock = Incident['clocks'][number]
type Step = Incident['timeline'][number]

/** Severities as options of a form. */
export const severityOptions: readonly (readonly [string, string])[] = (
  ['critical', 'high', 'medium', 'low'] as const satisfies readonly Summary['severity'][]
).map((severity) => [severity, severity] as const)

/** A name of the contract as people write it: `data-loss` is data loss. */
export const wordsOf = (name: string): string => name.replaceAll('-', ' ')

/** Kinds as options of a form. */
export const kindOptions: readonly (readonly [string, string])[] = (
  [
    'account',
    'credential',
    'malware',
    'intrusion',
    'data-loss',
    'data-exposure',
    'denial-of-service',
    'integrity',
    'availability',
    'insider',
    'supplier',
    'other',
  ] as const satisfies readonly Summary['kind'][]
).map((kind) => [kind, wordsOf(kind)] as const)

/** Classifications as options of a form. */
export const classificationOptions: readonly (readonly [string, string])[] = (
  ['public', 'internal', 'confidential', 'restricted'] as const satisfies readonly Incident['classification'][]
).map((name) => [name, name] as const)

/** What of an incident a form edits, as its texts. */
export const editable = (incident: Incident): Readonly<Record<string, string>> => ({
  title: incident.title,
  owner: incident.owner ?? '',
  severity: incident.severity,
  breach: incident.breach ? 'yes' : 'no',
  description: incident.description,
  affected: incident.affected.join('\n'),
  dataSubjects: incident.dataSubjects,
  functions: incident.functions.join(', '),
  classification: incident.classification,
})

/** What a form changes. What stays is not sent, so that two who edit at once do not take each other's words back. */
export function changesOf(
  before: Readonly<Record<string, string>>,
  values: Readonly<Record<string, string>>,
): Record<string, unknown> {
  const changed = Object.entries(values).filter(([name, text]) => text.trim() !== (before[name] ?? '').trim())
  return Object.fromEntries(
    changed.map(([name, text]) => {
      if (name === 'breach') return [name, text === 'yes']
      if (name === 'affected') return [name, linesOf(text)]
      return [name, name === 'functions' ? (givenList(text) ?? []) : text.trim()]
    }),
  )
}

const linesOf = (text: string): string[] =>
  text
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '')

/** How an action stands, as a state that people read at a glance. */
export function actionState({ doneAt, dueAt }: Incident['actions'][number], now: number): string {
  if (doneAt !== null) return 'done'
  return dueAt !== null && Date.parse(dueAt) < now ? 'overdue' : 'open'
}

const clockNames: Readonly<Record<Clock['name'], string>> = {
  respond: 'Respond',
  'authority-24h': 'Notify the authority: 24 hours',
  'authority-48h': 'Notify the authority: 48 hours',
  'authority-66h': 'Notify the authority: 66 hours',
  'authority-72h': 'Notify the authority: deadline',
}

/** What a clock is about. */
export const clockName = (name: Clock['name']): string => clockNames[name]

const clockEnds: Readonly<Record<Clock['name'], string>> = {
  respond: 'Ends when somebody moves the incident on.',
  'authority-24h': 'A reminder to everybody who is alerted.',
  'authority-48h': 'A second reminder, more urgent.',
  'authority-66h': 'The last reminder: six hours are left.',
  'authority-72h': 'After it the notice says why it is late.',
}

/** What a clock is for. */
export const clockHint = (name: Clock['name']): string => clockEnds[name]

/** How a clock stands, as a state that people read at a glance. */
export function clockState({ name, state }: Clock): string {
  if (state === 'met') return 'done'
  if (state === 'waiting') return 'waiting'
  return name === 'respond' || name === 'authority-72h' ? 'overdue' : 'passed'
}

const stepVerbs: Readonly<Record<Step['kind'], string>> = {
  opened: 'Opened',
  'found-again': 'Found again',
  moved: 'Moved',
  changed: 'Changed',
  note: 'Note',
  evidence: 'Evidence',
  action: 'Action',
  notice: 'Notice',
  clock: 'Clock',
  entry: 'Audit log entry',
  emergency: 'Emergency access',
}

/** What a line of the timeline is. */
export const stepWords = ({ kind, state }: Step): string =>
  kind === 'moved' && state !== null ? `Now ${wordsOf(state)}` : stepVerbs[kind]

/** What is due next of an incident in a list; null: nothing. */
export const nextDue = ({ nextClock }: Pick<Summary, 'nextClock'>): string | null => nextClock?.dueAt ?? null
