import type { Assurance } from '@gatehouse/contract'
import {
  baseContext,
  mergeEntities,
  ref,
  uid,
  type CedarEntity,
  type CedarValue,
  type Decider,
  type Decision,
  type DecisionRequest,
  type EntityUid,
  type Slice,
} from '@gatehouse/enforcement'

/** Where things of a type stand, as the schema says it of the type. */
export type Standing = 'workspace' | 'environment'

/** A thing of the platform, by what the platform says of it. Where it stands is looked up by the server. */
export interface PlatformResource {
  readonly type: string
  readonly id: string
  /** Facts of its type, as the schema has them; what is not there has no such fact. */
  readonly properties: Readonly<Record<string, CedarValue>>
  /** What its type says of where it stands, as attributes; absent: both. */
  readonly standing?: readonly Standing[]
  /** In what of these it lies; absent: in both. */
  readonly liesIn?: readonly Standing[]
}

/** A second person's yes to this very call, as the server found it. */
export interface GivenApproval {
  readonly id: string
  /** The Approval, and who gave it with their roles. */
  readonly entities: readonly CedarEntity[]
}

/** What the platform says of its own call: as much as the schema has fields for it. */
export type PlatformClaims = Readonly<Record<string, CedarValue>>

/** One call of the platform that policies are asked about. */
export interface PlatformQuestion {
  readonly action: string
  readonly resource: PlatformResource
  /** Who does it, with their roles and teams. */
  readonly subject: { readonly uid: EntityUid; readonly entities: readonly CedarEntity[] }
  readonly assurance: Assurance
  readonly apiToken: boolean
  /** The workspace that the resource stands in; it brings its environment and its calendar. */
  readonly workspace: Slice
  /** What is known of a thing of Gatehouse's own, however little; absent: it is none, and is what is said of it. */
  readonly known?: readonly CedarEntity[]
  /** Null: nobody has approved this very call. */
  readonly approval: GivenApproval | null
  readonly claims: PlatformClaims
  readonly now: Date
  readonly address: string
}

/** The request that Cedar is asked. What the server knows of place, people and approval the platform cannot say. */
export function platformRequest(question: PlatformQuestion): DecisionRequest {
  const { action, resource, subject, workspace, approval } = question
  const { entity, environment } = placed(resource, workspace)
  return {
    principal: subject.uid,
    action,
    resource: entity.uid,
    context: {
      ...baseContext({
        now: question.now,
        address: question.address,
        principalId: subject.uid.id,
        place: workspace.place ?? null,
        assurance: question.assurance,
        apiToken: question.apiToken,
      }),
      ...question.claims,
      ...(approval === null ? {} : { approval: ref('Approval', approval.id) }),
    },
    entities: mergeEntities(
      subject.entities,
      question.known ?? [entity],
      [environment],
      workspace.entities,
      approval === null ? [] : approval.entities,
    ),
  }
}

const everywhere: readonly Standing[] = ['workspace', 'environment']

/** A thing in its workspace, and in the environment that the workspace stands in: never in one that somebody claims. */
function placed(
  { type, id, properties, standing = everywhere, liesIn = everywhere }: PlatformResource,
  workspace: Slice,
): { readonly entity: CedarEntity; readonly environment: CedarEntity } {
  const own = workspace.entities.find((one) => one.uid.type === 'Workspace' && one.uid.id === workspace.resource.id)
  const environmentId = own?.parents.find((parent) => parent.type === 'Environment')?.id ?? ''
  const { tier = '', requiresMfa = true, requiresApproval = true } = own?.attrs ?? {}
  const environment = uid('Environment', environmentId)
  return {
    entity: {
      uid: uid(type, id),
      attrs: {
        ...properties,
        ...(standing.includes('workspace') ? { workspace: ref('Workspace', workspace.resource.id) } : {}),
        ...(standing.includes('environment') ? { environment: ref('Environment', environmentId) } : {}),
      },
      parents: [
        ...(liesIn.includes('workspace') ? [workspace.resource] : []),
        ...(liesIn.includes('environment') ? [environment] : []),
      ],
    },
    environment: { uid: environment, attrs: { tier, requiresMfa, requiresApproval }, parents: [] },
  }
}

/**
 * What whoever asks has to do so that the answer holds, or could do to get another. `mfa`: prove a second factor now.
 * `approval`: have this very call approved by a second person. `use-approval`: it is allowed by this approval; use it
 * up (`approval.use`) before doing the call, and do nothing where that is refused.
 */
export type Obligation =
  | { readonly kind: 'mfa' }
  | { readonly kind: 'approval' }
  | { readonly kind: 'use-approval'; readonly approval: string }

/** A decision, and what belongs to it. */
export interface PlatformOutcome {
  readonly decision: Decision
  readonly obligations: readonly Obligation[]
}

/** Decides one call, and says what it hangs on, by asking again as if that were done. */
export function decidePlatform(decider: Decider, question: PlatformQuestion): PlatformOutcome {
  const decide = (change: Partial<PlatformQuestion>): Decision =>
    decider.decide(platformRequest({ ...question, ...change }))
  const decision = decide({})
  if (decision.effect === 'allow') {
    const { approval } = question
    const needed = approval !== null && decide({ approval: null }).effect === 'deny'
    return { decision, obligations: needed ? [{ kind: 'use-approval', approval: approval.id }] : [] }
  }
  return { decision, obligations: wayOut(decide, question) }
}

/** The least that would make it allow: a factor, an approval, or both. Empty: nothing of these would. */
function wayOut(
  decide: (change: Partial<PlatformQuestion>) => Decision,
  question: PlatformQuestion,
): readonly Obligation[] {
  const [mfa, approval] = [{ kind: 'mfa' }, { kind: 'approval' }] as const
  const provable = question.subject.uid.type === 'User' && !question.apiToken
  const ways: readonly { readonly change: Partial<PlatformQuestion>; readonly obligations: readonly Obligation[] }[] = [
    ...(provable ? [{ change: { assurance: 'su' } as const, obligations: [mfa] }] : []),
    { change: { approval: imagined(question) }, obligations: [approval] },
    ...(provable
      ? [{ change: { assurance: 'su', approval: imagined(question) } as const, obligations: [mfa, approval] }]
      : []),
  ]
  return ways.find(({ change }) => decide(change).effect === 'allow')?.obligations ?? []
}

/** The best approval that there could be: another person's, an Admin's, with a ticket. */
function imagined({ subject, workspace, action }: PlatformQuestion): GivenApproval {
  const approver = uid('User', 'a-second-person')
  const role = uid('Role', 'Admin')
  return {
    id: 'an-approval',
    entities: [
      approvalOf({
        id: 'an-approval',
        action,
        requester: subject.uid.id,
        approver: approver.id,
        workspace,
        risk: 'high',
      }),
      { uid: approver, attrs: { hasAuthenticator: true }, parents: [role] },
      { uid: role, attrs: {}, parents: [] },
    ],
  }
}

/** An approval of a call in a workspace, as an entity. */
export const approvalOf = (facts: {
  readonly id: string
  readonly action: string
  readonly requester: string
  readonly approver: string
  readonly workspace: Slice
  readonly risk: string
  readonly ticket?: string
}): CedarEntity => ({
  uid: uid('Approval', facts.id),
  attrs: {
    action: facts.action,
    risk: facts.risk,
    requester: ref('User', facts.requester),
    approver: ref('User', facts.approver),
    ticket: facts.ticket ?? 'OPS-1',
    workspace: ref('Workspace', facts.workspace.resource.id),
  },
  parents: [facts.workspace.resource],
})
