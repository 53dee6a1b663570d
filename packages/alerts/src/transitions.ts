import type { AlertSeverity } from '@gatehouse/contract'

/** What is known of an alert when the same thing is found again. */
export interface KnownAlert {
  readonly state: 'open' | 'acknowledged'
  readonly severity: AlertSeverity
  readonly toldAt: Date
}

/** What comes of an alert that is raised. `new`: a row of its own; `again`: channels are told; `counted`: they not. */
export type Raised = 'new' | 'again' | 'counted'

const urgency: Readonly<Record<AlertSeverity, number>> = { critical: 3, high: 2, medium: 1, low: 0 }

/** The more urgent of two. */
export const moreUrgent = (one: AlertSeverity, other: AlertSeverity): AlertSeverity =>
  urgency[other] > urgency[one] ? other : one

/** Whether an alert is urgent enough for who wants to be told from a severity on. */
export const isAtLeast = (severity: AlertSeverity, from: AlertSeverity): boolean => urgency[severity] >= urgency[from]

/**
 * The same thing within its quiet time is counted, also after somebody has acknowledged it. What has become more urgent
 * is told at once; what comes back after the quiet time is told again, as a new alert if the old one was acknowledged.
 */
export function raiseAgain(
  known: KnownAlert | null,
  {
    severity,
    now,
    quietSeconds,
  }: { readonly severity: AlertSeverity; readonly now: Date; readonly quietSeconds: number },
): Raised {
  if (known === null) return 'new'
  const isQuiet = now.getTime() < known.toldAt.getTime() + quietSeconds * 1000
  if (known.state === 'acknowledged') return isQuiet && !isMoreUrgent(severity, known.severity) ? 'counted' : 'new'
  return isQuiet && !isMoreUrgent(severity, known.severity) ? 'counted' : 'again'
}

const isMoreUrgent = (fresh: AlertSeverity, old: AlertSeverity): boolean => urgency[fresh] > urgency[old]

/** How one try to deliver a message ended. */
export type Tried =
  | { readonly taken: true }
  /** `never`: the receiver has looked at it, and will not take it as it is. */
  | { readonly taken: false; readonly chance: 'later' | 'never'; readonly error: string }

/** What becomes of a message. */
export type DeliveryState =
  | { readonly state: 'delivered' }
  | { readonly state: 'waiting'; readonly inSeconds: number; readonly error: string }
  | { readonly state: 'dead'; readonly error: string }

/**
 * Tries of one message: 1, 2, 4 … seconds apart and then five minutes, for something over six hours. Who repairs a
 * channel within a working day's half gets everything; after that an alert is no news.
 */
export const triesMax = 80
const pauseSecondsMax = 300

/** What becomes of a message after a try; `attempts`: how many there were, this one among them. */
export function afterTry(attempts: number, tried: Tried): DeliveryState {
  if (tried.taken) return { state: 'delivered' }
  if (tried.chance === 'never' || attempts >= triesMax) return { state: 'dead', error: tried.error }
  return { state: 'waiting', inSeconds: Math.min(pauseSecondsMax, 2 ** Math.min(attempts - 1, 16)), error: tried.error }
}
