import type { Wire } from '@gatehouse/contract'
import { inMinutes } from './moments.ts'

type Detail = Wire<'breakGlass.get'>
type Emergency = Wire<'emergencySession.get'>

const documentOf = (id: string, requester = { id: 'u2', name: 'grace' }): string =>
  JSON.stringify({
    actions: ['sshHost.list', 'sshCertificate.sign'],
    at: inMinutes(-6),
    drill: id === 'bg5',
    durationSeconds: 3600,
    id,
    incident: 'INC-7 payments fail',
    justification: 'The database host of the shop does not answer since 02:40; I will look at its disk and restart it.',
    requester,
    severity: 'critical',
    type: 'gatehouse.break-glass.request',
    v: 1,
    version: 1,
    workspace: { environment: 'production', id: 'shop', name: 'shop' },
  })

async function hashOf(text: string): Promise<string> {
  const digest = await crypto.subtle.digest('SHA-256', new TextEncoder().encode(text))
  return [...new Uint8Array(digest)].map((byte) => byte.toString(16).padStart(2, '0')).join('')
}

const detail = (id: string, over: Partial<Detail> = {}): Detail => ({
  id,
  state: 'pending',
  hash: '',
  version: 1,
  requester: 'u2',
  requesterName: 'grace',
  incident: 'INC-7 payments fail',
  incidentId: 'in1',
  severity: 'critical',
  justification: 'The database host of the shop does not answer since 02:40; I will look at its disk and restart it.',
  workspace: 'shop',
  workspaceName: 'shop',
  environment: 'production',
  actions: ['lease.issue', 'sshCertificate.sign', 'sshHost.list'],
  durationSeconds: 3600,
  createdAt: inMinutes(-6),
  secondsLeft: 3240,
  approvals: [
    { principal: 'boris', principalId: 'u3', team: 'dba', at: inMinutes(-3), method: 'webauthn', uncounted: null },
    { principal: 'temp', principalId: 'u9', team: null, at: inMinutes(-2), method: 'totp', uncounted: 'is disabled' },
  ],
  denials: [],
  missing: 1,
  session: null,
  drill: false,
  drillSteps: null,
  drillScore: null,
  closedReason: null,
  workflowUrl: null,
  document: documentOf(id),
  address: '10.0.0.17',
  userAgent: 'Mozilla/5.0 (X11; Linux x86_64; rv:150.0) Gecko/20100101 Firefox/150.0',
  reach: {
    hosts: ['db-1', 'db-2', 'web-1'],
    hostCount: 3,
    accounts: ['deploy', 'backup'],
    actions: [
      { name: 'lease.issue', summary: 'Issue a credential of a role, under a lease. It is shown once.' },
      { name: 'sshHost.list', summary: 'Registered hosts and whether they are reachable.' },
      { name: 'sshCertificate.sign', summary: 'Sign your public key for a host: a short-lived certificate.' },
    ],
  },
  roles: [{ name: 'shop-read', backend: 'shop-db', grants: ['reader'] }],
  voters: [{ principal: 'ada', principalId: 'u1', teams: ['sre'] }],
  whyNotYou: null,
  ...over,
})

/** Requests for emergency access of the gallery. */
export const requests: readonly Detail[] = [
  detail('bg1'),
  detail('bg2', {
    requester: 'u1',
    requesterName: 'ada',
    document: documentOf('bg2', { id: 'u1', name: 'ada' }),
    state: 'approved',
    missing: 0,
    secondsLeft: 1500,
  }),
  detail('bg3', {
    state: 'denied',
    approvals: [],
    denials: [
      { principal: 'ada', principalId: 'u1', team: 'sre', at: inMinutes(-50), reason: 'nobody knows of an incident' },
      { principal: 'boris', principalId: 'u3', team: 'dba', at: inMinutes(-48), reason: 'the database is up' },
    ],
    secondsLeft: null,
  }),
  detail('bg5', {
    incident: 'drill',
    incidentId: null,
    severity: 'high',
    drill: true,
    drillSteps: { firstVoteSeconds: 95, approvedSeconds: null, activationSeconds: null },
  }),
  detail('bg4', { approvals: [], missing: null, voters: [], whyNotYou: 'is only in teams of the person who asked' }),
]

/** A request whose document has the hash that it should. */
export async function requestOf(id: unknown): Promise<Detail> {
  const found = requests.find((one) => one.id === id) ?? detail('bg1')
  return { ...found, hash: await hashOf(found.document) }
}

const session = (id: string, over: Partial<Emergency> = {}): Emergency => ({
  id,
  request: 'bg1',
  state: 'active',
  endedBy: null,
  endReason: null,
  requester: 'u1',
  requesterName: 'ada',
  incident: 'INC-7 payments fail',
  incidentId: 'in1',
  severity: 'critical',
  workspace: 'shop',
  workspaceName: 'shop',
  actions: ['sshHost.list', 'sshCertificate.sign'],
  approvers: ['boris', 'grace'],
  activatedAt: inMinutes(-19),
  expiresAt: inMinutes(41),
  secondsLeft: 2460,
  endedAt: null,
  reviewDueAt: null,
  review: null,
  workflowUrl: null,
  ...over,
})

const ended = { state: 'ended', endedBy: 'revoked', endReason: 'the database is back', secondsLeft: 0 } as const

/** Emergency sessions of the gallery. */
export const sessions: readonly Emergency[] = [
  session('es1'),
  session('es2', {
    ...ended,
    requester: 'u2',
    requesterName: 'grace',
    approvers: ['boris', 'carla'],
    activatedAt: inMinutes(-240),
    endedAt: inMinutes(-200),
    reviewDueAt: inMinutes(2680),
  }),
  session('es3', {
    ...ended,
    activatedAt: inMinutes(-9030),
    endedAt: inMinutes(-9000),
    reviewDueAt: inMinutes(-6120),
    review: {
      at: inMinutes(-8000),
      reviewer: 'carla',
      needed: true,
      summary: 'The disk of db-1 was full; it was cleared and the service restarted.',
      followUps: [{ text: 'alert on disks above 80 %', owner: 'boris', dueAt: inMinutes(9000) }],
      rotate: ['database password of the shop'],
    },
  }),
]

/** What was done in an emergency session of the gallery. */
export const deeds: Wire<'emergencySession.audit'> = {
  deeds: [
    { entry: 'e1', at: inMinutes(-18), action: 'sshHost.list', outcome: 'allowed', resourceType: null, resource: null },
    {
      entry: 'e2',
      at: inMinutes(-17),
      action: 'sshCertificate.sign',
      outcome: 'allowed',
      resourceType: null,
      resource: null,
    },
    {
      entry: 'e3',
      at: inMinutes(-9),
      action: 'sshCertificate.sign',
      outcome: 'allowed',
      resourceType: null,
      resource: null,
    },
  ],
  credentials: ['l1'],
}

/** The approval rule of the gallery. */
export const rule: Wire<'breakGlass.ruleGet'> = {
  rule: { people: 2, roles: ['Admin', 'Operator'] },
  totpAdmitted: true,
  updatedAt: null,
  updatedBy: null,
  satisfiable: true,
  problem: null,
}
