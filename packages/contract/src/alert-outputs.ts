import { z } from 'zod'
import { alertKindNames, alertSeverities } from './alert-kinds.ts'
import { Instant } from './scalars.ts'

const id = z.string()

export const AlertKindName = z.enum(alertKindNames).meta({ id: 'AlertKind' })
export const AlertSeverityName = z.enum(alertSeverities).meta({ id: 'AlertSeverity' })
export const AlertState = z.enum(['open', 'acknowledged']).meta({ id: 'AlertState' })
export const AlertChannelKind = z.enum(['mail', 'webhook', 'slack', 'pagerduty']).meta({ id: 'AlertChannelKind' })

/** How one message of an alert fared. `waiting`: it is tried again; `dead`: it is not. */
export const AlertDeliveryState = z.enum(['waiting', 'delivered', 'dead']).meta({ id: 'AlertDeliveryState' })

/** Something that a person has to look at. */
export const Alert = z
  .object({
    id,
    kind: AlertKindName,
    severity: AlertSeverityName,
    /** What happened, in a sentence. */
    title: z.string(),
    /** What to do about it. */
    advice: z.string(),
    state: AlertState,
    /** When it was raised first. */
    at: Instant,
    lastAt: Instant,
    /** How often the same was found. */
    count: z.int(),
    /** `name`: by what people know it: a person, an incident's title, an account of a host; null: by nothing. */
    about: z.object({ type: z.string(), id, name: z.string().nullable() }).meta({ id: 'AlertSubject' }),
    facts: z.array(z.object({ name: z.string(), value: z.string() }).meta({ id: 'AlertFact' })),
    acknowledgedAt: Instant.nullable(),
    /** Who did, by name. */
    acknowledgedBy: z.string().nullable(),
    acknowledgement: z.string().nullable(),
    /** When it was found that no channel took it; null: one did, or is being tried. */
    undeliveredAt: Instant.nullable(),
    deliveries: z.array(
      z
        .object({
          channel: z.string(),
          state: AlertDeliveryState,
          attempts: z.int(),
          error: z.string().nullable(),
          at: Instant,
        })
        .meta({ id: 'AlertDelivery' }),
    ),
  })
  .meta({ id: 'Alert' })

/** A place that alerts are sent to. */
export const AlertChannel = z
  .object({
    id,
    name: z.string(),
    kind: AlertChannelKind,
    /** Where it is; nothing by which one could send to it. */
    target: z.string(),
    /** It gets alerts that are at least so severe. */
    severity: AlertSeverityName,
    /** Messages that wait for it, and those that it would not take or did not in time. */
    waiting: z.int(),
    deadLetters: z.int(),
    deliveredAt: Instant.nullable(),
    failingSince: Instant.nullable(),
    lastError: z.string().nullable(),
    /** Since when nothing is sent to it; null: it is on. */
    disabledAt: Instant.nullable(),
    createdAt: Instant,
  })
  .meta({ id: 'AlertChannel' })

/** A message that a channel would not take, or did not in time: it is not tried again by itself. */
export const AlertDeadLetter = z
  .object({
    id,
    alert: id,
    kind: AlertKindName,
    severity: AlertSeverityName,
    /** What happened, in a sentence. */
    title: z.string(),
    attempts: z.int(),
    error: z.string().nullable(),
    /** When it was given up. */
    at: Instant,
  })
  .meta({ id: 'AlertDeadLetter' })

/** What came back from a channel that a test message was sent to. */
export const AlertChannelTest = z
  .object({
    id,
    delivered: z.boolean(),
    /** Its status and the beginning of what it said, or why nothing came back. */
    answer: z.string(),
    milliseconds: z.int(),
  })
  .meta({ id: 'AlertChannelTest' })
