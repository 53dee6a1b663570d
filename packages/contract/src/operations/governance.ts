import { z } from 'zod'
import { systemId } from '../entities.ts'
import {
  ApprovableAction,
  Approval,
  ApprovalState,
  GatehouseSettings,
  Notification,
  RoleAuthenticatorRules,
  RoleLimits,
  SecurityDashboard,
} from '../governance-outputs.ts'
import { operation } from '../operation.ts'
import { RoleName } from '../outputs.ts'
import { page, type Cursor } from '../page.ts'
import { Id, pageInput, Reason, Reference } from '../scalars.ts'

const created = (item: { createdAt: Date; id: string }): readonly [Cursor['at'], string] => [item.createdAt, item.id]
const onSystem = { principals: ['User'], resource: 'System', id: () => systemId } as const
const onSelf = {
  principals: ['User'],
  resource: 'User',
  id: (_: unknown, caller: { principalId: string }) => caller.principalId,
} as const
const onApproval = { principals: ['User'], resource: 'Approval', id: (input: { id: string }) => input.id } as const
const Ticket = z
  .string()
  .min(1)
  .max(100)
  .regex(/^[^\p{Cc}\u2028\u2029]*$/u, 'one line of text')

/** What people decide together, what is set for all, and what each is told. */
export const governanceOperations = [
  operation({
    name: 'approval.request',
    kind: 'mutation',
    summary: "Ask for a second person's yes to one exact call; it is good for 24 hours, once.",
    input: z.object({ action: ApprovableAction, resource: Reference, reason: Reason, ticket: Ticket.optional() }),
    output: Approval,
    authorize: onSystem,
    assurance: 'mfa',
    groups: ['writeActions'],
    audit: { omit: [] },
    refusals: [],
    command: {
      positional: 'action',
      examples: ['mfa.reset --resource ada --reason "lost phone and codes" --ticket OPS-12'],
    },
  }),
  operation({
    name: 'approval.list',
    kind: 'query',
    summary: 'Approvals: asked for, decided, used.',
    input: z.object({ ...pageInput, state: ApprovalState.optional(), requester: Reference.optional() }),
    output: page(Approval, 'ApprovalPage'),
    list: { cursor: created },
    authorize: onSystem,
    assurance: 'pw',
    groups: ['readActions'],
    audit: { omit: [] },
    refusals: [],
    command: {
      columns: ['id', 'state', 'action', 'resourceName', 'requesterName', 'approverName', 'expiresAt', 'reason'],
      examples: ['', '--state pending', '--json'],
    },
  }),
  operation({
    name: 'approval.get',
    kind: 'query',
    summary: 'One approval.',
    input: z.object({ id: Id }),
    output: Approval,
    authorize: onApproval,
    assurance: 'pw',
    groups: ['readActions'],
    audit: { omit: [] },
    refusals: [],
    command: { positional: 'id', examples: ['APPROVAL'] },
  }),
  operation({
    name: 'approval.approve',
    kind: 'mutation',
    summary: "Say yes to another person's call; never to one's own, nor to one that is about oneself.",
    input: z.object({ id: Id, reason: Reason.optional() }),
    output: Approval,
    authorize: onApproval,
    assurance: 'su',
    groups: ['writeActions', 'sensitiveActions'],
    audit: { omit: [] },
    refusals: [],
    command: { positional: 'id', examples: ['APPROVAL --reason "spoke to her"'] },
  }),
  operation({
    name: 'approval.deny',
    kind: 'mutation',
    summary: "Say no to another person's call.",
    input: z.object({ id: Id, reason: Reason }),
    output: Approval,
    authorize: onApproval,
    assurance: 'su',
    groups: ['writeActions', 'sensitiveActions'],
    audit: { omit: [] },
    refusals: [],
    command: { positional: 'id', examples: ['APPROVAL --reason "not her voice"'] },
  }),
  operation({
    name: 'approval.cancel',
    kind: 'mutation',
    summary: 'Take back what one has asked for.',
    input: z.object({ id: Id, reason: Reason }),
    output: Approval,
    authorize: onApproval,
    assurance: 'mfa',
    groups: ['writeActions'],
    audit: { omit: [] },
    refusals: [],
    command: { positional: 'id', examples: ['APPROVAL --reason "found the phone"'] },
  }),
  operation({
    name: 'settings.get',
    kind: 'query',
    summary: 'What is set for all: who must enrol, how long sessions live, which authenticators count.',
    input: z.object({}),
    output: GatehouseSettings,
    authorize: onSystem,
    assurance: 'pw',
    groups: ['readActions'],
    audit: { omit: [] },
    refusals: [],
    command: { examples: ['', '--json'] },
  }),
  operation({
    name: 'settings.update',
    kind: 'mutation',
    summary: 'Change what is set for all; what is not named stays.',
    input: z.object({
      requiredRoles: z.array(RoleName).max(5).optional(),
      roleLimits: z.array(RoleLimits).max(5).optional(),
      authenticatorRules: z.array(RoleAuthenticatorRules).max(5).optional(),
      authFailuresAlert: z.int().min(1).max(1000).optional(),
    }),
    output: GatehouseSettings,
    authorize: onSystem,
    assurance: 'su',
    groups: ['writeActions', 'sensitiveActions', 'metaPolicyActions'],
    audit: { omit: [] },
    refusals: [],
    command: {
      examples: [
        '--required-roles Admin,Operator',
        '--auth-failures-alert 5',
        '--role-limits @limits.json',
        '--authenticator-rules \'{"role":"Admin","attestation":"required","aaguids":[],"backupEligibleAllowed":false}\'',
      ],
    },
  }),
  operation({
    name: 'notification.list',
    kind: 'query',
    summary: 'What happened to your account, newest first.',
    input: z.object({ ...pageInput, unread: z.boolean().default(false) }),
    output: page(Notification, 'NotificationPage'),
    list: { cursor: created },
    authorize: onSelf,
    assurance: 'pw',
    groups: ['selfActions', 'readActions'],
    audit: { omit: [] },
    refusals: [],
    command: { columns: ['createdAt', 'kind', 'text', 'readAt', 'id'], examples: ['', '--unread', '--json'] },
  }),
  operation({
    name: 'notification.markRead',
    kind: 'mutation',
    summary: 'Mark notices of yours as read: one, or all up to now.',
    input: z.object({ id: Id.optional() }),
    output: z.object({ marked: z.int() }).meta({ id: 'NotificationsMarked' }),
    authorize: onSelf,
    assurance: 'pw',
    groups: ['selfActions'],
    audit: { omit: [] },
    refusals: [],
    command: { positional: 'id', examples: ['', 'NOTICE'] },
  }),
  operation({
    name: 'system.dashboard',
    kind: 'query',
    summary: "The security dashboard's figures: who has a second factor, failed log-ins, sessions, tokens that expire.",
    input: z.object({}),
    output: SecurityDashboard,
    authorize: onSystem,
    assurance: 'pw',
    groups: ['readActions'],
    audit: { omit: [] },
    refusals: [],
    command: { examples: ['', '--json'] },
  }),
] as const
