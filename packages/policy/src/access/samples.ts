import {
  BackendName,
  EnvironmentName,
  roles,
  SecretBackendKind,
  systemId,
  type ResourceType,
} from '@gatehouse/contract'
import {
  ref,
  uid,
  type CedarEntity,
  type CedarValue,
  type EntityUid,
  type Principal,
  type Slice,
} from '@gatehouse/enforcement'

/** A thing that the caller might act on, as a slice loader would give it. */
export interface Sample {
  readonly resource: EntityUid
  readonly entities: readonly CedarEntity[]
}

/** Ids that no row has: what is not the caller's own. */
const other = 'another'
const otherTeam = 'a-team-without-the-caller'

/** What stands above workspaces, and what stands in one (`workspace`): one sample for each way to be related to it. */
export function samplesOf(type: ResourceType, principal: Principal, workspace: Slice | null): readonly Sample[] {
  if (type === 'Workspace') return workspace === null ? [] : [{ ...workspace }]
  if (isPlaced(type)) return placed[type](principal).flatMap((attrs) => inWorkspace(type, attrs, workspace))
  const alone = unplaced[type](principal).map((entity): Sample => ({ resource: entity.uid, entities: [entity] }))
  return type === 'Approval' ? [...alone, ...platformApprovals(principal)] : alone
}

/** The same samples, under an id that a policy names: it may mean that very thing. */
export const underId = (samples: readonly Sample[], id: string): Sample[] =>
  samples.map(({ resource, entities }) => {
    const renamed = uid(resource.type, id)
    return {
      resource: renamed,
      entities: entities.map((entity) => (entity.uid === resource ? { ...entity, uid: renamed } : entity)),
    }
  })

const placedTypes = [
  'Lease',
  'SshHost',
  'SshKey',
  'SshCertificate',
  'KmsKey',
  'SecretRole',
  'AuditEntry',
  'BreakGlassRequest',
  'EmergencySession',
] as const
type PlacedType = (typeof placedTypes)[number]
type UnplacedType = Exclude<ResourceType, PlacedType | 'Workspace'>

const isPlaced = (type: ResourceType): type is PlacedType => (placedTypes as readonly string[]).includes(type)

/** True for what is decided within a workspace, itself included. */
export const isInWorkspace = (type: ResourceType): boolean => type === 'Workspace' || isPlaced(type)

type Attrs = CedarEntity['attrs']

/** The caller's own; another person's; a program's. */
function owners(principal: Principal): Attrs[] {
  const others: Attrs[] = [{ owner: ref('User', other) }, { ownerService: ref('Service', other) }]
  if (principal.type === 'User') return [{ owner: ref('User', principal.id) }, ...others]
  return principal.type === 'Service' ? [{ ownerService: ref('Service', principal.id) }, ...others] : others
}

/** At once, after some minutes, and not before its end. */
const revocations = [
  { revocability: 'deletes', revokedWithinSeconds: 0 },
  { revocability: 'denies', revokedWithinSeconds: 300 },
  { revocability: 'expires-only', revokedWithinSeconds: 3600 },
]

const placed: Readonly<Record<PlacedType, (principal: Principal) => Attrs[]>> = {
  Lease: (principal) =>
    owners(principal).flatMap((owner) => BackendName.options.map((backend) => ({ ...owner, backend }))),
  SshHost: () => [{ unbound: false }, { unbound: true }],
  SshKey: owners,
  SshCertificate: owners,
  KmsKey: () => [{}],
  SecretRole: () =>
    SecretBackendKind.options.flatMap((backend) => revocations.map((revocation) => ({ backend, ...revocation }))),
  AuditEntry: (principal) => [...owners(principal), {}],
  BreakGlassRequest: (principal) => [principal.id, other].map((id) => ({ requester: ref('User', id) })),
  EmergencySession: (principal) =>
    [principal.id, other].flatMap((owner) =>
      [principal.id, other].map((approver) => ({ owner: ref('User', owner), approvers: [ref('User', approver)] })),
    ),
}

/** Only an audit entry may stand in no workspace. */
function inWorkspace(type: PlacedType, attrs: Attrs, workspace: Slice | null): Sample[] {
  const resource = uid(type, other)
  if (workspace === null)
    return type === 'AuditEntry' ? [{ resource, entities: [{ uid: resource, attrs, parents: [] }] }] : []
  const place = { workspace: ref('Workspace', workspace.resource.id) }
  const entity = { uid: resource, attrs: { ...attrs, ...place }, parents: [workspace.resource] }
  return [{ resource, entities: [entity, ...workspace.entities] }]
}

const entityOf = (type: string, id: string, rest: Partial<Pick<CedarEntity, 'attrs' | 'parents'>>): CedarEntity => ({
  uid: uid(type, id),
  attrs: rest.attrs ?? {},
  parents: rest.parents ?? [],
})

const teamsOf = (principal: Principal): string[] =>
  principal.type === 'Anonymous' ? [] : (principal.teams ?? []).map(({ id }) => id)

const ownedByPeople = (type: 'Session' | 'Authenticator', principal: Principal): CedarEntity[] =>
  [principal.id, other].map((owner) => entityOf(type, other, { attrs: { owner: ref('User', owner) } }))

const approvalOf = (requester: string, subject: string): CedarEntity => {
  const attrs: Record<string, CedarValue> = {
    requester: ref('User', requester),
    subject: ref('User', subject),
    action: 'mfa.reset',
    risk: 'high',
  }
  return entityOf('Approval', other, { attrs })
}

/** Approvals of what is done on the platform, where the caller's teams are and where they are not. */
function platformApprovals(principal: Principal): Sample[] {
  const id = 'a-workspace'
  const teams = [teamsOf(principal), [otherTeam]].map((ids) => ids.map((team) => ref('Team', team)))
  const demands = { tier: 'production', requiresMfa: true, requiresApproval: true }
  return teams.flatMap((seenBy) =>
    [principal.id, other].flatMap((requester) =>
      ['medium', 'high'].map((risk): Sample => {
        const place = { workspace: ref('Workspace', id), action: 'deploy', risk, requester: ref('User', requester) }
        const approval = entityOf('Approval', other, { attrs: place, parents: [uid('Workspace', id)] })
        const workspace = entityOf('Workspace', id, { attrs: { ...demands, teams: seenBy } })
        return { resource: approval.uid, entities: [approval, workspace] }
      }),
    ),
  )
}

const environments = EnvironmentName.options

const unplaced: Readonly<Record<UnplacedType, (principal: Principal) => CedarEntity[]>> = {
  System: () => [entityOf('System', systemId, {})],
  // of a person, of the caller, and opened by an alert or a program
  Incident: (principal) => [
    ...[principal.id, other].flatMap((id) =>
      ['opener', 'owner'].map((part) => entityOf('Incident', other, { attrs: { [part]: ref('User', id) } })),
    ),
    entityOf('Incident', other, {}),
  ],
  Environment: () =>
    environments.flatMap((id) =>
      [false, true].map((demanding) =>
        entityOf('Environment', id, { attrs: { tier: id, requiresMfa: demanding, requiresApproval: demanding } }),
      ),
    ),
  User: (principal) => [
    entityOf('User', principal.id, { attrs: { hasAuthenticator: true } }),
    entityOf('User', other, { attrs: { hasAuthenticator: false } }),
    ...roles.map((role) =>
      entityOf('User', other, {
        attrs: { hasAuthenticator: true },
        parents: [uid('Role', role), uid('Team', otherTeam)],
      }),
    ),
    ...teamsOf(principal).map((team) =>
      entityOf('User', other, { attrs: { hasAuthenticator: true }, parents: [uid('Team', team)] }),
    ),
  ],
  Team: (principal) => [...teamsOf(principal), otherTeam].map((team) => entityOf('Team', team, {})),
  Session: (principal) => ownedByPeople('Session', principal),
  Authenticator: (principal) => ownedByPeople('Authenticator', principal),
  ServiceAccount: (principal) => [
    ...(principal.type === 'Service' ? [entityOf('ServiceAccount', principal.id, {})] : []),
    ...[...teamsOf(principal), otherTeam].map((team) =>
      entityOf('ServiceAccount', other, { parents: [uid('Team', team)] }),
    ),
  ],
  ApiToken: (principal) => [
    ...[principal.id, other].map((owner) => entityOf('ApiToken', other, { attrs: { owner: ref('User', owner) } })),
    ...[principal.id, other].map((owner) =>
      entityOf('ApiToken', other, { attrs: { ownerService: ref('ServiceAccount', owner) } }),
    ),
  ],
  Approval: (principal) => [
    approvalOf(principal.id, other),
    approvalOf(other, principal.id),
    approvalOf(other, 'a-third-person'),
  ],
}
