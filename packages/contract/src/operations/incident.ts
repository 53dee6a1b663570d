import { z } from 'zod'
import { AlertSeverityName } from '../alert-outputs.ts'
import { systemId } from '../entities.ts'
import {
  Classification,
  CsfFunction,
  Incident,
  IncidentEvidence,
  IncidentKind,
  IncidentNotice,
  IncidentOpened,
  IncidentState,
  IncidentSummary,
  csfFunctions,
} from '../incident-outputs.ts'
import { operation } from '../operation.ts'
import { UserReference } from '../names.ts'
import { page, type Cursor } from '../page.ts'
import { personal } from '../personal.ts'
import { Id, pageInput, Reason, Ticket } from '../scalars.ts'
import { When } from '../searching.ts'
import { lineOf, textOf, wholeNumber } from '../text.ts'

const opened = (item: { openedAt: Date; id: string }): readonly [Cursor['at'], string] => [item.openedAt, item.id]
const onSystem = { principals: ['User'], resource: 'System', id: () => systemId } as const

const Line = personal(lineOf(200))
/** A page of prose: what is known of an incident, or a part of a notice. */
const prose = { what: 'text', charactersMax: 8000, allow: { lineBreaks: true, joiners: true } } as const
const Prose = personal(textOf(prose))
/** Why an authority hears of it late. */
const ProseReason = personal(textOf({ ...prose, lettersMin: 1 }))
const Sha256 = textOf({
  what: 'a SHA-256 hash, 64 hexadecimal digits, such as `sha256sum FILE` prints',
  charactersMax: 64,
  fold: (text) => text.trim().toLowerCase(),
  form: (text) => /^[0-9a-f]{64}$/.test(text),
})
/** More is a list of machines that stands elsewhere. */
const affectedMax = 50
const Affected = z.array(lineOf(200)).max(affectedMax)
const Functions = z.array(CsfFunction).max(csfFunctions.length)
/** A person in a thousand years; an estimate of more is no estimate. */
const countMax = 2_000_000_000

const known = {
  description: Prose.optional(),
  classification: Classification.optional(),
  /** What is affected: hosts, services, accounts. */
  affected: Affected.optional(),
  /** Whose data it is about, in words. */
  dataSubjects: personal(lineOf(500)).optional(),
  functions: Functions.optional(),
  /** Personal data is affected: the authority is told within 72 hours of the detection. */
  breach: z.boolean().optional(),
} as const
const knownHelp = {
  description: 'what is known',
  classification: 'how far what is affected may be known',
  affected: 'what is affected: hosts, services, accounts',
  dataSubjects: 'whose personal data it is about, in words',
  functions: 'functions of the NIST CSF 2.0 to sort it by',
  breach: 'personal data is affected: starts the 72 hours of GDPR Art. 33',
  owner: 'who leads it',
} as const

/** Incidents: from the first alert to the closed review. */
export const incidentOperations = [
  operation({
    name: 'incident.open',
    kind: 'mutation',
    summary: 'Open an incident; with a reference, one that is open already is found again instead.',
    input: z.object({
      title: Line,
      severity: AlertSeverityName,
      kind: IncidentKind.default('other'),
      ...known,
      owner: UserReference.optional(),
      /** When it was found out: the 72 hours of a breach run from here. Absent: now. */
      detectedAt: When.optional(),
      /** Two with the same reference are one while it is open. */
      reference: Ticket.optional(),
    }),
    output: IncidentOpened,
    authorize: { ...onSystem, principals: ['User', 'Service'] },
    assurance: 'mfa',
    groups: ['writeActions'],
    audit: { omit: [], personal: ['affected'] },
    refusals: [],
    command: {
      positional: 'title',
      help: {
        ...knownHelp,
        title: 'what happened, in a line',
        kind: 'what kind of thing happened',
        severity: 'critical, high, medium or low: how soon somebody has to respond',
        detectedAt: 'when it was found out: a time, or how long ago (90m, 1d)',
        reference: 'a ticket or alert: two with the same are one while it is open',
      },
      aliases: ['compliance incident open'],
      examples: [
        '"keys of the shop on a public page" --severity critical --kind credential --breach',
        '"disk of db-2 full" --severity low --kind availability --owner ada',
      ],
    },
  }),
  operation({
    name: 'incident.list',
    kind: 'query',
    summary: 'Incidents: where each stands, who leads it and what is due next.',
    input: z.object({
      ...pageInput,
      state: IncidentState.optional(),
      /** At least so severe. */
      severity: AlertSeverityName.optional(),
      /** True: only those that are not closed; false: only those that are. */
      open: z.boolean().optional(),
      /** Only those that the caller opened or leads: everybody may ask for these who may open one. */
      mine: z.boolean().default(false),
    }),
    output: page(IncidentSummary, 'IncidentPage'),
    list: { cursor: opened },
    authorize: { ...onSystem, contextTypes: { mine: 'Bool' }, context: ({ mine }) => ({ mine }) },
    assurance: 'pw',
    groups: ['readActions'],
    audit: { omit: [] },
    refusals: [],
    command: {
      help: {
        severity: 'at least so severe',
        open: 'only those that are not closed; --no-open: only those that are',
        mine: 'only those that you opened or lead',
      },
      columns: ['severity', 'title', 'state', 'owner', 'nextClock', 'openedAt', 'id'],
      aliases: ['compliance incident list'],
      examples: ['--open', '--mine', '--severity high', '--json'],
    },
  }),
  operation({
    name: 'incident.get',
    kind: 'query',
    summary: 'One incident with its timeline, clocks, evidence, actions and notices.',
    input: z.object({ id: Id }),
    output: Incident,
    authorize: { principals: ['User'], resource: 'Incident', id: ({ id }) => id },
    assurance: 'pw',
    groups: ['readActions'],
    audit: { omit: [] },
    refusals: [],
    command: { positional: 'id', aliases: ['compliance incident show'], examples: ['INCIDENT', 'INCIDENT --json'] },
  }),
  operation({
    name: 'incident.update',
    kind: 'mutation',
    summary: 'Add to an incident: what is known, a note, an entry of the audit log that belongs to it, an action.',
    input: z.object({
      id: Id,
      title: Line.optional(),
      severity: AlertSeverityName.optional(),
      ...known,
      owner: UserReference.optional(),
      note: Prose.optional(),
      /** An entry of the audit log that belongs to it. */
      entry: Id.optional(),
      /** A new action: something that is done so that it does not happen again. */
      action: Line.optional(),
      actionOwner: UserReference.optional(),
      actionDueAt: When.optional(),
      /** An action that is done. */
      actionDone: Id.optional(),
    }),
    output: Incident,
    authorize: onSystem,
    assurance: 'mfa',
    groups: ['writeActions'],
    audit: { omit: [], personal: ['affected'] },
    refusals: [],
    command: {
      positional: 'id',
      help: {
        ...knownHelp,
        title: 'what happened, in a line',
        severity: 'critical, high, medium or low; its response clock follows',
        breach: 'personal data is affected: starts the 72 hours of GDPR Art. 33; --no-breach: it is not',
        note: 'a note for the timeline',
        entry: 'an entry of the audit log that belongs to it',
        action: 'something to do so that it does not happen again',
        actionOwner: 'who does it',
        actionDueAt: 'by when, as a time',
        actionDone: 'the id of an action that is done',
      },
      aliases: ['compliance incident update'],
      examples: [
        'INCIDENT --note "the key was in a build log"',
        'INCIDENT --owner ada --severity high',
        'INCIDENT --action "mask keys in build logs" --action-owner ada',
      ],
    },
  }),
  operation({
    name: 'incident.transition',
    kind: 'mutation',
    summary: 'Move an incident to its next state.',
    input: z.object({
      id: Id,
      to: IncidentState,
      note: Prose.optional(),
      /** When it came to be so. Not before the state that it comes from; absent: now. */
      at: When.optional(),
    }),
    output: Incident,
    authorize: onSystem,
    assurance: 'mfa',
    groups: ['writeActions'],
    audit: { omit: [] },
    refusals: [],
    command: {
      positional: 'id',
      help: {
        to: 'triaged, contained, eradicated, recovered, post-mortem, closed; or false-positive',
        note: 'what was found or done',
        at: 'when it came to be so: a time, or how long ago (90m, 1d)',
      },
      examples: ['INCIDENT --to triaged', 'INCIDENT --to contained --note "all keys of the shop are revoked"'],
    },
  }),
  operation({
    name: 'incident.close',
    kind: 'mutation',
    summary: 'Close an incident after its post-mortem; with a reason where an action or a notice is still open.',
    input: z.object({ id: Id, resolution: Prose, unfinished: Reason.optional() }),
    output: Incident,
    authorize: onSystem,
    assurance: 'mfa',
    groups: ['writeActions'],
    audit: { omit: [] },
    refusals: [],
    command: {
      positional: 'id',
      help: { resolution: 'what it was, and how it ended', unfinished: 'why it is closed although something is open' },
      examples: ['INCIDENT --resolution "keys revoked, build logs are masked"'],
    },
  }),
  operation({
    name: 'incident.addEvidence',
    kind: 'mutation',
    summary: 'Add a piece of evidence: its name, its SHA-256, where it lies; who added it and when is kept with it.',
    input: z.object({
      id: Id,
      name: Line,
      sha256: Sha256,
      size: wholeNumber({ min: 0, max: Number.MAX_SAFE_INTEGER, unit: 'bytes' }).optional(),
      location: Line,
      description: personal(lineOf(500)).optional(),
    }),
    output: IncidentEvidence,
    authorize: onSystem,
    assurance: 'mfa',
    groups: ['writeActions'],
    audit: { omit: [] },
    refusals: [],
    command: {
      positional: 'id',
      help: {
        name: 'what it is, such as the name of a file',
        sha256: 'its SHA-256, as `sha256sum FILE` prints',
        size: 'its bytes',
        location: 'where it lies: a path, an address, a shelf',
        description: 'what it shows',
      },
      examples: ['INCIDENT --name build.log --sha256 HASH --location s3://evidence/build.log'],
    },
  }),
  operation({
    name: 'incident.notifyBreach',
    kind: 'mutation',
    summary: 'Write the notice of a breach (GDPR Art. 33); with an authority, record that you have sent it there.',
    input: z.object({
      id: Id,
      /** Art. 33(3)(a). */
      nature: Prose.optional(),
      subjectCategories: personal(lineOf(500)).optional(),
      subjectCount: wholeNumber({ min: 0, max: countMax, unit: 'people' }).optional(),
      recordCategories: personal(lineOf(500)).optional(),
      recordCount: wholeNumber({ min: 0, max: countMax, unit: 'records' }).optional(),
      /** Art. 33(3)(b). */
      contact: personal(lineOf(500)).optional(),
      /** Art. 33(3)(c). */
      consequences: Prose.optional(),
      /** Art. 33(3)(d). */
      measures: Prose.optional(),
      /** Art. 33(1): asked for after 72 hours. */
      delayReason: ProseReason.optional(),
      /** The authority that you have sent it to; absent: it is a draft. */
      authority: lineOf(200).optional(),
      /** When you sent it; absent: now. */
      sentAt: When.optional(),
    }),
    output: IncidentNotice,
    authorize: onSystem,
    assurance: 'su',
    groups: ['writeActions', 'sensitiveActions'],
    audit: { omit: [] },
    refusals: [],
    command: {
      positional: 'id',
      help: {
        nature: 'what kind of breach it is',
        subjectCategories: 'whose data it is: customers, employees …',
        subjectCount: 'how many people, about',
        recordCategories: 'what data it is: addresses, passwords …',
        recordCount: 'how many records, about',
        contact: 'data protection officer or other contact, with address',
        consequences: 'what is likely to come of it',
        measures: 'what was done or is proposed, also against what comes of it',
        delayReason: 'why it is sent later than 72 hours after the detection',
        authority: 'the authority that you have sent it to; without it, it is a draft',
        sentAt: 'when you sent it: a time, or how long ago (90m, 1d)',
      },
      onlyJson: ['parts'],
      examples: ['INCIDENT --nature "keys were published" --contact "dpo@example.org"', 'INCIDENT --authority BfDI'],
    },
  }),
] as const
