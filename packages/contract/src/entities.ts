/** Cedar's entity types that operations act on. `System` is the whole of this Gatehouse. */
export const resourceTypes = [
  'System',
  'User',
  'Team',
  'Workspace',
  'Environment',
  'Session',
  'Authenticator',
  'ServiceAccount',
  'ApiToken',
  'Approval',
  'Lease',
  'SshHost',
  'SshKey',
  'SshCertificate',
  'KmsKey',
  'SecretRole',
  'AuditEntry',
  'BreakGlassRequest',
  'EmergencySession',
  'Incident',
] as const
export type ResourceType = (typeof resourceTypes)[number]

/** What lies in a workspace, and is asked about through it. */
export const typesInWorkspaces: readonly ResourceType[] = [
  'Lease',
  'SshHost',
  'SshKey',
  'SshCertificate',
  'KmsKey',
  'SecretRole',
]

export const principalTypes = ['User', 'Service', 'Anonymous'] as const
export type PrincipalType = (typeof principalTypes)[number]

/** The five roles. A database enum: no other spelling exists. */
export const roles = ['Admin', 'Developer', 'Operator', 'Viewer', 'Auditor'] as const
export type Role = (typeof roles)[number]

/** How strongly a session is proved: none < pw < mfa < su (second factor proved within `[mfa] step_up_max_age`). */
export const assurances = ['none', 'pw', 'mfa', 'su'] as const
export type Assurance = (typeof assurances)[number]

/** True when `have` reaches `need`. */
export const reaches = (have: Assurance, need: Assurance): boolean =>
  assurances.indexOf(have) >= assurances.indexOf(need)

/**
 * The operation that says whether a resource may be seen at all; null where the type has none: then the list that it
 * stands in says so, see `listOperationOf`.
 */
export const getOperationOf = {
  System: null,
  Environment: null,
  Session: null,
  Authenticator: null,
  SshCertificate: null,
  User: 'user.get',
  Team: 'team.get',
  ServiceAccount: 'serviceAccount.get',
  ApiToken: 'apiToken.get',
  Approval: 'approval.get',
  Workspace: 'workspace.get',
  Lease: 'lease.get',
  SshHost: 'sshHost.get',
  SshKey: 'sshKey.get',
  KmsKey: 'kmsKey.get',
  SecretRole: 'secretRole.get',
  AuditEntry: 'audit.get',
  BreakGlassRequest: 'breakGlass.get',
  EmergencySession: 'emergencySession.get',
  Incident: 'incident.get',
} as const satisfies Record<ResourceType, string | null>

/**
 * The list in which things without an operation of their own are seen, and which attribute of theirs it is decided on.
 * The System and its environments are in no list: everybody knows of them.
 */
export const listOperationOf = {
  Session: { operation: 'session.list', decidedOn: 'owner' },
  Authenticator: { operation: 'authenticator.list', decidedOn: 'owner' },
  SshCertificate: { operation: 'sshCertificate.list', decidedOn: 'workspace' },
} as const satisfies Partial<Record<ResourceType, { operation: string; decidedOn: 'owner' | 'workspace' }>>

/** The id of the one `System` entity. */
export const systemId = 'gatehouse'
