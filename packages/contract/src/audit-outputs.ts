import { z } from 'zod'
import { Instant } from './scalars.ts'

/** An opaque id as it leaves. */
const id = z.string()

/**
 * What an entry tells: that something was changed (or tried to be), looked at, refused (or failed before it changed
 * anything), or came about without a caller.
 */
export const AuditKind = z.enum(['change', 'read', 'refusal', 'event']).meta({ id: 'AuditKind' })
export const AuditOutcome = z.enum(['allowed', 'refused', 'failed', 'intent', 'unknown']).meta({ id: 'AuditOutcome' })
export const AuditEffect = z.enum(['allow', 'deny']).meta({ id: 'AuditEffect' })
/** What an entry is about. */
export const AuditCategory = z
  .enum([
    'authentication',
    'authenticators',
    'people',
    'programs',
    'approvals',
    'authorization',
    'workspaces',
    'hosts',
    'credentials',
    'keys',
    'audit',
    'system',
  ])
  .meta({ id: 'AuditCategory' })
/** How much an entry weighs, by its action and outcome. */
export const AuditSeverity = z.enum(['info', 'low', 'medium', 'high', 'critical']).meta({ id: 'AuditSeverity' })
const AuditRef = z.object({ type: z.string(), id: z.string() })
export const AuditPrincipal = AuditRef.extend({ name: z.string().nullable() }).meta({ id: 'AuditPrincipal' })
export const AuditResource = AuditRef.meta({ id: 'AuditResource' })
export const AuditEntry = z
  .object({
    id,
    seq: z.int().nullable(),
    at: Instant,
    kind: AuditKind,
    action: z.string(),
    category: AuditCategory,
    severity: AuditSeverity,
    outcome: AuditOutcome,
    principal: AuditPrincipal,
    resource: AuditResource,
    workspace: z.string().nullable(),
    ip: z.string().nullable(),
    sessionId: z.string().nullable(),
    requestId: z.string(),
    decision: z
      .object({ effect: AuditEffect, policies: z.array(z.string()) })
      .meta({ id: 'AuditDecision' })
      .nullable(),
    refusal: z.string().nullable(),
    /** The rest of the entry as recorded: input fields, details; JSON text. */
    detail: z.string(),
    /** Fields whose values an erasure took out. */
    erased: z.array(z.string()),
    /** Whether pseudonyms stand for people in it, and what else would tell who they are is left out. */
    pseudonyms: z.boolean(),
  })
  .meta({ id: 'AuditEntry' })
/** Whose a pseudonym is. `name`: the one in their newest entry; null: none is known. */
export const AuditIdentity = z
  .object({ pseudonym: z.string(), id, name: z.string().nullable() })
  .meta({ id: 'AuditIdentity' })

/**
 * Where what was erased of somebody had gone before, unredacted. A file that a sink writes is written anew; whatever
 * left the house has to be erased where it went.
 */
export const AuditCopy = z
  .object({
    kind: z.enum(['sink', 'export']).meta({ id: 'AuditCopyKind' }),
    id: z.string(),
    /** Of a sink. */
    name: z.string().nullable(),
    /** Of a sink: where it is. */
    target: z.string().nullable(),
    format: z.string(),
    /** Who made an export, by their id. */
    by: z.string().nullable(),
    /** When an export was begun, or a sink got the last entries. */
    at: Instant.nullable(),
    writtenAnew: z.boolean(),
  })
  .meta({ id: 'AuditCopy' })
export const PersonErased = z
  .object({
    id: z.string(),
    keysDestroyed: z.int(),
    /** Entries of others in which they were named. */
    entriesNaming: z.int(),
    copies: z.array(AuditCopy),
    /** There are older exports than these; `audit.search` finds them by `audit.export`. */
    moreCopies: z.boolean(),
  })
  .meta({ id: 'PersonErased' })

/** How often a value stands in the entries that were looked at. */
export const AuditCount = z.object({ value: z.string(), count: z.int() }).meta({ id: 'AuditCount' })
/** Who did how much. `name` is the one in the newest of their entries; null: it is nobody's, or was erased. */
export const AuditActorCount = z
  .object({ id: z.string(), name: z.string().nullable(), count: z.int() })
  .meta({ id: 'AuditActorCount' })
export const AuditStats = z
  .object({
    /** Entries that were counted. */
    counted: z.int(),
    /** False: there are older ones that were not. */
    complete: z.boolean(),
    /** The oldest entry that was counted. */
    since: Instant.nullable(),
    kinds: z.array(AuditCount),
    actions: z.array(AuditCount),
    categories: z.array(AuditCount),
    severities: z.array(AuditCount),
    outcomes: z.array(AuditCount),
    decisions: z.array(AuditCount),
    workspaces: z.array(AuditCount),
    actors: z.array(AuditActorCount),
    /** By day, in UTC. */
    days: z.array(AuditCount),
  })
  .meta({ id: 'AuditStats' })

/** The filters of a search, kept under a name. */
export const AuditView = z
  .object({
    id,
    name: z.string(),
    /** The input of `audit.search` that it stands for, without a page: JSON text. */
    filters: z.string(),
    shared: z.boolean(),
    /** Whether it is the caller's own to change. */
    own: z.boolean(),
    createdAt: Instant,
  })
  .meta({ id: 'AuditView' })

/** What an export of the audit log is written in. */
export const AuditExportFormat = z
  .enum(['json', 'jsonl', 'csv', 'splunk', 'ecs', 'ocsf', 'cef', 'rfc5424'])
  .meta({ id: 'AuditExportFormat' })
/** An export that may be read now. */
export const AuditExport = z
  .object({
    id,
    format: AuditExportFormat,
    mediaType: z.string(),
    /** How many entries the audit log had at its signed checkpoint; later ones are not in the export. */
    size: z.int(),
    checkpoint: z.string().nullable(),
    createdAt: Instant,
    expiresAt: Instant,
  })
  .meta({ id: 'AuditExport' })
/** A piece of an export. All texts one after the other are the export. */
export const AuditExportPart = z
  .object({
    text: z.string(),
    /** Entries and bytes so far. */
    rows: z.int(),
    bytes: z.int(),
    /** How much of the time that it is over lies behind. */
    percent: z.int(),
    /** Where it goes on after this piece. */
    cursor: z.string(),
    /** With the last piece: what the export came to, signed by the audit log's key. */
    manifest: z.string().nullable(),
  })
  .meta({ id: 'AuditExportPart' })

/** What has come of the audit log since the part before; the first part says only where it begins. */
export const AuditTailPart = z
  .object({
    /** In the order of the audit log. */
    entries: z.array(AuditEntry),
    /** Where a tail goes on after this part. */
    cursor: z.string(),
  })
  .meta({ id: 'AuditTailPart' })
/** What nothing may be removed of: entries that fit all that it names. */
export const AuditHold = z
  .object({
    id,
    reason: z.string(),
    workspace: id.nullable(),
    user: id.nullable(),
    requestId: z.string().nullable(),
    from: Instant.nullable(),
    to: Instant.nullable(),
    placedBy: id,
    placedAt: Instant,
    /** It still holds for a day after that. */
    releasedAt: Instant.nullable(),
    /** Entries from before this moment may have been gone already when it was placed, or asked for. */
    prunedBefore: Instant.nullable(),
  })
  .meta({ id: 'AuditHold' })
/** For how many days entries stay, and what is held beyond that. */
export const AuditRetention = z
  .object({
    days: z.int(),
    breakGlassDays: z.int(),
    /** The least that may be set. */
    floorDays: z.int(),
    floorBreakGlassDays: z.int(),
    updatedAt: Instant.nullable(),
    updatedBy: id.nullable(),
    /** Entries from before this moment may be gone. */
    prunedBefore: Instant.nullable(),
    holds: z.array(AuditHold),
  })
  .meta({ id: 'AuditRetention' })

export const AuditSinkKind = z.enum(['http', 'hec', 'syslog', 'file', 'webhook']).meta({ id: 'AuditSinkKind' })
export const AuditSinkState = z.enum(['active', 'paused']).meta({ id: 'AuditSinkState' })
/** Formats of a line an entry. */
export const AuditSinkFormat = z
  .enum(['jsonl', 'splunk', 'ecs', 'ocsf', 'cef', 'rfc5424'])
  .meta({ id: 'AuditSinkFormat' })
/** A place where the audit log goes by itself. */
export const AuditSink = z
  .object({
    id,
    name: z.string(),
    kind: AuditSinkKind,
    format: AuditSinkFormat,
    /** Where it is; never its secret. */
    target: z.string(),
    redacted: z.boolean(),
    /** Whether nothing is changed while it does not take the audit log. */
    required: z.boolean(),
    state: AuditSinkState,
    /** The place in the tree of the last entry that it took; -1: none yet. */
    cursor: z.int(),
    /** How many entries wait for it, and for how long the oldest has. */
    lagEntries: z.int(),
    lagSeconds: z.int(),
    /** Entries that it would not take. */
    deadLetters: z.int(),
    deliveredAt: Instant.nullable(),
    failingSince: Instant.nullable(),
    lastError: z.string().nullable(),
    createdAt: Instant,
  })
  .meta({ id: 'AuditSink' })
/** An entry that a sink would not take. */
export const AuditDeadLetter = z
  .object({
    entryId: id,
    seq: z.int(),
    error: z.string(),
    at: Instant,
    /** Whether it is about to be tried again. */
    due: z.boolean(),
  })
  .meta({ id: 'AuditDeadLetter' })

export const AuditProblem = z
  .object({ seq: z.int().nullable(), kind: z.string(), message: z.string() })
  .meta({ id: 'AuditProblem' })
export const AuditVerification = z
  .object({
    ok: z.boolean(),
    size: z.int(),
    root: z.string(),
    checkpoint: z.string().nullable(),
    pending: z.int(),
    /** Entries that were removed when their time was over, as entries of the audit log say. */
    pruned: z.int(),
    problems: z.array(AuditProblem),
  })
  .meta({ id: 'AuditVerification' })
/** A witness of the settings, and how far it has come. */
export const AuditWitness = z
  .object({
    name: z.string(),
    /** The size that it last co-signed; 0: none yet. */
    size: z.int(),
    signedAt: Instant.nullable(),
    failingSince: Instant.nullable(),
    lastError: z.string().nullable(),
  })
  .meta({ id: 'AuditWitness' })
export const AuditCheckpoint = z
  .object({
    size: z.int(),
    root: z.string(),
    at: Instant.nullable(),
    checkpoint: z.string().nullable(),
    publicKey: z.string(),
    /** The newest one that witnesses co-signed, with their signatures. */
    cosigned: z.string().nullable(),
    witnesses: z.array(AuditWitness),
  })
  .meta({ id: 'AuditCheckpoint' })
/** Hashes and roots are base64. */
export const AuditProof = z
  .object({
    index: z.int(),
    size: z.int(),
    root: z.string(),
    checkpoint: z.string(),
    leafHash: z.string(),
    /** The very text that the leaf is the hash of; null for who is not told all of it. */
    entry: z.string().nullable(),
    hashes: z.array(z.string()),
    /** All of it in the form of C2SP tlog-proof. */
    proof: z.string(),
  })
  .meta({ id: 'AuditProof' })
export const AuditConsistency = z
  .object({ oldSize: z.int(), size: z.int(), root: z.string(), checkpoint: z.string(), hashes: z.array(z.string()) })
  .meta({ id: 'AuditConsistency' })
