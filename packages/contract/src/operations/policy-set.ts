import { z } from 'zod'
import { systemId } from '../entities.ts'
import { operation } from '../operation.ts'
import { page, type Cursor } from '../page.ts'
import { PolicyFileInput, policyFilesMax } from '../policy-files.ts'
import { Policy, PolicyChange, PolicyFiles, PolicyStatus } from '../policy-outputs.ts'
import { Id, Reason, pageInput } from '../scalars.ts'

const at = (item: { at: Date; id: string }): readonly [Cursor['at'], string] => [item.at, item.id]
const loaded = (item: { loadedAt: Date; id: string }): readonly [Cursor['at'], string] => [item.loadedAt, item.id]
const onSystem = { principals: ['User'], resource: 'System', id: () => systemId } as const

/** The policy sets in force, and how they come into force. */
export const policySetOperations = [
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
    command: { examples: ['', '--json'], labels: { pin: 'published set' } },
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
    command: { examples: ['--reason "production hours"'], labels: { pin: 'published set' } },
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
      help: {
        to: 'a policy set of the history, by its id; left out: the one before, after a look at it, or with --yes',
      },
      examples: ['CHANGE --reason "as it was on Friday"', '--reason "locks operators out"'],
      labels: { pin: 'published set' },
    },
  }),
] as const
