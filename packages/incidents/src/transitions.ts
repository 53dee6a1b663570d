import type { AlertSeverity, IncidentClockName, IncidentStateName } from '@gatehouse/contract'

/**
 * The states that follow each state. An incident only goes on: what turns up again later is another incident, whose
 * clocks run from its own detection. What has been contained was no false alarm.
 */
export const nextStates: Readonly<Record<IncidentStateName, readonly IncidentStateName[]>> = {
  detected: ['triaged', 'false-positive'],
  triaged: ['contained', 'false-positive'],
  contained: ['eradicated'],
  eradicated: ['recovered'],
  recovered: ['post-mortem'],
  'post-mortem': ['closed'],
  closed: [],
  'false-positive': [],
}

/** Whether nothing more is done about it. */
export const isOver = (state: IncidentStateName): boolean => nextStates[state].length === 0

/** What is known of an incident when it is moved. */
export interface Standing {
  readonly state: IncidentStateName
  /** When it came to its state. */
  readonly since: Date
  readonly openActions: number
  readonly breach: boolean
  readonly notifiedAt: Date | null
}

/** A step that somebody asks for. `at`: null: now. */
export interface Step {
  readonly to: IncidentStateName
  readonly at: Date | null
  readonly now: Date
  /** Why it is closed although something is left. */
  readonly unfinished: string | null
}

/** What comes of it: when it came to be so, or why it does not. */
export type Moved =
  | { readonly at: Date; readonly problem: null }
  | { readonly problem: 'not-next' | 'too-early' | 'in-future' }
  | { readonly problem: 'unfinished'; readonly left: readonly string[] }

/** What is left of an incident that would be closed. */
export function leftOf({ openActions, breach, notifiedAt }: Standing): string[] {
  const actions = openActions === 1 ? 'one action is open' : `${openActions} actions are open`
  return [
    ...(openActions > 0 ? [actions] : []),
    ...(breach && notifiedAt === null ? ['the authority was not told of the breach'] : []),
  ]
}

/** Moves it. Times of its steps never go back, also where a clock was set back: then the step is as old as the last. */
export function move(known: Standing, { to, at, now, unfinished }: Step): Moved {
  if (!nextStates[known.state].includes(to)) return { problem: 'not-next' }
  if (at !== null && at < known.since) return { problem: 'too-early' }
  if (at !== null && at > now) return { problem: 'in-future' }
  const left = to === 'closed' ? leftOf(known) : []
  if (left.length > 0 && unfinished === null) return { problem: 'unfinished', left }
  return { at: at ?? (now > known.since ? now : known.since), problem: null }
}

const minute = 60
const hour = 60 * minute

/** Seconds from its detection within which somebody has to have looked at an incident. */
export const respondWithinSeconds: Readonly<Record<AlertSeverity, number>> = {
  critical: 15 * minute,
  high: hour,
  medium: 8 * hour,
  low: 72 * hour,
}

/** GDPR Art. 33(1): not later than 72 hours after having become aware of the breach. */
export const authoritySeconds = 72 * hour

const authorityClocks = [
  { name: 'authority-24h', seconds: 24 * hour },
  { name: 'authority-48h', seconds: 48 * hour },
  { name: 'authority-66h', seconds: 66 * hour },
  { name: 'authority-72h', seconds: authoritySeconds },
] as const satisfies readonly { name: IncidentClockName; seconds: number }[]

/** A clock of an incident: when it runs out. */
export interface DueClock {
  readonly name: IncidentClockName
  readonly dueAt: Date
}

const after = (since: Date, seconds: number): Date => new Date(since.getTime() + seconds * 1000)

/** When somebody has to have responded. */
export const respondBy = (severity: AlertSeverity, detectedAt: Date): Date =>
  after(detectedAt, respondWithinSeconds[severity])

/** When the authority has to have been told. */
export const authorityDueAt = (detectedAt: Date): Date => after(detectedAt, authoritySeconds)

/**
 * The clocks of a breach that is found now. Of the escalations whose hour has passed already only the last is kept: it
 * is told at once, and those before it would say the same.
 */
export function breachClocks(detectedAt: Date, now: Date): DueClock[] {
  const all = authorityClocks.map(({ name, seconds }) => ({ name, dueAt: after(detectedAt, seconds) }))
  const passed = all.filter(({ dueAt }) => dueAt <= now).length
  return all.slice(Math.max(0, passed - 1))
}

const clockSeverities: Readonly<Record<Exclude<IncidentClockName, 'respond'>, AlertSeverity>> = {
  'authority-24h': 'medium',
  'authority-48h': 'high',
  'authority-66h': 'critical',
  'authority-72h': 'critical',
}

/** How urgent it is that a clock has run out. */
export const clockSeverity = (name: IncidentClockName, severity: AlertSeverity): AlertSeverity =>
  name === 'respond' ? severity : clockSeverities[name]

/** The incidents of which everybody is told at once. */
export const isSevere = (severity: AlertSeverity): boolean => severity === 'critical' || severity === 'high'
