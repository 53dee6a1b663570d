import { z } from 'zod'
import { systemId } from '../entities.ts'
import { operation, type CallerIds } from '../operation.ts'
import {
  AuditCategory,
  AuditCheckpoint,
  AuditConsistency,
  AuditDeadLetter,
  AuditEffect,
  AuditEntry,
  AuditExport,
  AuditExportFormat,
  AuditExportPart,
  AuditHold,
  AuditKind,
  AuditOutcome,
  AuditProof,
  AuditRetention,
  AuditSeverity,
  AuditSink,
  AuditSinkFormat,
  AuditSinkKind,
  AuditStats,
  AuditTailPart,
  AuditVerification,
  AuditView,
  PersonErased,
  Policy,
  PolicyChange,
  PolicyStatus,
  SystemStatus,
  WorkflowPayloads,
} from '../outputs.ts'
import { page, type Cursor } from '../page.ts'
import { PolicyFileInput, policyFilesMax } from '../policy-files.ts'
import { PolicyFiles } from '../policy-outputs.ts'
import { UserReference, WorkspaceReference } from '../names.ts'
import { Id, Ip, Label, pageInput, Reason, SecretText } from '../scalars.ts'
import { Action, Actor, When } from '../searching.ts'
import { lineOf, textOf, wholeNumber } from '../text.ts'

const at = (item: { at: Date; id: string }): readonly [Cursor['at'], string] => [item.at, item.id]
const viewed = (item: { createdAt: Date; id: string }): readonly [Cursor['at'], string] => [item.createdAt, item.id]
const loaded = (item: { loadedAt: Date; id: string }): readonly [Cursor['at'], string] => [item.loadedAt, item.id]
/** Ids and states are all that crosses Temporal: a tenth of this. */
const payloadCharactersMax = 65_536
/** As many as one page of Temporal Web shows. */
const payloadsMax = 100
const SealedPayload = textOf({
  what: 'the data of a sealed payload, base64',
  charactersMax: payloadCharactersMax,
  form: (text) => /^[A-Za-z0-9+/]+={0,2}$/.test(text) && text.length % 4 === 0,
})

const onSystem = { principals: ['User'], resource: 'System', id: () => systemId } as const
/** A type, an id, or both as `Type::id`. */
const Resource = lineOf(128)

/** What entries are looked for by; all that is given holds at once. */
const filtersOfAnyTime = {
  actor: Actor.optional(),
  action: Action.optional(),
  category: AuditCategory.optional(),
  /** Entries that weigh at least this much. */
  severity: AuditSeverity.optional(),
  /** Absent: all kinds. */
  kinds: z.array(AuditKind).min(1).max(4).optional(),
  resource: Resource.optional(),
  workspace: WorkspaceReference.optional(),
  outcome: AuditOutcome.optional(),
  ip: Ip.optional(),
  session: Id.optional(),
  /** The request whose entries are wanted, as answers name it; those of its first hour, where its id tells its time. */
  requestId: Id.optional(),
  decision: AuditEffect.optional(),
}
const filters = { ...filtersOfAnyTime, from: When.optional(), to: When.optional() }

/** Where a tail goes on. */
const TailCursor = textOf({
  what: 'the cursor of an earlier part of a tail',
  charactersMax: 15,
  form: (text) => /^(0|[1-9]\d*)$/.test(text),
})

/** Where an export goes on; sealed, with a hash for each time that its lines have doubled. */
const ExportCursor = textOf({
  what: 'the cursor of an earlier part of this export',
  charactersMax: 8192,
  form: (text) => /^[A-Za-z0-9_-]+$/.test(text),
})

/** A host by its name or address. */
const SinkHost = textOf({
  what: 'the name or address of a host',
  charactersMax: 253,
  fold: (text) => text.trim().toLowerCase(),
  form: (text) => /^[a-z0-9:._-]+$/.test(text),
})
/** One plain name: where files are is the settings' to say, and nobody else's (threat F3). */
const SinkFile = textOf({
  what: 'one name of small letters, digits, ., - and _, such as audit.jsonl',
  charactersMax: 64,
  form: (text) => /^[a-z0-9][a-z0-9._-]{0,63}$/.test(text),
})
/** Where a sink is. It is shown and stands in the audit log, so nothing that has to be kept secret stands in it. */
const SinkUrl = textOf({
  what: 'an address that begins with https:// and has no user name and no password: the secret is sealed',
  charactersMax: 2048,
  form: (text) => /^https:\/\/[^/?#@\\\s]+([/?#]|$)/i.test(text),
})
const Authority = textOf({
  what: 'a certificate in PEM',
  charactersMax: 16_384,
  allow: { lineBreaks: true },
  form: (text) => text.startsWith('-----BEGIN CERTIFICATE-----'),
})
const lettered = (item: { at: Date; entryId: string }): readonly [Cursor['at'], string] => [item.at, item.entryId]

const AuditSort = z.enum(['newest', 'oldest', 'action', 'actor']).meta({ id: 'AuditSort' })

type Sorted = { at: Date; action: string; principal: { id: string } }

/** By what an entry stands in each order: within one action or actor the newest come first. */
export const auditSortKeys = {
  newest: (entry: Sorted) => entry.at.toISOString(),
  oldest: (entry: Sorted) => entry.at.toISOString(),
  action: (entry: Sorted) => `${entry.at.toISOString()} ${entry.action}`,
  actor: (entry: Sorted) => `${entry.at.toISOString()} ${entry.principal.id}`,
}

/** Searches of one person that run at once: a page, its facets and another window; the next ones wait. */
const searchesAtOnce = 4

const personal = ['ip', 'actor', 'resource'] as const
const onSelf = {
  principals: ['User'],
  resource: 'User',
  id: (_: unknown, caller: CallerIds) => caller.principalId,
} as const

/** A signed checkpoint as it was given out: a note of several lines. */
const CheckpointNote = textOf({
  what: 'a checkpoint as audit.checkpoint gave it out',
  charactersMax: 8192,
  allow: { lineBreaks: true },
})

/** A hundred years. */
const retentionDaysMax = 36_500
const RetentionDays = wholeNumber({ min: 1, max: retentionDaysMax, unit: 'days' })

/** For how long entries are kept, in words. */
const retentionLabels = {
  days: 'days that entries are kept',
  breakGlassDays: 'days for emergency access',
  floorDays: 'least that may be set',
  floorBreakGlassDays: 'least for emergency access',
  updatedAt: 'changed',
  updatedBy: 'changed by',
  prunedBefore: 'may be removed from before',
}

/** What operations on one sink have in common. */
const onSink = {
  input: z.object({ id: Id }),
  authorize: onSystem,
  assurance: 'su',
  groups: ['writeActions', 'sensitiveActions'],
  audit: { omit: [] },
  refusals: [],
} as const

export const recordOperations = [
  operation({
    name: 'audit.search',
    kind: 'query',
    summary: 'Search the audit log.',
    input: z.object({ ...pageInput, ...filters, sort: AuditSort.optional() }),
    output: page(AuditEntry, 'AuditPage'),
    list: { cursor: at, keys: auditSortKeys },
    authorize: { principals: ['User'], resource: 'Workspace' },
    assurance: 'pw',
    groups: ['readActions'],
    audit: { omit: [], personal },
    refusals: [],
    ownMax: searchesAtOnce,
    command: {
      aliases: ['audit query'],
      defaults: { kinds: ['change', 'refusal', 'event'] },
      columns: ['at', 'principal', 'action', 'outcome', 'resource', 'refusal', 'decision', 'workspace', 'seq', 'id'],
      examples: [
        '--from 1d',
        '--actor ada --outcome refused',
        '--severity high --from 1M',
        '--action lease --kinds change,event --json',
      ],
    },
  }),
  operation({
    name: 'audit.stats',
    kind: 'query',
    summary:
      'Count audit log entries by kind, action, category, severity, outcome, decision, workspace, actor and day.',
    input: z.object(filters),
    output: AuditStats,
    authorize: { principals: ['User'], resource: 'Workspace' },
    assurance: 'pw',
    groups: ['readActions'],
    audit: { omit: [], personal },
    refusals: [],
    ownMax: 2,
    command: {
      defaults: { kinds: ['change', 'refusal', 'event'] },
      examples: ['--from 7d', '--workspace default --json', '--outcome refused --from 1d'],
    },
  }),
  operation({
    name: 'audit.tail',
    kind: 'subscription',
    summary: 'Follow the audit log: its entries as they come, from now on or from where an earlier tail was left.',
    input: z.object({ ...filtersOfAnyTime, after: TailCursor.optional() }),
    output: AuditTailPart,
    authorize: { principals: ['User'], resource: 'Workspace' },
    assurance: 'pw',
    groups: ['readActions'],
    audit: { omit: [], personal },
    refusals: [],
    command: {
      hidden: true,
      defaults: { kinds: ['change', 'refusal', 'event'] },
      examples: ['', '--severity high --json', '--actor ada --outcome refused'],
    },
  }),
  operation({
    name: 'audit.get',
    kind: 'query',
    summary: 'One audit entry, with its decision.',
    input: z.object({ id: Id }),
    output: AuditEntry,
    authorize: { principals: ['User'], resource: 'AuditEntry', id: (input) => input.id },
    assurance: 'pw',
    groups: ['readActions'],
    audit: { omit: [] },
    refusals: [],
    command: { positional: 'id', examples: ['ENTRY --json'] },
  }),
  operation({
    name: 'audit.export',
    kind: 'mutation',
    summary: 'Begin an export of the audit log: what it holds until now, to be read as a stream.',
    input: z.object({
      format: AuditExportFormat.default('json'),
      ...filters,
      /** Without names, addresses and whatever else says something of a person. */
      redact: z.boolean().default(false),
      /** Whether each row shows its place in the audit log; json and jsonl do, unless it is false. */
      proofs: z.boolean().optional(),
      /** The size of an older checkpoint: the manifest then shows that the audit log goes on from it. */
      since: wholeNumber({ min: 1, max: Number.MAX_SAFE_INTEGER }).optional(),
    }),
    output: AuditExport,
    authorize: { principals: ['User'], resource: 'Workspace' },
    assurance: 'su',
    groups: ['readActions', 'sensitiveActions'],
    audit: { omit: [], personal },
    refusals: [],
    command: { hidden: true, examples: ['--format jsonl --from 1d --output audit.jsonl'] },
  }),
  operation({
    name: 'audit.exportStream',
    kind: 'subscription',
    summary: 'Read an export of yours, from its beginning or from where you left it.',
    input: z.object({ id: Id, after: ExportCursor.optional() }),
    output: AuditExportPart,
    authorize: { principals: ['User'], resource: 'Workspace' },
    assurance: 'pw',
    groups: ['readActions'],
    audit: { omit: ['after'] },
    refusals: [],
    command: { hidden: true },
  }),
  operation({
    name: 'audit.retentionGet',
    kind: 'query',
    summary: 'For how long the audit log keeps entries, and what is held beyond that.',
    input: z.object({}),
    output: AuditRetention,
    authorize: onSystem,
    assurance: 'pw',
    groups: ['readActions'],
    audit: { omit: [] },
    refusals: [],
    command: { aliases: ['audit retention', 'audit holds'], examples: ['', '--json'], labels: retentionLabels },
  }),
  operation({
    name: 'audit.retentionSet',
    kind: 'mutation',
    summary: 'Set for how many days the audit log keeps entries; never fewer than the settings say.',
    input: z.object({
      days: RetentionDays.optional(),
      /** Of emergency access; never below seven years. */
      breakGlassDays: RetentionDays.optional(),
      reason: Reason,
    }),
    output: AuditRetention,
    authorize: onSystem,
    assurance: 'su',
    groups: ['writeActions', 'sensitiveActions'],
    audit: { omit: [] },
    refusals: [],
    command: {
      examples: ['--days 730 --reason "contract"', '--break-glass-days 3650 --reason "law"'],
      labels: retentionLabels,
    },
  }),
  operation({
    name: 'audit.holdPlace',
    kind: 'mutation',
    summary: 'Place a legal hold: no entry of the audit log that fits it is removed, and nobody in one is erased.',
    input: z.object({
      reason: Reason,
      user: UserReference.optional(),
      workspace: WorkspaceReference.optional(),
      /** Of one call and all that it led to. */
      requestId: lineOf(256).optional(),
      from: When.optional(),
      to: When.optional(),
      /** The whole audit log, where nothing else is named. */
      everything: z.boolean().default(false),
    }),
    output: AuditHold,
    authorize: onSystem,
    assurance: 'su',
    groups: ['writeActions', 'sensitiveActions'],
    audit: { omit: [] },
    refusals: [],
    command: {
      examples: [
        '--reason "case 4711" --user ada',
        '--reason "case 4711" --workspace default --from 1M',
        '--reason "inspection" --everything',
      ],
    },
  }),
  operation({
    name: 'audit.holdRelease',
    kind: 'mutation',
    summary: 'Release a legal hold that another Admin placed; it still holds for a day after that.',
    input: z.object({ id: Id, reason: Reason }),
    output: AuditHold,
    authorize: onSystem,
    assurance: 'su',
    groups: ['writeActions', 'sensitiveActions'],
    audit: { omit: [] },
    refusals: [],
    command: { positional: 'id', examples: ['HOLD --reason "the case is closed"'] },
  }),
  operation({
    name: 'auditSink.list',
    kind: 'query',
    summary: 'Where the audit log goes by itself, how far each place has come and what it would not take.',
    input: z.object({ ...pageInput }),
    output: page(AuditSink, 'AuditSinkPage'),
    list: { cursor: viewed },
    authorize: onSystem,
    assurance: 'pw',
    groups: ['readActions'],
    audit: { omit: [] },
    refusals: [],
    command: {
      columns: ['name', 'kind', 'target', 'state', 'lagEntries', 'lagSeconds', 'deadLetters', 'lastError', 'id'],
      examples: ['', '--json'],
    },
  }),
  operation({
    name: 'auditSink.create',
    kind: 'mutation',
    summary: 'Send the audit log on: by HTTPS, to a Splunk collector, a signed webhook, syslog over TLS, or a file.',
    input: z.object({
      name: Label,
      kind: AuditSinkKind,
      /** Of http, webhook and file; a collector takes splunk, syslog rfc5424. */
      format: AuditSinkFormat.optional(),
      /** Of http, hec and webhook; begins with https://. */
      url: SinkUrl.optional(),
      /** Of syslog. */
      host: SinkHost.optional(),
      port: wholeNumber({ min: 1, max: 65_535 }).optional(),
      /** Of syslog: what its receiver takes of a message. RFC 5424 §6.1 has each take the least, and most 2,048. */
      messageBytes: wholeNumber({ min: 480, max: 65_535 }).optional(),
      /** Of file: its name in the directory that the settings name. */
      file: SinkFile.optional(),
      /** The bearer token of http, the collector's token, or the key that a webhook is signed with. */
      secret: SecretText.optional(),
      /** Whose certificates are trusted instead of the system's. */
      authority: Authority.optional(),
      /** Whether it gets the whole audit log, or what comes from now on. */
      from: z.enum(['beginning', 'now']).meta({ id: 'AuditSinkFrom' }).default('now'),
      /** Without names, addresses and whatever else says something of a person. */
      redact: z.boolean().default(false),
      /** Whether nothing is changed while it does not take the audit log. */
      required: z.boolean().default(false),
    }),
    output: AuditSink,
    authorize: onSystem,
    assurance: 'su',
    groups: ['writeActions', 'sensitiveActions'],
    audit: { omit: [] },
    refusals: [],
    command: {
      hidden: true,
      positional: 'name',
      help: {
        kind: 'how it gets there',
        format: 'of http, webhook and file; a collector takes splunk, syslog rfc5424',
        url: 'of http, hec and webhook: where to, beginning with https://',
        host: 'of syslog: name or address of the collector',
        port: 'of syslog; without it 6514',
        messageBytes: 'of syslog: how long a message may be; a longer one goes without its text, and says so',
        file: 'of file: its name in the directory that the settings name',
        authority: 'whose certificates are trusted instead of the system’s, in PEM',
        from: 'the whole audit log, or what comes from now on',
        redact: 'without names, addresses and whatever else says something of a person',
      },
      examples: [
        'siem --kind hec --url https://splunk.example.org:8088/services/collector/event',
        'archive --kind file --file audit.jsonl --from beginning',
        'syslog --kind syslog --host logs.example.org --message-bytes 2048',
      ],
    },
  }),
  operation({
    name: 'auditSink.pause',
    kind: 'mutation',
    summary: 'Pause a sink; what comes meanwhile waits in the audit log.',
    ...onSink,
    output: AuditSink,
    command: { positional: 'id', examples: ['SINK', 'SINK --json'] },
  }),
  operation({
    name: 'auditSink.resume',
    kind: 'mutation',
    summary: 'Resume a sink where it stopped, or try a failing one at once.',
    ...onSink,
    output: AuditSink,
    command: { positional: 'id', examples: ['SINK', 'SINK --json'] },
  }),
  operation({
    name: 'auditSink.require',
    kind: 'mutation',
    summary: 'Require a sink, or do so no more: while a required one does not take the audit log, nothing is changed.',
    ...onSink,
    input: z.object({ id: Id, required: z.boolean().default(true) }),
    output: AuditSink,
    command: { positional: 'id', examples: ['SINK', 'SINK --no-required'] },
  }),
  operation({
    name: 'auditSink.remove',
    kind: 'mutation',
    summary: 'Remove a sink with its dead letters; the audit log keeps all of it.',
    ...onSink,
    output: z.object({ id: z.string() }).meta({ id: 'AuditSinkRemoved' }),
    command: { positional: 'id', examples: ['SINK --yes', 'SINK --yes --json'] },
  }),
  operation({
    name: 'auditSink.deadLetters',
    kind: 'query',
    summary: 'The entries that a sink would not take, and why.',
    input: z.object({ id: Id, ...pageInput }),
    output: page(AuditDeadLetter, 'AuditDeadLetterPage'),
    list: { cursor: lettered },
    authorize: onSystem,
    assurance: 'pw',
    groups: ['readActions'],
    audit: { omit: [] },
    refusals: [],
    command: { positional: 'id', columns: ['seq', 'error', 'at', 'due', 'entryId'], examples: ['SINK', 'SINK --json'] },
  }),
  operation({
    name: 'auditSink.retry',
    kind: 'mutation',
    summary: 'Try dead letters of a sink again: one, or all.',
    ...onSink,
    input: z.object({ id: Id, entry: Id.optional() }),
    output: z.object({ id: z.string(), retried: z.int() }).meta({ id: 'AuditSinkRetried' }),
    command: { positional: 'id', examples: ['SINK', 'SINK --entry ENTRY'] },
  }),
  operation({
    name: 'auditView.list',
    kind: 'query',
    summary: 'Saved searches of the audit log: yours, and those that others share.',
    input: z.object({ ...pageInput }),
    output: page(AuditView, 'AuditViewPage'),
    list: { cursor: viewed },
    authorize: onSelf,
    assurance: 'pw',
    groups: ['selfActions', 'readActions'],
    audit: { omit: [] },
    refusals: [],
    command: { columns: ['name', 'filters', 'shared', 'own', 'id'], examples: ['', '--json'] },
  }),
  operation({
    name: 'auditView.save',
    kind: 'mutation',
    summary: 'Save a search of the audit log under a name; one of yours with that name is replaced.',
    input: z.object({
      name: Label,
      ...filters,
      sort: AuditSort.optional(),
      /** Whether others who read the audit log see it. */
      shared: z.boolean().default(false),
    }),
    output: AuditView,
    authorize: onSelf,
    assurance: 'pw',
    groups: ['selfActions', 'writeActions'],
    audit: { omit: [], personal },
    refusals: [],
    command: {
      positional: 'name',
      examples: ['"refused today" --outcome refused --from 1d', 'ada --actor ada --shared', 'x --severity high --json'],
    },
  }),
  operation({
    name: 'auditView.remove',
    kind: 'mutation',
    summary: 'Remove a saved search of yours.',
    input: z.object({ id: Id }),
    output: z.object({ id: z.string() }).meta({ id: 'AuditViewRemoved' }),
    authorize: onSelf,
    assurance: 'pw',
    groups: ['selfActions', 'writeActions'],
    audit: { omit: [] },
    refusals: [],
    command: { positional: 'id', examples: ['VIEW --yes', 'VIEW --yes --json'] },
  }),
  operation({
    name: 'audit.verify',
    kind: 'query',
    summary: 'Verify the audit log: leaves, tree, checkpoint, search columns.',
    input: z.object({ remembered: CheckpointNote.optional() }),
    output: AuditVerification,
    authorize: onSystem,
    assurance: 'pw',
    groups: ['readActions'],
    audit: { omit: [] },
    refusals: [],
    heavy: true,
    command: { examples: ['', '--json'] },
  }),
  operation({
    name: 'audit.checkpoint',
    kind: 'query',
    summary: 'The newest signed checkpoint of the audit log.',
    input: z.object({}),
    output: AuditCheckpoint,
    authorize: onSystem,
    assurance: 'pw',
    groups: ['readActions'],
    audit: { omit: [] },
    refusals: [],
    command: { examples: ['', '--json'] },
  }),
  operation({
    name: 'audit.proof',
    kind: 'query',
    summary: 'The proof that an entry stands in the audit log, against its newest signed checkpoint.',
    input: z.object({ id: Id }),
    output: AuditProof,
    authorize: { principals: ['User'], resource: 'AuditEntry', id: (input) => input.id },
    assurance: 'pw',
    groups: ['readActions'],
    audit: { omit: [] },
    refusals: [],
    command: { positional: 'id', quiet: 'proof', examples: ['ENTRY --json', 'ENTRY --quiet > entry.tlog-proof'] },
  }),
  operation({
    name: 'audit.consistency',
    kind: 'query',
    summary: 'The proof that the audit log of today goes on from an earlier one.',
    input: z.object({
      from: wholeNumber({ min: 0, max: Number.MAX_SAFE_INTEGER, unit: 'entries' }),
      /** Absent: the newest checkpoint. */
      to: wholeNumber({ min: 0, max: Number.MAX_SAFE_INTEGER, unit: 'entries' }).optional(),
    }),
    output: AuditConsistency,
    authorize: onSystem,
    assurance: 'pw',
    groups: ['readActions'],
    audit: { omit: [] },
    refusals: [],
    command: {
      help: { from: 'the size that you saw before, in entries', to: 'a later size; left out: the newest' },
      examples: ['--from 20 --json'],
    },
  }),
  operation({
    name: 'audit.anonymize',
    kind: 'mutation',
    summary: 'Erase a person for good: their account, and what the audit log keeps of them; its tree still verifies.',
    /** The reason is not sealed under anybody's key: it says on what ground somebody was erased, and not whom. */
    input: z.object({
      user: UserReference,
      reason: lineOf(500),
      /** Also where many texts of others hold one of their names, as they do when it is a common word. */
      takeTexts: z.boolean().default(false),
    }),
    output: PersonErased,
    authorize: onSystem,
    assurance: 'su',
    groups: ['writeActions', 'sensitiveActions'],
    audit: { omit: [] },
    refusals: [],
    command: {
      positional: 'user',
      help: { takeTexts: 'also where many texts of others hold one of their names, as when it is a common word' },
      examples: [
        'ada --reason "request under art. 17 GDPR, ticket DP-7" --yes',
        'test --reason "request under art. 17 GDPR, ticket DP-8" --take-texts --yes',
      ],
    },
  }),
  operation({
    name: 'policy.list',
    kind: 'query',
    summary: 'Active policies.',
    input: z.object({ ...pageInput }),
    output: page(Policy, 'PolicyPage'),
    list: { cursor: loaded },
    authorize: onSystem,
    assurance: 'pw',
    groups: ['readActions'],
    audit: { omit: [] },
    refusals: [],
    command: { columns: ['id', 'effect', 'doc', 'severity', 'file'], examples: ['', '--json'] },
  }),
  operation({
    name: 'policy.status',
    kind: 'query',
    summary: 'Which policy set is active, per node, and why a newer one was rejected.',
    input: z.object({}),
    output: PolicyStatus,
    authorize: onSystem,
    assurance: 'pw',
    groups: ['readActions'],
    audit: { omit: [] },
    refusals: [],
    command: { examples: ['', '--json'] },
  }),
  operation({
    name: 'policy.reload',
    kind: 'mutation',
    summary: 'Reload policies: load and validate the policy files now.',
    input: z.object({}),
    output: PolicyStatus,
    authorize: onSystem,
    assurance: 'su',
    groups: ['writeActions', 'metaPolicyActions'],
    audit: { omit: [] },
    refusals: [],
    command: { examples: [''] },
  }),
  operation({
    name: 'policy.publish',
    kind: 'mutation',
    summary: 'Publish a policy set: every node takes it, until the next publication or until a policy file changes.',
    input: z.object({
      /**
       * The whole directory, with `policies.manifest` where policies have to be signed; absent: what lies in the
       * directory of the node that answers.
       */
      files: z.array(PolicyFileInput).min(1).max(policyFilesMax).optional(),
      reason: Reason,
    }),
    output: PolicyStatus,
    authorize: onSystem,
    assurance: 'su',
    groups: ['writeActions', 'metaPolicyActions'],
    audit: { omit: ['files'] },
    refusals: [],
    command: { examples: ['--reason "production hours"'] },
  }),
  operation({
    name: 'policy.history',
    kind: 'query',
    summary: 'Policy sets that came into force: from files, published, or rolled back to.',
    input: z.object({ ...pageInput }),
    output: page(PolicyChange, 'PolicyChangePage'),
    list: { cursor: at },
    authorize: onSystem,
    assurance: 'pw',
    groups: ['readActions'],
    audit: { omit: [] },
    refusals: [],
    command: {
      columns: ['at', 'kind', 'inForce', 'changedBy', 'reason', 'policies', 'version', 'id'],
      examples: ['', '--json'],
    },
  }),
  operation({
    name: 'policy.files',
    kind: 'query',
    summary: 'The files of a policy set as they stood: of the one in force, or of a change in the history.',
    input: z.object({
      /** A change of the history; absent: what is in force. */
      change: Id.optional(),
    }),
    output: PolicyFiles,
    authorize: onSystem,
    assurance: 'pw',
    groups: ['readActions'],
    audit: { omit: [] },
    refusals: [],
    command: { positional: 'change', examples: ['', 'CHANGE --json'] },
  }),
  operation({
    name: 'policy.rollback',
    kind: 'mutation',
    summary: 'Roll back to an earlier policy set on every node, until the next publication or a changed policy file.',
    input: z.object({
      /** A change of the history; absent: the one before what is in force. */
      to: Id.optional(),
      reason: Reason,
    }),
    output: PolicyStatus,
    authorize: onSystem,
    assurance: 'su',
    groups: ['writeActions', 'metaPolicyActions'],
    audit: { omit: [] },
    refusals: [],
    command: {
      positional: 'to',
      help: { to: 'a policy set of the history, by its id; left out: the one before' },
      examples: ['--reason "locks operators out"', 'CHANGE --reason "as it was on Friday"'],
    },
  }),
  operation({
    name: 'system.version',
    kind: 'query',
    summary: 'The version of this Gatehouse.',
    input: z.object({}),
    output: z.object({ version: z.string() }).meta({ id: 'SystemVersion' }),
    authorize: { principals: ['Anonymous', 'User', 'Service'], resource: 'System', id: () => systemId },
    assurance: 'none',
    groups: ['readActions'],
    audit: { omit: [] },
    refusals: [],
    command: { examples: ['', '--json'] },
  }),
  operation({
    name: 'system.status',
    kind: 'query',
    summary: 'System health: the state of each part of Gatehouse.',
    input: z.object({}),
    output: SystemStatus,
    authorize: onSystem,
    assurance: 'pw',
    groups: ['readActions'],
    audit: { omit: [] },
    refusals: [],
    command: { examples: ['', '--json'] },
  }),
  operation({
    name: 'workflow.decode',
    kind: 'query',
    summary: "Read sealed payloads of workflows, as Temporal Web does for whoever looks at a workflow's history.",
    input: z.object({ payloads: z.array(SealedPayload).max(payloadsMax) }),
    output: WorkflowPayloads,
    authorize: onSystem,
    assurance: 'mfa',
    groups: ['readActions'],
    audit: { omit: ['payloads'] },
    refusals: [],
    command: { positional: 'payloads', columns: ['encoding', 'data'], examples: ['--payloads AQAB'] },
  }),
] as const
