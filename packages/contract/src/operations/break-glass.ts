import { z } from 'zod'
import {
  BreakGlassAction,
  BreakGlassExport,
  BreakGlassRequest,
  BreakGlassRequestDetail,
  BreakGlassRule,
  BreakGlassRuleJson,
  BreakGlassSeverity,
  BreakGlassState,
  BreakGlassStats,
  BreakGlassVoteOptions,
  EmergencyActivation,
  EmergencyDeeds,
  EmergencySession,
  EmergencySessionState,
} from '../break-glass-outputs.ts'
import { systemId } from '../entities.ts'
import { UserReference, WorkspaceReference } from '../names.ts'
import { operation } from '../operation.ts'
import { page, type Cursor } from '../page.ts'
import { personal } from '../personal.ts'
import { Id, Instant, pageInput, Reason, WebauthnJson } from '../scalars.ts'
import { lineOf, reasonOf, textOf, wholeNumber } from '../text.ts'

const created = (item: { createdAt: Date; id: string }): readonly [Cursor['at'], string] => [item.createdAt, item.id]
const activated = (item: { activatedAt: Date; id: string }): readonly [Cursor['at'], string] => [
  item.activatedAt,
  item.id,
]
const onSystem = { principals: ['User'], resource: 'System', id: () => systemId } as const
const byId = (input: { id: string }) => input.id
const onRequest = { principals: ['User'], resource: 'BreakGlassRequest', id: byId } as const
const onSession = { principals: ['User'], resource: 'EmergencySession', id: byId } as const
/** `breakGlassActions`: never by an API token, whatever its scopes. */
const writes = ['writeActions', 'sensitiveActions', 'breakGlassActions'] as const

/** Fewer words say nothing to who is woken up by them. */
const justificationMin = 20
/** Of them; the rest may be the names of hosts and numbers. */
const justificationLettersMin = 10
const Justification = personal(reasonOf(1000, { charactersMin: justificationMin, lettersMin: justificationLettersMin }))
const IncidentReference = personal(lineOf(100))
const RequestHash = textOf({
  what: "the request's hash: 64 characters from 0 to 9 and a to f",
  charactersMax: 64,
  form: (text) => /^[0-9a-f]{64}$/.test(text),
})
/** No longer than four hours: what takes longer is no emergency any more. */
const Duration = wholeNumber({ min: 300, max: 14_400, unit: 'seconds' })
const Actions = z.array(BreakGlassAction).min(1).max(BreakGlassAction.options.length)

/** What is asked for, and why. */
const asked = {
  incident: IncidentReference,
  severity: BreakGlassSeverity,
  justification: Justification,
  workspace: WorkspaceReference,
  actions: Actions,
  durationSeconds: Duration.default(3600),
} as const

/** What is rehearsed: the same, for no incident. */
const rehearsed = {
  justification: Justification,
  workspace: WorkspaceReference,
  severity: BreakGlassSeverity.default('high'),
  actions: Actions.default(['sshHost.list']),
  durationSeconds: Duration.default(3600),
} as const

const columns = [
  'state',
  'severity',
  'requesterName',
  'workspaceName',
  'missing',
  'secondsLeft',
  'incident',
  'drillScore',
  'id',
]

const requestOperations = [
  operation({
    name: 'breakGlass.request',
    kind: 'mutation',
    summary: 'Ask for emergency access: for one workspace, named actions and at most four hours.',
    input: z.object(asked),
    output: BreakGlassRequest,
    authorize: { principals: ['User'], resource: 'Workspace', id: (input) => input.workspace },
    assurance: 'su',
    groups: writes,
    audit: { omit: [] },
    refusals: [],
    command: {
      help: {
        incident: 'id of an open incident, or a number of your own: what has none here yet is opened with it',
        severity: 'how bad it is; who left a session unreviewed may begin another only when it is critical',
        actions: 'what has to be done, separated by commas',
      },
      examples: [
        '--incident INC-7 --severity critical --workspace shop ' +
          '--actions sshHost.list,sshHost.get,sshCertificate.sign,sshCertificate.revoke ' +
          '--justification "payments fail, the database host does not answer"',
      ],
    },
  }),
  operation({
    name: 'breakGlass.update',
    kind: 'mutation',
    summary: 'Change a request of your own: a new version, and its votes are void.',
    input: z.object({
      id: Id,
      incident: IncidentReference.optional(),
      severity: BreakGlassSeverity.optional(),
      justification: Justification.optional(),
      actions: Actions.optional(),
      durationSeconds: Duration.optional(),
    }),
    output: BreakGlassRequest,
    authorize: onRequest,
    assurance: 'su',
    groups: writes,
    audit: { omit: [] },
    refusals: [],
    command: {
      positional: 'id',
      help: { severity: 'how bad it is' },
      examples: ['REQUEST --actions sshCertificate.sign'],
    },
  }),
  operation({
    name: 'breakGlass.drill',
    kind: 'mutation',
    summary: 'Rehearse emergency access: real people and real votes, measured, and no session comes of it.',
    input: z.object(rehearsed),
    output: BreakGlassRequest,
    authorize: { principals: ['User'], resource: 'Workspace', id: (input) => input.workspace },
    assurance: 'su',
    groups: writes,
    audit: { omit: [] },
    refusals: [],
    command: {
      help: { justification: 'what is rehearsed; approvers read it', severity: 'how bad it is said to be' },
      examples: ['--workspace shop --justification "drill of the on-call rota in November"'],
    },
  }),
  operation({
    name: 'breakGlass.drillFinish',
    kind: 'mutation',
    summary: 'End your approved drill where its emergency session would have begun, and see its score.',
    input: z.object({ id: Id }),
    output: BreakGlassRequest,
    authorize: onRequest,
    assurance: 'su',
    groups: writes,
    audit: { omit: [] },
    refusals: ['approval-pending'],
    command: { positional: 'id', examples: ['DRILL'] },
  }),
  operation({
    name: 'breakGlass.cancel',
    kind: 'mutation',
    summary: 'Take a request of your own back.',
    input: z.object({ id: Id, reason: Reason }),
    output: BreakGlassRequest,
    authorize: onRequest,
    assurance: 'mfa',
    groups: ['writeActions', 'breakGlassActions'],
    audit: { omit: [] },
    refusals: [],
    command: { positional: 'id', examples: ['REQUEST --reason "it came back by itself"'] },
  }),
  operation({
    name: 'breakGlass.list',
    kind: 'query',
    summary: 'Requests for emergency access, newest first.',
    input: z.object({
      ...pageInput,
      state: BreakGlassState.optional(),
      requester: UserReference.optional(),
      drill: z.boolean().default(false),
    }),
    output: page(BreakGlassRequest, 'BreakGlassRequestPage'),
    list: { cursor: created },
    authorize: onSystem,
    assurance: 'pw',
    groups: ['readActions'],
    audit: { omit: [] },
    refusals: [],
    command: {
      columns,
      help: { drill: 'drills, in the place of requests for real' },
      examples: ['', '--state pending', '--drill', '--json'],
    },
  }),
  operation({
    name: 'breakGlass.get',
    kind: 'query',
    summary: 'One request: the exact document, what it would open, who has voted and who still can.',
    input: z.object({ id: Id }),
    output: BreakGlassRequestDetail,
    authorize: onRequest,
    assurance: 'pw',
    groups: ['readActions'],
    audit: { omit: [] },
    refusals: [],
    command: { aliases: ['break-glass show'], positional: 'id', onlyJson: ['document'], examples: ['REQUEST'] },
  }),
  operation({
    name: 'breakGlass.watch',
    kind: 'subscription',
    summary: 'One request as it changes: as it stands first, then each vote and each change of its state.',
    input: z.object({ id: Id }),
    output: BreakGlassRequest,
    authorize: onRequest,
    assurance: 'pw',
    groups: ['readActions'],
    audit: { omit: [] },
    refusals: [],
    command: { positional: 'id', examples: ['REQUEST', 'REQUEST --json'] },
  }),
  operation({
    name: 'breakGlass.export',
    kind: 'query',
    summary: 'A request with its votes and all that proves them, to be checked offline.',
    input: z.object({ id: Id }),
    output: BreakGlassExport,
    authorize: onRequest,
    assurance: 'mfa',
    groups: ['readActions'],
    audit: { omit: [] },
    refusals: [],
    command: { positional: 'id', quiet: 'document', examples: ['REQUEST --quiet'] },
  }),
  operation({
    name: 'breakGlass.stats',
    kind: 'query',
    summary: 'Figures of emergency access over the last days.',
    input: z.object({ days: wholeNumber({ min: 1, max: 365, unit: 'days' }).default(30) }),
    output: BreakGlassStats,
    authorize: onSystem,
    assurance: 'pw',
    groups: ['readActions'],
    audit: { omit: [] },
    refusals: [],
    command: { examples: ['', '--days 90'] },
  }),
] as const

const voteOperations = [
  operation({
    name: 'breakGlass.approveOptions',
    kind: 'mutation',
    summary: 'What a key is to sign to approve a request: a challenge made of the request itself.',
    input: z.object({ id: Id }),
    output: BreakGlassVoteOptions,
    authorize: onRequest,
    assurance: 'mfa',
    groups: ['writeActions', 'breakGlassActions'],
    audit: { omit: [] },
    refusals: [],
    command: { hidden: true },
  }),
  operation({
    name: 'breakGlass.approve',
    kind: 'mutation',
    summary: 'Approve the request that has this hash, as one of the people that the rule asks for.',
    input: z.object({ id: Id, hash: RequestHash, assertion: WebauthnJson.optional() }),
    output: BreakGlassRequest,
    authorize: onRequest,
    assurance: 'su',
    groups: writes,
    audit: { omit: ['assertion'] },
    refusals: ['invalid-credentials', 'locked'],
    command: {
      positional: 'id',
      help: { hash: 'the hash that you have read in `break-glass get`' },
      examples: ['REQUEST --hash 5f0c…'],
    },
  }),
  operation({
    name: 'breakGlass.deny',
    kind: 'mutation',
    summary: 'Deny a request: your team cannot approve it any more, and denials of two teams end it.',
    input: z.object({ id: Id, reason: Reason }),
    output: BreakGlassRequest,
    authorize: onRequest,
    assurance: 'su',
    groups: writes,
    audit: { omit: [] },
    refusals: [],
    command: { positional: 'id', examples: ['REQUEST --reason "nobody knows of an incident"'] },
  }),
  operation({
    name: 'breakGlass.activate',
    kind: 'mutation',
    summary: 'Begin the emergency session of your approved request; its token is shown this once.',
    input: z.object({ id: Id }),
    output: EmergencyActivation,
    authorize: onRequest,
    assurance: 'su',
    groups: writes,
    audit: { omit: [] },
    refusals: ['approval-pending', 'locked'],
    command: { positional: 'id', quiet: 'accessToken', examples: ['REQUEST'] },
  }),
] as const

const ruleOperations = [
  operation({
    name: 'breakGlass.ruleGet',
    kind: 'query',
    summary: 'The rule by which requests are approved, and whether there are people to meet it.',
    input: z.object({}),
    output: BreakGlassRule,
    authorize: onSystem,
    assurance: 'pw',
    groups: ['readActions'],
    audit: { omit: [] },
    refusals: [],
    command: { examples: ['', '--json'] },
  }),
  operation({
    name: 'breakGlass.ruleSet',
    kind: 'mutation',
    summary: "Change the rule, by a second Admin's approval; two people of two teams are always wanted.",
    input: z.object({ rule: BreakGlassRuleJson, totpAdmitted: z.boolean().default(true), reason: Reason }),
    output: BreakGlassRule,
    authorize: onSystem,
    assurance: 'su',
    groups: ['writeActions', 'sensitiveActions', 'metaPolicyActions'],
    audit: { omit: [] },
    refusals: ['approval-pending', 'locked'],
    command: {
      help: { rule: 'the rule as JSON' },
      examples: ['--rule \'{"people":2,"roles":["Admin"]}\' --reason "Admins only"'],
    },
  }),
] as const

const sessionOperations = [
  operation({
    name: 'emergencySession.list',
    kind: 'query',
    summary: 'Emergency sessions, newest first.',
    input: z.object({ ...pageInput, state: EmergencySessionState.optional(), unreviewed: z.boolean().default(false) }),
    output: page(EmergencySession, 'EmergencySessionPage'),
    list: { cursor: activated },
    authorize: onSystem,
    assurance: 'pw',
    groups: ['readActions'],
    audit: { omit: [] },
    refusals: [],
    command: {
      aliases: ['break-glass sessions'],
      columns: ['state', 'requesterName', 'workspaceName', 'secondsLeft', 'endedBy', 'reviewDueAt', 'incident', 'id'],
      examples: ['', '--state active', '--unreviewed'],
    },
  }),
  operation({
    name: 'emergencySession.get',
    kind: 'query',
    summary: 'One emergency session.',
    input: z.object({ id: Id }),
    output: EmergencySession,
    authorize: onSession,
    assurance: 'pw',
    groups: ['readActions'],
    audit: { omit: [] },
    refusals: [],
    command: { positional: 'id', examples: ['SESSION'] },
  }),
  operation({
    name: 'emergencySession.revoke',
    kind: 'mutation',
    summary: 'End an emergency session now, with the credentials that were issued under it.',
    input: z.object({ id: Id, reason: Reason }),
    output: EmergencySession,
    authorize: onSession,
    assurance: 'mfa',
    groups: ['writeActions', 'breakGlassActions'],
    audit: { omit: [] },
    refusals: [],
    command: {
      aliases: ['break-glass revoke'],
      positional: 'id',
      examples: ['SESSION --reason "the database is back"'],
    },
  }),
  operation({
    name: 'emergencySession.audit',
    kind: 'query',
    summary: 'What was done in an emergency session, from the audit log, and which credentials it issued.',
    input: z.object({ id: Id }),
    output: EmergencyDeeds,
    authorize: onSession,
    assurance: 'pw',
    groups: ['readActions'],
    audit: { omit: [] },
    refusals: [],
    command: { aliases: ['break-glass audit'], positional: 'id', examples: ['SESSION'] },
  }),
  operation({
    name: 'breakGlass.review',
    kind: 'mutation',
    summary: 'Review an ended emergency session: was it needed, what follows, what is to be rotated.',
    input: z.object({
      id: Id,
      needed: z.boolean(),
      summary: Justification,
      followUps: personal(
        z
          .array(z.object({ text: lineOf(200), owner: UserReference, dueAt: Instant }).meta({ id: 'FollowUpInput' }))
          .max(20),
      ).default([]),
      rotate: personal(z.array(lineOf(200)).max(50)).default([]),
    }),
    output: EmergencySession,
    authorize: onSession,
    assurance: 'mfa',
    groups: ['writeActions', 'breakGlassActions'],
    audit: { omit: [] },
    refusals: [],
    command: {
      positional: 'id',
      help: { id: 'the emergency session' },
      examples: ['SESSION --needed true --summary "the database had lost its disk"'],
    },
  }),
  operation({
    name: 'emergencySession.expire',
    kind: 'mutation',
    summary: 'End requests and emergency sessions whose time is over, warn, and raise what is overdue.',
    /** One request or one session alone; absent: all. */
    input: z.object({ request: Id.optional(), session: Id.optional() }),
    output: z
      .object({ lapsed: z.int(), ended: z.int(), nextDueInSeconds: z.number().nullable() })
      .meta({ id: 'EmergencySweep' }),
    authorize: { principals: ['Service'], resource: 'System', id: () => systemId },
    assurance: 'none',
    groups: ['writeActions'],
    audit: { omit: [] },
    refusals: [],
    internal: true,
  }),
] as const

/** Emergency access: asked for, voted on, begun, ended and reviewed. */
export const breakGlassOperations = [
  ...requestOperations,
  ...voteOperations,
  ...ruleOperations,
  ...sessionOperations,
] as const
