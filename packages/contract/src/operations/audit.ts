import { z } from 'zod'
import { AuditSort, filters, filtersOfAnyTime } from '../audit-filters.ts'
import { systemId } from '../entities.ts'
import { UserReference } from '../names.ts'
import { operation } from '../operation.ts'
import {
  AuditCheckpoint,
  AuditConsistency,
  AuditEntry,
  AuditExport,
  AuditExportFormat,
  AuditExportPart,
  AuditIdentity,
  AuditProof,
  AuditStats,
  AuditTailPart,
  AuditVerification,
  PersonErased,
} from '../audit-outputs.ts'
import { page, type Cursor } from '../page.ts'
import { Id, pageInput } from '../scalars.ts'
import { Pseudonym } from '../searching.ts'
import { reasonOf, textOf, wholeNumber } from '../text.ts'

const at = (item: { at: Date; id: string }): readonly [Cursor['at'], string] => [item.at, item.id]
const onSystem = { principals: ['User'], resource: 'System', id: () => systemId } as const

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

/** A signed checkpoint as it was given out: a note of several lines. */
const CheckpointNote = textOf({
  what: 'a checkpoint as audit.checkpoint gave it out',
  charactersMax: 8192,
  allow: { lineBreaks: true },
})

/** What is asked of the audit log itself. */
export const auditOperations = [
  operation({
    name: 'audit.search',
    kind: 'query',
    summary: 'Search the audit log.',
    input: z.object({ ...pageInput, ...filters, sort: AuditSort.optional() }),
    output: page(AuditEntry, 'AuditPage'),
    list: { cursor: at, keys: auditSortKeys },
    authorize: { principals: ['User'], resource: 'Workspace', archivedToo: true },
    assurance: 'pw',
    groups: ['readActions'],
    audit: { omit: [], personal },
    refusals: [],
    ownMax: searchesAtOnce,
    command: {
      aliases: ['audit query'],
      defaults: { kinds: ['change', 'refusal', 'event'] },
      columns: ['at', 'principal', 'action', 'outcome', 'resource', 'refusal', 'decision', 'workspace', 'seq', 'id'],
      yields: ['principal', 'at'],
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
    authorize: { principals: ['User'], resource: 'Workspace', archivedToo: true },
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
    authorize: { principals: ['User'], resource: 'Workspace', archivedToo: true },
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
    command: { positional: 'id', examples: ['ENTRY --json'], labels: { pseudonyms: 'people hidden' } },
  }),
  operation({
    name: 'audit.identify',
    kind: 'query',
    summary: 'Whose a pseudonym is. Whoever may ask this is shown people by name, and everybody else by pseudonyms.',
    input: z.object({ pseudonym: Pseudonym }),
    output: AuditIdentity,
    authorize: onSystem,
    assurance: 'pw',
    groups: ['readActions', 'sensitiveActions'],
    audit: { omit: [] },
    refusals: [],
    ownMax: 2,
    command: { positional: 'pseudonym', examples: ['person-0011223344556677', 'person-0011223344556677 --json'] },
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
    authorize: { principals: ['User'], resource: 'Workspace', archivedToo: true },
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
    authorize: { principals: ['User'], resource: 'Workspace', archivedToo: true },
    assurance: 'pw',
    groups: ['readActions'],
    audit: { omit: ['after'] },
    refusals: [],
    command: { hidden: true },
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
    command: { quiet: 'checkpoint', examples: ['', '--json', '--quiet > kept.txt'] },
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
      reason: reasonOf(500),
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
] as const
