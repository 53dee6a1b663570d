import type { EventName } from '@gatehouse/contract'
import type { EventFacts } from '@gatehouse/audit'
import type { AlertToRaise } from './raised-alert.ts'

/** A text of an event's detail; null: it says nothing of it. */
const textIn = ({ detail }: EventFacts, name: string): string | null => {
  const value = detail?.[name]
  return typeof value === 'string' ? value : null
}

/** The same of a number. */
const numberIn = ({ detail }: EventFacts, name: string): number | null => {
  const value = detail?.[name]
  return typeof value === 'number' ? value : null
}

/** Events of the audit log that are alerts by themselves, raised in the transaction of the event. */
const byEvent: { readonly [N in EventName]?: (event: EventFacts) => AlertToRaise } = {
  'refreshToken.reused': (event) => ({
    kind: 'refresh-token-reused',
    about: { type: 'Session', id: event.resource.id },
    dedupeKey: event.resource.id,
    facts: { user: textIn(event, 'user') },
  }),
  'lease.endsSoon': (event) => ({
    kind: 'lease-expiring',
    about: { type: 'Lease', id: event.resource.id },
    dedupeKey: event.resource.id,
    facts: {
      role: textIn(event, 'role'),
      backend: textIn(event, 'backend'),
      expiresAt: textIn(event, 'expiresAt'),
      renewableUntil: textIn(event, 'renewableUntil'),
    },
  }),
  'lease.manyEndSoon': (event) => ({
    kind: 'leases-expiring',
    about: { type: 'System', id: event.resource.id },
    dedupeKey: event.resource.id,
    facts: { leases: numberIn(event, 'leases'), withinMinutes: numberIn(event, 'withinMinutes') },
  }),
  'lease.wrapMisused': (event) => ({
    kind: 'lease-wrap-misused',
    about: { type: 'Lease', id: event.resource.id },
    dedupeKey: event.resource.id,
    facts: {
      what: textIn(event, 'what'),
      backend: textIn(event, 'backend'),
      role: textIn(event, 'role'),
      openedAt: textIn(event, 'openedAt'),
    },
  }),
  'auditSink.failing': (event) => ({
    kind: 'audit-export-failed',
    about: { type: 'System', id: event.resource.id },
    dedupeKey: textIn(event, 'id') ?? '',
    facts: { sink: textIn(event, 'sink'), error: textIn(event, 'error') },
  }),
  'auditWitness.failing': (event) => ({
    kind: 'audit-witness-failing',
    about: { type: 'System', id: event.resource.id },
    dedupeKey: textIn(event, 'witness') ?? '',
    facts: { witness: textIn(event, 'witness'), error: textIn(event, 'error') },
  }),
  'auditWitness.refuted': (event) => ({
    kind: 'audit-witness-refuted',
    about: { type: 'System', id: event.resource.id },
    dedupeKey: textIn(event, 'witness') ?? '',
    facts: { witness: textIn(event, 'witness') },
  }),
}

/** The alert that an event is; null: it is none. */
export const alertOfEvent = (event: EventFacts): AlertToRaise | null => byEvent[event.name]?.(event) ?? null
