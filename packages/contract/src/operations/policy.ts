import { z } from 'zod'
import { operation } from '../operation.ts'
import { AuditEffect } from '../outputs.ts'
import { page, type Cursor } from '../page.ts'
import { DecisionReceipt, RecordedDecision } from '../policy-outputs.ts'
import { systemId } from '../entities.ts'
import { Id, pageInput } from '../scalars.ts'
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
      columns: ['at', 'principal', 'action', 'resource', 'effect', 'policies', 'replayable', 'policyVersion', 'id'],
      examples: ['--from 1d', '--effect deny --policy viewer-read-only', '--actor ada --json'],
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
    command: { positional: 'id', examples: ['ENTRY --json'] },
  }),
] as const
