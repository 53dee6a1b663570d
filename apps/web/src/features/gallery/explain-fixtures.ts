import type { Wire } from '@gatehouse/contract'
import { inMinutes } from './moments.ts'
import { receiptOf } from './policy-fixtures.ts'

type Explanation = Wire<'policy.explain'>

const part = (
  policy: string,
  over: Omit<Explanation['conditions'][number], 'policy'>,
): Explanation['conditions'][number] => ({ policy, ...over })

/** Why a deploy is denied, in the gallery. */
export const deniedDeploy: Explanation = {
  decision: 'deny',
  policies: ['production-within-hours'],
  reasons: [
    {
      policy: 'production-within-hours',
      effect: 'forbid',
      doc: 'Production is changed within the business hours of its workspace, unless the person is on call.',
      severity: 'high',
    },
  ],
  errors: [],
  obligations: [],
  ignored: ['mfa'],
  policyVersion: 'sha256-4f1c8a90d2e7b35566aa',
  decisionId: 'explained',
  durationMicroseconds: 412,
  nearest: [
    {
      policy: 'operator-deploys',
      effect: 'permit',
      doc: 'Operators deploy to the workspaces of their teams.',
      severity: 'medium',
    },
    {
      policy: 'approved-deploy',
      effect: 'permit',
      doc: 'Developers deploy to production once an Operator has approved this very call.',
      severity: 'high',
    },
  ],
  conditions: [
    part('production-within-hours', {
      clause: 'action',
      text: 'action in [Action::"platformDeploy", Action::"platformWrite"]',
      holds: true,
      met: true,
    }),
    part('production-within-hours', {
      clause: 'when',
      text: 'resource.environment == Environment::"production" && !context.businessHours',
      holds: true,
      met: true,
    }),
    part('production-within-hours', { clause: 'unless', text: 'context.onCall', holds: false, met: true }),
    part('operator-deploys', { clause: 'principal', text: 'principal in Role::"Operator"', holds: false, met: false }),
    part('operator-deploys', { clause: 'when', text: 'principal in resource.workspace.teams', holds: true, met: true }),
    part('approved-deploy', { clause: 'principal', text: 'principal in Role::"Developer"', holds: true, met: true }),
    part('approved-deploy', { clause: 'when', text: 'context has approval', holds: false, met: false }),
    part('approved-deploy', {
      clause: 'when',
      text: 'context.approval.action == "deploy" && context.approval.ticket != ""',
      holds: null,
      met: false,
    }),
  ],
  wouldAllow: [
    'be on call there, and have the role Operator instead of Developer',
    'do it between mon-fri 08:00-18:00 Europe/Helsinki, and have the role Operator instead of Developer',
  ],
}

/** A call that is allowed, in the gallery. */
export const allowedIssue: Explanation = {
  ...deniedDeploy,
  decision: 'allow',
  policies: ['operator-access'],
  reasons: [
    {
      policy: 'operator-access',
      effect: 'permit',
      doc: 'Operators issue and revoke credentials in the workspaces of their teams.',
      severity: 'medium',
    },
  ],
  ignored: [],
  nearest: [],
  conditions: [
    part('operator-access', { clause: 'principal', text: 'principal in Role::"Operator"', holds: true, met: true }),
    part('operator-access', { clause: 'when', text: 'context.mfa', holds: true, met: true }),
  ],
  wouldAllow: [],
}

/** Nobody goes by the name that was asked about. */
const unknownCaller: Explanation = {
  ...deniedDeploy,
  policies: [],
  reasons: [],
  errors: ['nobody goes by this name'],
  ignored: [],
  nearest: [],
  conditions: [],
  wouldAllow: [],
}

/** What the gallery's policies say to a question. */
export function explained({ action, principal }: Readonly<Record<string, unknown>>): Explanation {
  if (typeof principal === 'object' && principal !== null && 'id' in principal && principal.id === 'nobody')
    return unknownCaller
  return action === 'sshHost.register' ? allowedIssue : deniedDeploy
}

/** Who could deploy, in the gallery. */
export const whoCould: Wire<'policy.whoCould'> = {
  at: inMinutes(0),
  policyVersion: 'sha256-4f1c8a90d2e7b35566aa',
  looked: 12,
  principals: [
    {
      type: 'Service',
      id: 's1',
      name: 'ci-deploy',
      answer: 'allow',
      policies: ['programs-deploy'],
      obligations: [],
      needs: [],
    },
    {
      type: 'User',
      id: 'u3',
      name: 'oscar',
      answer: 'needs',
      policies: ['operator-deploys'],
      obligations: [],
      needs: ['be on call there', 'prove a second factor now, and do it between mon-fri 08:00-18:00 Europe/Helsinki'],
    },
  ],
  errors: [],
  ignored: [],
  next: null,
}

/** The receipt of what was explained, with the values that its conditions look at. */
export const explainedReceipt = (): Wire<'decision.get'> => ({
  ...receiptOf('d1'),
  id: 'explained',
  request: JSON.stringify({
    principal: { type: 'User', id: 'ada' },
    action: 'deploy',
    resource: { type: 'Server', id: 'web-1' },
    context: { businessHours: false, onCall: false, mfa: true, force: false },
    entities: [
      { uid: { type: 'User', id: 'ada' }, attrs: {}, parents: [entity('Role', 'Developer'), entity('Team', 'sre')] },
      {
        uid: { type: 'Server', id: 'web-1' },
        attrs: {
          environment: { __entity: entity('Environment', 'production') },
          workspace: { __entity: entity('Workspace', 'shop') },
        },
        parents: [entity('Workspace', 'shop')],
      },
      { uid: entity('Workspace', 'shop'), attrs: { teams: [{ __entity: entity('Team', 'sre') }] }, parents: [] },
    ],
  }),
})

const entity = (type: string, id: string) => ({ type, id })

const hold = (id: string, over: Partial<Wire<'audit.holdPlace'>>): Wire<'audit.retentionGet'>['holds'][number] => ({
  id,
  reason: 'Case 4711',
  workspace: null,
  user: null,
  requestId: null,
  from: null,
  to: null,
  placedBy: 'u2',
  placedAt: inMinutes(-9000),
  releasedAt: null,
  prunedBefore: null,
  ...over,
})

/** How long the gallery's audit log keeps entries, and what is held. */
export const retention: Wire<'audit.retentionGet'> = {
  days: 730,
  breakGlassDays: 2555,
  floorDays: 365,
  floorBreakGlassDays: 2555,
  updatedAt: inMinutes(-30_000),
  updatedBy: 'u2',
  prunedBefore: inMinutes(-730 * 1440),
  holds: [
    hold('hold1', {
      user: 'u7',
      placedBy: 'u1',
      from: inMinutes(-90_000),
      reason: 'Case 4711: what happened on the shop hosts',
    }),
    hold('hold2', { workspace: 'shop', reason: 'Yearly inspection', placedAt: inMinutes(-300) }),
    hold('hold3', { reason: 'Insurance claim', placedAt: inMinutes(-200_000), releasedAt: inMinutes(-600) }),
  ],
}

/** Nobody has set anything, and nothing is held. */
export const retentionUnset: Wire<'audit.retentionGet'> = {
  ...retention,
  days: 365,
  updatedAt: null,
  updatedBy: null,
  prunedBefore: null,
  holds: [],
}
