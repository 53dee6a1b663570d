import type { Wire } from '@gatehouse/contract'
import { inMinutes } from './moments.ts'

const policySource =
  '@id("viewer-read-only")\n@doc("Viewers have read-only access, except to their own ' +
  'account.")\n@severity("high")\nforbid (principal, action, resource)\n' +
  'when { principal.roles == ["Viewer"] }\n' +
  'unless { action in [Action::"readActions", Action::"selfActions"] };'

/** Policies of the gallery. */
export const policies: Wire<'policy.list'>['items'] = [
  {
    id: 'viewer-read-only',
    effect: 'forbid',
    doc: 'Viewers have read-only access, except to their own account.',
    severity: 'high',
    file: 'production/roles.cedar',
    source: policySource,
    actions: ['lease.revoke', 'sshKey.generate', 'sshHost.register', 'user.create', 'team.create'],
    loadedAt: inMinutes(-600),
  },
  {
    id: 'operator-access',
    effect: 'permit',
    doc: 'Operators issue and revoke credentials in the workspaces of their teams.',
    severity: 'medium',
    file: 'production/roles.cedar',
    source:
      '@id("operator-access")\n@doc("Operators issue and revoke credentials in the workspaces of their teams.")\n' +
      '// a lease is where its workspace is\npermit (\n  principal in Role::"Operator",\n' +
      '  action in [Action::"sshKey.generate", Action::"sshKey.deploy", Action::"lease.revoke"],\n  resource\n)\n' +
      'when { resource has workspace && resource.workspace in principal.teams && context.hour >= 8 };',
    actions: ['sshKey.generate', 'sshKey.deploy', 'lease.revoke'],
    loadedAt: inMinutes(-600),
  },
  {
    id: 'sensitive-needs-fresh-factor',
    effect: 'forbid',
    doc: 'Sensitive actions need a second factor proved in the last five minutes.',
    severity: 'critical',
    file: 'production/assurance.cedar',
    source: 'forbid (principal, action, resource);',
    actions: ['user.create', 'policy.publish'],
    loadedAt: inMinutes(-600),
  },
]

/** Whether the newest policies are in force, in the gallery. */
export const policyStatus: Wire<'policy.status'> = {
  version: '5f1c0a9b77e3d2',
  schemaVersion: '90ab12cd34ef56',
  loadedAt: inMinutes(-600),
  policies: 3,
  lastError: 'production/roles.cedar:14: unexpected token `permitt`',
  lastErrorAt: inMinutes(-2),
  warnings: [{ file: 'production/ssh.cedar', line: 12, message: 'string contains mixed scripts' }],
  pin: null,
  nodes: [
    {
      node: 'gateway-8420',
      version: '5f1c0a9b77e3d2',
      loadedAt: inMinutes(-600),
      seenAt: inMinutes(0),
      lastError: null,
      lastErrorAt: null,
    },
    {
      node: 'gateway-b',
      version: '0c33fe9a127b40',
      loadedAt: inMinutes(-6000),
      seenAt: inMinutes(-0.2),
      lastError: null,
      lastErrorAt: null,
    },
    {
      node: 'gateway-c',
      version: '5f1c0a9b77e3d2',
      loadedAt: inMinutes(-600),
      seenAt: inMinutes(-0.1),
      lastError: 'production/roles.cedar:14: unexpected token `permitt`',
      lastErrorAt: inMinutes(-2),
    },
  ],
}

type Change = Wire<'policy.history'>['items'][number]
type Decision = Wire<'decision.list'>['items'][number]

const roles = `// Who may do what, by role.
${policies[0]?.source}

${policies[1]?.source}
`
const schema = 'entity User in [Role, Team] { assurance: String };\nentity Role, Team;\n'

/** The policies in force, as files. */
export const files: Wire<'policy.files'> = {
  version: '5f1c0a9b77e3d2',
  files: [
    { path: 'production/assurance.cedar', text: `${policies[2]?.source}\n` },
    { path: 'production/roles.cedar', text: roles },
    { path: 'schema/entities.cedarschema', text: schema },
  ],
}
/** The same before somebody opened operators' hours. */
export const olderFiles: Wire<'policy.files'> = {
  version: '0c33fe9a127b40',
  files: [
    { path: 'development/trial.cedar', text: 'permit (principal, action, resource);\n' },
    { path: 'production/assurance.cedar', text: `${policies[2]?.source}\n` },
    { path: 'production/roles.cedar', text: roles.replace('context.hour >= 8', 'context.hour >= 10') },
    { path: 'schema/entities.cedarschema', text: schema },
  ],
}

/** Policy sets that came into force. */
export const history: readonly Change[] = [
  {
    id: 'pc3',
    at: inMinutes(-600),
    kind: 'published',
    version: files.version,
    policies: 3,
    changedBy: 'u2',
    reason: 'operators begin at eight, OPS-88',
    inForce: true,
  },
  {
    id: 'pc2',
    at: inMinutes(-6000),
    kind: 'files',
    version: olderFiles.version,
    policies: 4,
    changedBy: null,
    reason: null,
    inForce: false,
  },
  {
    id: 'pc1',
    at: inMinutes(-40_000),
    kind: 'rolledBack',
    version: '77aa01cd9e8b21',
    policies: 4,
    changedBy: 'u2',
    reason: 'locked the auditors out',
    inForce: false,
  },
]

const callers = ['stranger', 'Admin', 'Developer', 'Operator', 'Viewer', 'Auditor', 'worker', 'other service']
const row = (operation: string, floor: string, may: readonly string[]): Wire<'policy.matrix'>['rows'][number] => ({
  operation,
  floor,
  permissions: callers.map((caller, index) => ({ caller, may: may[index] ?? '' })),
})

/** Who may do what, in the gallery. */
export const matrix: Wire<'policy.matrix'> = {
  policyVersion: files.version,
  rows: [
    row(
      'auth.login',
      'none',
      callers.map(() => 'yes'),
    ),
    row('session.list', 'pw', ['', 'all*, own', 'own', 'own', 'own', 'all*, own']),
    row('user.create', 'su', ['', 'yes*', '–', '–', '–', '–']),
    row('user.list', 'pw', ['', 'yes', '–', 'yes', '–', 'yes']),
    row('team.get', 'pw', ['', 'all', 'team', 'all', 'team', 'all']),
    row('sshHost.register', 'su', ['', 'all*', '–', 'team*', '–', '–']),
    row('lease.revoke', 'mfa', ['', 'all', 'own', 'team', '–', '–', 'all', '–']),
    row('audit.anonymize', 'su', ['', 'yes*', '–', '–', '–', '–']),
    row('policy.publish', 'su', ['', 'yes*', '–', '–', '–', '–']),
  ],
}

const decision = (id: string, at: number, more: Partial<Decision>): Decision => ({
  id,
  at: inMinutes(at),
  principal: { type: 'User', id: 'u1' },
  action: 'sshKey.generate',
  resource: { type: 'SshHost', id: 'h1' },
  workspace: 'default',
  outcome: 'allowed',
  effect: 'allow',
  policies: ['operator-access'],
  policyVersion: files.version,
  replayable: true,
  ...more,
})

/** Decisions of the gallery, newest first. */
export const decisions: readonly Decision[] = [
  decision('d1', -2, {
    principal: { type: 'User', id: 'u7' },
    action: 'sshHost.register',
    outcome: 'refused',
    effect: 'deny',
    policies: ['viewer-read-only'],
  }),
  decision('d2', -4, {}),
  decision('d3', -9, { action: 'lease.revoke', resource: { type: 'Lease', id: 'l1' } }),
  decision('d4', -31, {
    principal: { type: 'Service', id: 'ci-deploy' },
    action: 'lease.list',
    resource: { type: 'Workspace', id: 'edge' },
    outcome: 'refused',
    effect: 'deny',
    policies: [],
    replayable: false,
  }),
]

/** The receipt of a decision of the gallery. */
export const receiptOf = (id: unknown): Wire<'decision.get'> => {
  const found = decisions.find((one) => one.id === id) ?? decision('d1', -2, {})
  const request = {
    principal: found.principal,
    action: { type: 'Action', id: found.action },
    resource: found.resource,
    context: { hour: 9, weekend: false, onCall: true, apiToken: false, network: 'corporate', reason: '' },
    entities: [
      {
        uid: found.principal,
        attrs: { assurance: 'mfa', teams: [{ __entity: { type: 'Team', id: 'sre' } }] },
        parents: [{ type: 'Role', id: 'Viewer' }],
      },
      { uid: found.resource, attrs: { workspace: { __entity: { type: 'Workspace', id: 'default' } } }, parents: [] },
    ],
  }
  return {
    ...found,
    request: found.replayable ? JSON.stringify(request) : null,
    missing: found.replayable ? null : 'what it knew of the caller was erased',
    files: files.files,
    entry: '{}',
  }
}

const flip = (entryId: string, would: 'allow' | 'deny', id: string): Wire<'policy.simulate'>['flips'][number] => ({
  entryId,
  at: inMinutes(-90),
  principal: { type: 'User', id },
  action: would === 'allow' ? 'team.get' : 'sshKey.generate',
  resource: { type: 'SshHost', id: 'h1' },
  was: would === 'allow' ? 'deny' : 'allow',
  would,
  wasBy: would === 'allow' ? [] : ['operator-access'],
  wouldBy: would === 'allow' ? ['operator-access'] : [],
  errors: entryId === 'd3' ? ['key-hours'] : [],
})

/** What a candidate of the gallery would change, in each part of a period. */
export const simulation: Wire<'policy.simulate'> = {
  policyVersion: '9d20c1b7aa6f10',
  decisions: 311,
  notReplayable: 2,
  flipped: 3,
  principals: [
    { principal: { type: 'User', id: 'u1' }, gains: 0, losses: 2 },
    { principal: { type: 'User', id: 'u7' }, gains: 1, losses: 0 },
  ],
  flips: [flip('d2', 'deny', 'u1'), flip('d3', 'deny', 'u1'), flip('d1', 'allow', 'u7')],
}

/** Policies that decide beside those in force, in the gallery. */
export const shadowReport: Wire<'policy.shadowReport'> = {
  shadow: {
    id: 'sh1',
    at: inMinutes(-1300),
    version: '9d20c1b7aa6f10',
    policies: 3,
    setBy: 'u2',
    reason: 'try longer hours before we publish them',
  },
  decided: 4120,
  dropped: 0,
  errored: 0,
  newlyAllowed: 31,
  newlyDenied: 2,
  unlisted: 0,
  flips: [
    {
      would: 'allow',
      policies: ['operator-access'],
      wasPolicies: [],
      errors: [],
      action: 'sshKey.generate',
      principal: { type: 'User', id: 'u1' },
      count: 31,
      firstAt: inMinutes(-1200),
      lastAt: inMinutes(-12),
      exampleId: 'd2',
    },
    {
      would: 'deny',
      policies: [],
      wasPolicies: ['operator-access'],
      errors: [],
      action: 'lease.revoke',
      principal: { type: 'Service', id: 'ci-deploy' },
      count: 2,
      firstAt: inMinutes(-700),
      lastAt: inMinutes(-300),
      exampleId: 'd4',
    },
  ],
  nodes: [
    {
      node: 'gateway-8420',
      since: inMinutes(-1300),
      seenAt: inMinutes(-0.1),
      decided: 4120,
      dropped: 0,
      errored: 0,
      problem: null,
    },
  ],
}
/** No shadow set, in the gallery. */
export const noShadow: Wire<'policy.shadowReport'> = {
  ...shadowReport,
  shadow: null,
  decided: 0,
  newlyAllowed: 0,
  newlyDenied: 0,
  flips: [],
  nodes: [],
}
