import { z } from 'zod'
import { operation } from '../operation.ts'
import { AuditKinds } from '../audit-filters.ts'
import { AuditEffect } from '../audit-outputs.ts'
import { page, type Cursor } from '../page.ts'
import { PolicyFileInput, policyFilesMax } from '../policy-files.ts'
import {
  DecisionReceipt,
  PolicyMatrix,
  PolicyShadow,
  PolicyShadowReport,
  PolicySimulation,
  PolicySimulationProgress,
  RecordedDecision,
} from '../policy-outputs.ts'
import { systemId } from '../entities.ts'
import { Id, pageInput, Reason } from '../scalars.ts'
import { Action, Actor, When } from '../searching.ts'
import { textOf } from '../text.ts'

const at = (item: { at: Date; id: string }): readonly [Cursor['at'], string] => [item.at, item.id]
const onSystem = { principals: ['User'], resource: 'System', id: () => systemId } as const

/** A policy's `@id`. */
const PolicyId = textOf({
  what: 'the id of a policy: lower-case letters, digits and -, at most 64',
  charactersMax: 64,
  form: (text) => /^[a-z0-9][a-z0-9-]*$/.test(text),
})

/** What is asked of the policies beyond enforcing them, and what they decided before. */
export const policyOperations = [
  operation({
    name: 'decision.list',
    kind: 'query',
    summary: 'Recorded decisions: who asked for what, what was decided, by which policies.',
    input: z.object({
      ...pageInput,
      actor: Actor.optional(),
      action: Action.optional(),
      effect: AuditEffect.optional(),
      /** What kinds of entries the decisions stand in. Absent: all kinds. */
      kinds: AuditKinds.optional(),
      policy: PolicyId.optional(),
      from: When.optional(),
      to: When.optional(),
    }),
    output: page(RecordedDecision, 'RecordedDecisionPage'),
    list: { cursor: at },
    authorize: onSystem,
    assurance: 'pw',
    groups: ['readActions'],
    audit: { omit: [], personal: ['actor'] },
    refusals: [],
    command: {
      defaults: { kinds: ['change', 'refusal', 'event'] },
      columns: ['at', 'effect', 'principal', 'action', 'resource', 'policies', 'replayable', 'policyVersion', 'id'],
      examples: ['--from 1d', '--effect deny --policy viewer-read-only', '--kinds read --actor ada --json'],
    },
  }),
  operation({
    name: 'decision.get',
    kind: 'query',
    summary: 'The receipt of one decision: everything needed to make it again, also offline.',
    input: z.object({ id: Id }),
    output: DecisionReceipt,
    authorize: { principals: ['User'], resource: 'AuditEntry', id: (input) => input.id },
    assurance: 'pw',
    groups: ['readActions'],
    audit: { omit: [] },
    refusals: [],
    command: { positional: 'id', onlyJson: ['request', 'entry'], examples: ['ENTRY', 'ENTRY --json > receipt.json'] },
  }),
  operation({
    name: 'policy.simulate',
    kind: 'mutation',
    summary: 'Try other policies: make the recorded decisions of a period again, and list each that would be another.',
    input: z.object({ files: z.array(PolicyFileInput).min(1).max(policyFilesMax), from: When, to: When.optional() }),
    output: PolicySimulation,
    authorize: onSystem,
    assurance: 'pw',
    groups: ['readActions'],
    audit: { omit: ['files'] },
    refusals: [],
    heavy: true,
    command: { examples: ['--files @candidate.json --from 7d', '--files @candidate.json --from 30d --to 1d --json'] },
  }),
  operation({
    name: 'policy.simulationWatch',
    kind: 'subscription',
    summary: 'How far your own simulation has come, once a second while it runs on the node that answers.',
    input: z.object({}),
    output: PolicySimulationProgress,
    authorize: onSystem,
    assurance: 'pw',
    groups: ['readActions'],
    audit: { omit: [] },
    refusals: [],
    command: { hidden: true },
  }),
  operation({
    name: 'policy.shadowPublish',
    kind: 'mutation',
    summary: 'Let other policies decide beside those in force, on every node and without effect, and count the flips.',
    input: z.object({
      /** Without a schema among them, under the one in force. */
      files: z.array(PolicyFileInput).min(1).max(policyFilesMax),
      reason: Reason,
    }),
    output: PolicyShadow,
    authorize: onSystem,
    assurance: 'mfa',
    groups: ['writeActions', 'metaPolicyActions'],
    audit: { omit: ['files'] },
    refusals: [],
    command: { examples: ['--files @candidate.json --reason "new business hours"'] },
  }),
  operation({
    name: 'policy.shadowDrop',
    kind: 'mutation',
    summary: 'End the shadow set; answers its last report, which is not kept.',
    input: z.object({ reason: Reason }),
    output: PolicyShadowReport,
    authorize: onSystem,
    assurance: 'mfa',
    groups: ['writeActions', 'metaPolicyActions'],
    audit: { omit: [] },
    refusals: [],
    command: { examples: ['--reason "published as it is"', '--reason "locks out deploys" --json'] },
  }),
  operation({
    name: 'policy.shadowReport',
    kind: 'query',
    summary: 'What the shadow set would newly allow and newly deny, by policy, action and principal, over all nodes.',
    input: z.object({}),
    output: PolicyShadowReport,
    authorize: onSystem,
    assurance: 'pw',
    groups: ['readActions'],
    audit: { omit: [] },
    refusals: [],
    command: {
      examples: ['', '--json'],
      labels: {
        decided: 'decisions compared',
        dropped: 'not compared, a node was behind',
        errored: 'with an error, counted as denied',
        newlyAllowed: 'would be allowed, are denied',
        newlyDenied: 'would be denied, are allowed',
        unlisted: 'differences not listed',
      },
    },
  }),
  operation({
    name: 'policy.matrix',
    kind: 'query',
    summary: 'Who may do what: each operation by each kind of caller, found by asking the policies in force.',
    input: z.object({}),
    output: PolicyMatrix,
    authorize: onSystem,
    assurance: 'pw',
    groups: ['readActions'],
    audit: { omit: [] },
    refusals: [],
    heavy: true,
    command: { examples: ['', '--json'] },
  }),
] as const
