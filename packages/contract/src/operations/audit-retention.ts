import { z } from 'zod'
import { systemId } from '../entities.ts'
import { UserReference, WorkspaceReference } from '../names.ts'
import { operation } from '../operation.ts'
import { AuditHold, AuditRetention } from '../audit-outputs.ts'
import { Id, Reason } from '../scalars.ts'
import { When } from '../searching.ts'
import { lineOf, wholeNumber } from '../text.ts'

const onSystem = { principals: ['User'], resource: 'System', id: () => systemId } as const

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

/** How long entries of the audit log stay, and what holds them. */
export const auditRetentionOperations = [
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
] as const
