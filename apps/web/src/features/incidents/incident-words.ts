import type { Wire } from '@gatehouse/contract'

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

const clockNames: Readonly<Record<Clock['name'], string>> = {
  respond: 'Respond',
  'authority-24h': 'Tell the authority: 24 hours',
  'authority-48h': 'Tell the authority: 48 hours',
  'authority-66h': 'Tell the authority: 66 hours',
  'authority-72h': 'Tell the authority: deadline',
}

/** What a clock is about. */
export const clockName = (name: Clock['name']): string => clockNames[name]

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
