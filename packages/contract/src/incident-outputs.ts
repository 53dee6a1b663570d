import { z } from 'zod'
import { AlertSeverityName } from './alert-outputs.ts'
import { Instant } from './scalars.ts'

const id = z.string()

/** Where an incident stands, in the order in which it goes on. */
export const incidentStates = [
  'detected',
  'triaged',
  'contained',
  'eradicated',
  'recovered',
  'post-mortem',
  'closed',
  'false-positive',
] as const
export type IncidentStateName = (typeof incidentStates)[number]
export const IncidentState = z.enum(incidentStates).meta({ id: 'IncidentState' })

/** What kind of thing happened. */
export const incidentKinds = [
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
] as const
export type IncidentKindName = (typeof incidentKinds)[number]
export const IncidentKind = z.enum(incidentKinds).meta({ id: 'IncidentKind' })

/** How far what is affected may be known. */
export const classifications = ['public', 'internal', 'confidential', 'restricted'] as const
export const Classification = z.enum(classifications).meta({ id: 'Classification' })

/** The functions of the NIST Cybersecurity Framework 2.0, by which an incident may be sorted. */
export const csfFunctions = ['govern', 'identify', 'protect', 'detect', 'respond', 'recover'] as const
export const CsfFunction = z.enum(csfFunctions).meta({ id: 'CsfFunction' })

/** What an incident is counted by until somebody has done what is due. */
export const incidentClocks = ['respond', 'authority-24h', 'authority-48h', 'authority-66h', 'authority-72h'] as const
export type IncidentClockName = (typeof incidentClocks)[number]
export const IncidentClockKind = z.enum(incidentClocks).meta({ id: 'IncidentClockName' })

/** `fired`: it ran out and people were told; `met`: what it is about was done. */
export const IncidentClockState = z.enum(['waiting', 'fired', 'met']).meta({ id: 'IncidentClockState' })

export const incidentStepKinds = [
  'opened',
  'found-again',
  'moved',
  'changed',
  'note',
  'evidence',
  'action',
  'notice',
  'clock',
  'entry',
  'emergency',
] as const
export type IncidentStepKindName = (typeof incidentStepKinds)[number]

/** One line of an incident's timeline. */
export const IncidentStep = z
  .object({
    id,
    at: Instant,
    kind: z.enum(incidentStepKinds).meta({ id: 'IncidentStepKind' }),
    /** The state that it came to; null: it stayed where it was. */
    state: IncidentState.nullable(),
    text: z.string(),
    /** Who did it, by name; null: Gatehouse itself, or somebody who is erased. */
    by: z.string().nullable(),
    /** The entry of the audit log that belongs to it. */
    entry: z.string().nullable(),
    /** The request for emergency access that it is a step of. */
    request: z.string().nullable(),
    /** The emergency session that it is a step of. */
    session: z.string().nullable(),
  })
  .meta({ id: 'IncidentStep' })

export const IncidentClock = z
  .object({ name: IncidentClockKind, dueAt: Instant, state: IncidentClockState })
  .meta({ id: 'IncidentClock' })

/** A piece of evidence: what it is and its hash. Its bytes lie where `location` says. */
export const IncidentEvidence = z
  .object({
    id,
    name: z.string(),
    sha256: z.string(),
    /** Bytes; null: not said. */
    size: z.int().nullable(),
    location: z.string(),
    description: z.string(),
    addedBy: z.string().nullable(),
    addedAt: Instant,
  })
  .meta({ id: 'IncidentEvidence' })

/** Something that is done so that it does not happen again. */
export const IncidentAction = z
  .object({
    id,
    what: z.string(),
    owner: z.string().nullable(),
    dueAt: Instant.nullable(),
    doneAt: Instant.nullable(),
    doneBy: z.string().nullable(),
  })
  .meta({ id: 'IncidentAction' })

/** What a notice says; null: nobody has said it yet. */
export const IncidentNoticeParts = z
  .object({
    nature: z.string().nullable(),
    subjectCategories: z.string().nullable(),
    subjectCount: z.int().nullable(),
    recordCategories: z.string().nullable(),
    recordCount: z.int().nullable(),
    contact: z.string().nullable(),
    consequences: z.string().nullable(),
    measures: z.string().nullable(),
    delayReason: z.string().nullable(),
  })
  .meta({ id: 'IncidentNoticeParts' })

/** A version of the notice to the supervisory authority (GDPR Art. 33). */
export const IncidentNotice = z
  .object({
    id,
    incident: id,
    version: z.int(),
    /** The notice as it is sent, in Markdown. */
    document: z.string(),
    parts: IncidentNoticeParts,
    /** What Art. 33(3) asks for and nobody has said yet; it follows later (Art. 33(4)). */
    missing: z.array(z.string()),
    /** The authority that it was sent to; null: a draft. */
    sentTo: z.string().nullable(),
    sentAt: Instant.nullable(),
    /** Who wrote it, and sent it where it was sent. */
    by: z.string().nullable(),
    writtenAt: Instant,
    authorityDueAt: Instant,
  })
  .meta({ id: 'IncidentNotice' })

const summary = {
  id,
  title: z.string(),
  kind: IncidentKind,
  severity: AlertSeverityName,
  state: IncidentState,
  /** When it came to its state. */
  stateSince: Instant,
  owner: z.string().nullable(),
  breach: z.boolean(),
  detectedAt: Instant,
  openedAt: Instant,
  /** Who opened it, by name; null: Gatehouse itself. */
  openedBy: z.string().nullable(),
  /** What is due next; null: nothing. */
  nextClock: IncidentClock.nullable(),
  closedAt: Instant.nullable(),
} as const

/** An incident in a list. */
export const IncidentSummary = z.object(summary).meta({ id: 'IncidentSummary' })

/** An incident with all that is known of it. */
export const Incident = z
  .object({
    ...summary,
    /** The states that it may go to from here. */
    nextStates: z.array(IncidentState),
    description: z.string(),
    classification: Classification,
    affected: z.array(z.string()),
    dataSubjects: z.string(),
    functions: z.array(CsfFunction),
    /** Detected and 72 hours; null: no breach of personal data. */
    authorityDueAt: Instant.nullable(),
    /** When the authority was told first. */
    notifiedAt: Instant.nullable(),
    resolution: z.string().nullable(),
    /** Why it was closed although something is left. */
    unfinished: z.string().nullable(),
    clocks: z.array(IncidentClock),
    timeline: z.array(IncidentStep),
    evidence: z.array(IncidentEvidence),
    actions: z.array(IncidentAction),
    notices: z.array(IncidentNotice),
    /** False: who opened it reads it, without what others noted, found and will send. */
    whole: z.boolean(),
    /** Its workflow in Temporal Web; null: there is none. */
    workflowUrl: z.string().nullable(),
  })
  .meta({ id: 'Incident' })

/** What came of opening one. */
export const IncidentOpened = z
  .object({
    id,
    state: IncidentState,
    severity: AlertSeverityName,
    /** False: one with this reference is open already; it was found again. */
    fresh: z.boolean(),
  })
  .meta({ id: 'IncidentOpened' })
