import {
  operations,
  roles,
  systemId,
  type Assurance,
  type ContextType,
  type ContextValue,
  type OperationName,
  type ResourceType,
  type Role,
} from '@gatehouse/contract'
import {
  anonymous,
  baseContext,
  mergeEntities,
  principalEntities,
  ref,
  uid,
  type CedarEntity,
  type CedarValue,
  commonHoursText,
  readHours,
  type DecisionRequest,
  type Place,
  type Principal,
} from '@gatehouse/enforcement'

/** Who may be imagined to call: the roles, a stranger, the worker, and a service that is not the worker. */
export const callers = ['Anonymous', ...roles, 'worker', 'service'] as const
export type CallerName = (typeof callers)[number]

/** Whose the resource is: the caller's own; another's, where the caller's team sees it; another's, out of its sight. */
export const ownerships = ['own', 'team', 'foreign'] as const
export type Ownership = (typeof ownerships)[number]

/** A call that policies can be asked about without a server. */
export interface Situation {
  readonly caller: CallerName
  readonly call: OperationName
  readonly whose: Ownership
  readonly tier: 'development' | 'staging' | 'production'
  readonly assurance: Assurance
  /** A list of the caller's own rows only. */
  readonly ownOnly: boolean
  /** A backup code opened the session minutes ago. */
  readonly recovery?: boolean
  /** An API token proved the caller, not a log-in. */
  readonly apiToken?: boolean
  /** An emergency session of the caller proved them. */
  readonly emergency?: boolean
  /** The host takes bare account names. */
  readonly unboundHost?: boolean
  /** The approval is of something on the platform, in the workspace, and of this risk. */
  readonly approvalRisk?: 'low' | 'medium' | 'high' | undefined
  /** The caller approved the emergency session. */
  readonly approvedByCaller?: boolean
  /** The approval is about the caller's own account. */
  readonly aboutSelf?: boolean
  /** Facts of the input that differ from the sample. */
  readonly input?: Readonly<Record<string, ContextValue>>
  readonly enrolled: boolean
  readonly at: Date
  /** What the calendar and the environment of the workspace say, where it matters. */
  readonly place?: Partial<SituationPlace>
}

/** A workspace's calendar as a case says it. */
export interface SituationPlace {
  readonly timeZone: string
  readonly businessHours: readonly string[]
  readonly holidays: readonly string[]
  /** The caller is on call at that moment. */
  readonly onCall: boolean
  /** The workspace has networks of its own, and the caller is in none of them. */
  readonly outsideNetwork: boolean
  readonly requiresMfa: boolean
  readonly requiresApproval: boolean
}

const myTeam = 'team-of-the-caller'
const otherTeam = 'team-of-others'
const otherPerson = 'another-person'
const thirdPerson = 'a-third-person'
const workspaceId = 'workspace'
const itself = 'the-resource'

/** The request that enforcement would make in this situation. */
export function requestIn(situation: Situation): DecisionRequest {
  const principal = principalIn(situation)
  const { authorize } = operations[situation.call]
  const [resource, ...others] = resourceIn(situation, authorize.resource, principal)
  return {
    principal: uid(principal.type, principal.id),
    action: situation.call,
    resource: resource.uid,
    context: {
      ...baseContext({
        now: situation.at,
        address: '192.0.2.7',
        principalId: principal.id,
        place: isPlaced(others, resource) ? placeIn(situation, principal) : null,
        assurance: situation.assurance,
        apiToken: situation.apiToken ?? false,
        emergency: situation.emergency === true ? emergencyIn(situation) : null,
        ownOnly: situation.ownOnly,
        recovery: situation.recovery ?? false,
      }),
      ...inputContext(authorize.contextTypes ?? {}),
      ...situation.input,
    },
    entities: mergeEntities(principalEntities(principal), [resource, ...others]),
  }
}

const emergencyIn = ({ call, at }: Situation) => ({
  id: 'emergency-session',
  workspace: workspaceId,
  actions: [call],
  incident: 'INC-7',
  expiresAt: at,
})

const isPlaced = (others: readonly CedarEntity[], resource: CedarEntity): boolean =>
  [resource, ...others].some(({ uid: { type } }) => type === 'Workspace')

const placeIn = ({ at, place = {} }: Situation, principal: Principal): Place => ({
  timeZone: place.timeZone ?? 'UTC',
  businessHours: readHours(place.businessHours ?? commonHoursText),
  holidays: place.holidays ?? [],
  onCall: place.onCall === true ? [{ userId: principal.id, from: at, to: new Date(at.getTime() + 1) }] : [],
  networks: place.outsideNetwork === true ? ['198.51.100.0/24'] : [],
})

const sampleInput: Readonly<Record<ContextType, ContextValue>> = {
  String: 'deploy',
  Long: 3600,
  Bool: false,
  'Set<String>': ['deploy'],
}

/**
 * Where the sample of its type would say something special: without a program named, a token is the caller's own;
 * without a tier, an environment keeps the one it has.
 */
const sampleFields: Readonly<Record<string, ContextValue>> = { serviceAccount: '', tier: '' }

const inputContext = (types: Readonly<Record<string, ContextType>>): Record<string, ContextValue> =>
  Object.fromEntries(Object.entries(types).map(([name, type]) => [name, sampleFields[name] ?? sampleInput[type]]))

function principalIn({ caller, enrolled, at, assurance }: Situation): Principal {
  if (caller === 'Anonymous') return anonymous
  if (caller === 'worker') return { type: 'Service', id: caller, name: caller, bound: true }
  // what is not bound has the assurance of a password
  if (caller === 'service')
    return {
      type: 'Service',
      id: caller,
      name: caller,
      bound: assurance !== 'pw',
      teams: [{ id: myTeam, name: 'mine' }],
    }
  return userOf(caller, enrolled, at)
}

const userOf = (role: Role, hasAuthenticator: boolean, at: Date): Principal => ({
  type: 'User',
  id: 'the-caller',
  username: 'caller',
  displayName: 'Caller',
  roles: [role],
  teams: [{ id: myTeam, name: 'mine' }],
  hasAuthenticator,
  missing: [],
  tokenId: 'token',
  session: { id: 'session', assurance: 'mfa', provedAt: at, authTime: at, expiresAt: at, methods: ['pwd', 'otp'] },
})

type Built = readonly [CedarEntity, ...CedarEntity[]]

/** One builder per resource type, total; the same shapes as the slice loaders give. */
const builders: Readonly<Record<ResourceType, (situation: Situation, principal: Principal) => Built>> = {
  System: () => [{ uid: uid('System', systemId), attrs: {}, parents: [] }],
  User: ({ whose }, principal) => [
    whose === 'own' ? personOf(principal.id, []) : personOf(otherPerson, [uid('Team', otherTeam)]),
  ],
  Team: ({ whose }) => [{ uid: uid('Team', whose === 'foreign' ? otherTeam : myTeam), attrs: {}, parents: [] }],
  Workspace: (situation) => [workspaceIn(situation)],
  Environment: ({ tier, place }) => [{ uid: uid('Environment', tier), attrs: demandsOf(tier, place), parents: [] }],
  Session: ({ whose }, principal) => [
    ownedThing('Session', { owner: ref('User', whose === 'own' ? principal.id : otherPerson) }),
  ],
  Authenticator: ({ whose }, principal) => [
    ownedThing('Authenticator', { owner: ref('User', whose === 'own' ? principal.id : otherPerson) }),
  ],
  ServiceAccount: ({ whose }) => [
    { uid: uid('ServiceAccount', itself), attrs: {}, parents: [uid('Team', whose === 'foreign' ? otherTeam : myTeam)] },
  ],
  ApiToken: ({ whose }, principal) => [
    ownedThing('ApiToken', { owner: ref('User', whose === 'own' ? principal.id : otherPerson) }),
  ],
  Approval: (situation, principal) => {
    const requester = ref('User', situation.whose === 'own' ? principal.id : otherPerson)
    return situation.approvalRisk === undefined
      ? [
          ownedThing('Approval', {
            requester,
            subject: ref('User', situation.aboutSelf === true ? principal.id : thirdPerson),
            action: 'mfa.reset',
            risk: 'high',
          }),
        ]
      : inWorkspace('Approval', situation, { requester, action: 'deploy', risk: situation.approvalRisk })
  },
  Lease: (situation, principal) =>
    inWorkspace('Lease', situation, { backend: 'ssh-certificate', ...ownerOf(situation, principal) }),
  SshHost: (situation) => inWorkspace('SshHost', situation, { unbound: situation.unboundHost ?? false }),
  SshKey: (situation, principal) => inWorkspace('SshKey', situation, ownerOf(situation, principal)),
  SshCertificate: (situation, principal) => inWorkspace('SshCertificate', situation, ownerOf(situation, principal)),
  KmsKey: (situation) => inWorkspace('KmsKey', situation, {}),
  SecretRole: (situation) =>
    inWorkspace('SecretRole', situation, { backend: 'postgres', revocability: 'deletes', revokedWithinSeconds: 0 }),
  AuditEntry: (situation, principal) => inWorkspace('AuditEntry', situation, ownerOf(situation, principal)),
  BreakGlassRequest: (situation, principal) =>
    inWorkspace('BreakGlassRequest', situation, {
      requester: ref('User', situation.whose === 'own' ? principal.id : otherPerson),
    }),
  Incident: ({ whose }, principal) => [
    ownedThing('Incident', { opener: ref('User', whose === 'own' ? principal.id : otherPerson) }),
  ],
  EmergencySession: (situation, principal) =>
    inWorkspace('EmergencySession', situation, {
      owner: ref('User', situation.whose === 'own' ? principal.id : otherPerson),
      approvers: [ref('User', situation.approvedByCaller === true ? principal.id : thirdPerson)],
    }),
}

const resourceIn = (situation: Situation, type: ResourceType, principal: Principal): Built =>
  builders[type](situation, principal)

const personOf = (id: string, parents: CedarEntity['parents']): CedarEntity => ({
  uid: uid('User', id),
  attrs: { hasAuthenticator: true },
  parents,
})

const ownedThing = (type: ResourceType, attrs: CedarEntity['attrs']): CedarEntity => ({
  uid: uid(type, itself),
  attrs,
  parents: [],
})

const ownerOf = ({ whose }: Situation, principal: Principal): Record<string, CedarValue> => {
  if (whose !== 'own') return { owner: ref('User', otherPerson) }
  return principal.type === 'Service'
    ? { ownerService: ref('Service', principal.id) }
    : { owner: ref('User', principal.id) }
}

/** As the migration makes the environments, where the case says nothing else. */
const demandsOf = (tier: Situation['tier'], place: Situation['place']): Record<string, CedarValue> => ({
  tier,
  requiresMfa: place?.requiresMfa ?? tier === 'production',
  requiresApproval: place?.requiresApproval ?? tier === 'production',
})

const workspaceIn = ({ whose, tier, place }: Situation): CedarEntity => ({
  uid: uid('Workspace', workspaceId),
  attrs: { ...demandsOf(tier, place), teams: [ref('Team', whose === 'foreign' ? otherTeam : myTeam)] },
  parents: [uid('Environment', tier)],
})

const inWorkspace = (type: ResourceType, situation: Situation, attrs: Record<string, CedarValue>): Built => [
  {
    uid: uid(type, itself),
    attrs: { workspace: ref('Workspace', workspaceId), ...attrs },
    parents: [uid('Workspace', workspaceId)],
  },
  workspaceIn(situation),
]
