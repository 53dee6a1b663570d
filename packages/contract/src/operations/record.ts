import { z } from 'zod'
import { systemId } from '../entities.ts'
import { operation } from '../operation.ts'
import {
  AuditCheckpoint,
  AuditEffect,
  AuditEntry,
  AuditKind,
  AuditOutcome,
  AuditVerification,
  Policy,
  PolicyStatus,
  SystemStatus,
} from '../outputs.ts'
import { page, type Cursor } from '../page.ts'
import { WorkspaceReference } from '../names.ts'
import { Id, Ip, pageInput } from '../scalars.ts'
import { lineOf, textOf } from '../text.ts'

const at = (item: { at: Date; id: string }): readonly [Cursor['at'], string] => [item.at, item.id]
const loaded = (item: { loadedAt: Date; id: string }): readonly [Cursor['at'], string] => [item.loadedAt, item.id]
const onSystem = { principals: ['User'], resource: 'System', id: () => systemId } as const
/** RFC 3339, or how long ago: `90m`, `1d`, `2w`. */
const When = textOf({
  what: 'a time such as 2026-11-23T08:00:00Z, or how long ago, such as 90m or 1d',
  charactersMax: 40,
  fold: (text) => text.trim(),
  form: (text) => /^(\d{1,5}\s*[smhdw]|\d{4}-\d{2}-\d{2}\S*)$/.test(text),
})

/** Who did something: a name or an id, or a name that was only tried. */
const Actor = lineOf(256)

/** An operation or event, or how some begin: `lease` and `lease.` are all of leases. */
const Action = textOf({
  what: 'an operation or event such as lease.revoke',
  charactersMax: 64,
  form: (text) => /^[A-Za-z][A-Za-z0-9.]*$/.test(text),
})

/** A type, an id, or both as `Type::id`. */
const Resource = lineOf(128)

/** A signed checkpoint as it was given out: a note of several lines. */
const CheckpointNote = textOf({
  what: 'a checkpoint as audit.checkpoint gave it out',
  charactersMax: 2048,
  allow: { lineBreaks: true },
})

export const recordOperations = [
  operation({
    name: 'audit.search',
    kind: 'query',
    summary: 'Search the audit log.',
    input: z.object({
      ...pageInput,
      actor: Actor.optional(),
      action: Action.optional(),
      /** Absent: all kinds. */
      kinds: z.array(AuditKind).min(1).max(4).optional(),
      resource: Resource.optional(),
      workspace: WorkspaceReference.optional(),
      outcome: AuditOutcome.optional(),
      from: When.optional(),
      to: When.optional(),
      ip: Ip.optional(),
      session: Id.optional(),
      decision: AuditEffect.optional(),
    }),
    output: page(AuditEntry, 'AuditPage'),
    list: { cursor: at },
    authorize: { principals: ['User'], resource: 'Workspace' },
    assurance: 'pw',
    groups: ['readActions'],
    audit: { omit: [], personal: ['ip', 'actor', 'resource'] },
    refusals: [],
    command: {
      defaults: { kinds: ['change', 'refusal', 'event'] },
      columns: ['at', 'principal', 'action', 'outcome', 'resource', 'refusal', 'decision', 'workspace', 'seq', 'id'],
      examples: ['--from 1d', '--actor ada --outcome refused', '--action lease --kinds change,event --json'],
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
] as const
