import { reaches, type Assurance } from '@gatehouse/contract'
import { placeFacts, placeFactsSchema, type Place } from './place.ts'
import type { EmergencyFacts } from './principal.ts'
import { extension, type CedarValue } from './slice.ts'

const days = ['sun', 'mon', 'tue', 'wed', 'thu', 'fri', 'sat'] as const

/**
 * Per-request facts that the server, never the client, tells Cedar: it has no clock of its own. Times are UTC, but for
 * those of the place that the resource stands in; null: in none.
 */
export function baseContext(facts: {
  now: Date
  address: string
  principalId: string
  place: Place | null
  assurance: Assurance
  apiToken: boolean
  /** The caller came with an emergency token. Absent: no. */
  emergency?: EmergencyFacts | null
  ownOnly?: boolean
  recovery?: boolean
}): Readonly<Record<string, CedarValue>> {
  return {
    now: extension('datetime', facts.now.toISOString()),
    dayOfWeek: days[facts.now.getUTCDay()] ?? 'sun',
    hour: facts.now.getUTCHours(),
    ip: extension('ip', facts.address),
    mfa: reaches(facts.assurance, 'mfa'),
    mfaFresh: reaches(facts.assurance, 'su'),
    ownOnly: facts.ownOnly ?? false,
    recovery: facts.recovery ?? false,
    apiToken: facts.apiToken,
    ...placeFacts(facts.place, facts),
    ...emergencyFacts(facts.emergency ?? null),
  }
}

/** Absent without an emergency, so that a policy can ask whether there is one. */
const emergencyFacts = (emergency: EmergencyFacts | null): Readonly<Record<string, CedarValue>> =>
  emergency === null ? {} : { emergency: { session: emergency.id, incident: emergency.incident } }

/** The context field types of every action, for the generated Cedar schema. */
export const baseContextSchema = {
  now: 'datetime',
  dayOfWeek: 'String',
  hour: 'Long',
  ip: 'ipaddr',
  mfa: 'Bool',
  mfaFresh: 'Bool',
  ownOnly: 'Bool',
  recovery: 'Bool',
  apiToken: 'Bool',
  ...placeFactsSchema,
  'emergency?': '{ session: String, incident: String }',
} as const
