import type { Wire } from '@gatehouse/contract'
import { inMinutes } from './moments.ts'

type Entry = Wire<'audit.get'>

const entry = (seq: number | null, over: Partial<Entry>): Entry => ({
  id: `e${seq ?? 'pending'}`,
  seq,
  at: inMinutes(-(1200 - (seq ?? 1200)) / 10),
  kind: over.outcome === 'refused' ? 'refusal' : 'change',
  action: 'lease.list',
  category: 'credentials',
  severity: 'info',
  outcome: 'allowed',
  principal: { type: 'User', id: 'u1', name: 'ada' },
  resource: { type: 'Workspace', id: 'default' },
  workspace: 'default',
  ip: '10.0.0.17',
  sessionId: 's1',
  requestId: '0198c1f2-77aa-7d10-b0a2-1f61b3f5a001',
  decision: { effect: 'allow', policies: ['operator-access'] },
  refusal: null,
  detail: '{"input":{"first":50},"durationMs":4}',
  erased: [],
  pseudonyms: false,
  ...over,
})

/** Audit entries of the gallery, newest first. */
export const entries: readonly Entry[] = [
  entry(1200, {
    action: 'settings.update',
    category: 'system',
    severity: 'high',
    principal: { type: 'User', id: 'u2', name: 'grace' },
    resource: { type: 'System', id: 'gatehouse' },
    workspace: null,
    decision: { effect: 'allow', policies: ['admin-access'] },
    detail: JSON.stringify({
      input: { authFailuresAlert: 10, requiredRoles: ['Admin', 'Operator', 'Auditor'] },
      detail: {
        moved: [
          { field: 'authFailuresAlert', from: 5, to: 10 },
          { field: 'requiredRoles', from: ['Admin'], to: ['Admin', 'Operator', 'Auditor'] },
          { field: 'roleLimits.Viewer.sessionIdleSeconds', from: 604_800, to: 259_200 },
        ],
      },
      intent: null,
      transport: 'graphql',
      userAgent: 'Mozilla/5.0 (X11; Linux x86_64) Firefox/149.0',
      policyVersion: '5f1c0a9b77e3d2c8a1',
      v: 3,
    }),
  }),
  entry(null, { action: 'lease.revoke', outcome: 'intent', resource: { type: 'Lease', id: 'l1' } }),
  entry(1199, {
    action: 'sshKey.deploy',
    resource: { type: 'SshKey', id: 'k1' },
    detail: '{"input":{"id":"k1"},"host":"h1","line":"SHA256:4xJ6q0bq"}',
  }),
  entry(1198, {
    action: 'sshKey.generate',
    resource: { type: 'SshHost', id: 'h1' },
    detail: '{"input":{"host":"db-1","purpose":"migrate the orders table","ttlSeconds":3600,"workspace":"default"}}',
  }),
  entry(1197, {
    action: 'sshHost.register',
    outcome: 'refused',
    principal: { type: 'User', id: 'u7', name: 'vera' },
    refusal: 'forbidden',
    decision: { effect: 'deny', policies: ['viewer-read-only'] },
  }),
  entry(1196, {
    action: 'user.create',
    outcome: 'refused',
    refusal: 'step-up-required',
    resource: { type: 'System', id: 'gatehouse' },
    decision: { effect: 'deny', policies: ['sensitive-needs-fresh-factor'] },
  }),
  entry(1195, {
    action: 'auth.login',
    outcome: 'refused',
    principal: { type: 'Anonymous', id: 'anonymous', name: null },
    resource: { type: 'System', id: 'gatehouse' },
    refusal: 'invalid-credentials',
    decision: { effect: 'allow', policies: ['anyone-may-log-in'] },
    sessionId: null,
    workspace: null,
    ip: '203.0.113.9',
  }),
  entry(1194, {
    action: 'lease.expired',
    principal: { type: 'Service', id: 'worker', name: 'worker' },
    resource: { type: 'Lease', id: 'l6' },
    decision: null,
    ip: null,
    sessionId: null,
  }),
  entry(1193, { action: 'sshHost.check', outcome: 'failed', resource: { type: 'SshHost', id: 'h3' } }),
]

/** A verification that finds a changed entry. */
export const brokenRecord: Wire<'audit.verify'> = {
  ok: false,
  size: 1199,
  root: '8c3VyZUxrYm9vd2F0bm90aGluZ2lzaGVyZQ',
  checkpoint: null,
  pending: 1,
  pruned: 0,
  problems: [{ seq: 1011, kind: 'leaf-mismatch', message: 'the text of the entry has been changed' }],
}

const perDay = [310, 287, 402, 12, 9, 355, 371, 298, 333, 901, 14, 8, 341, 122]
const dayOf = (index: number): string => inMinutes(-1440 * (perDay.length - 1 - index)).slice(0, 10)

const counts = (of: Readonly<Record<string, number>>): Wire<'audit.stats'>['actions'] =>
  Object.entries(of).map(([value, count]) => ({ value, count }))

/** What the entries of the gallery have in common: a fortnight with one busy day. */
export const auditStats: Wire<'audit.stats'> = {
  counted: 3763,
  complete: true,
  since: inMinutes(-1440 * 13),
  kinds: counts({ change: 2410, refusal: 940, event: 413 }),
  actions: counts({
    'sshCertificate.sign': 1201,
    'auth.login': 844,
    'lease.revoke': 512,
    'lease.expired': 413,
    'sshKey.generate': 240,
    'settings.update': 3,
  }),
  categories: counts({ credentials: 2366, authentication: 1002, people: 301, audit: 94 }),
  severities: counts({ critical: 2, high: 31, medium: 418, low: 1120, info: 2192 }),
  outcomes: counts({ allowed: 2780, refused: 940, failed: 43 }),
  decisions: counts({ allow: 2823, deny: 620 }),
  workspaces: counts({ default: 2901, edge: 462 }),
  actors: [
    { id: 'u1', name: 'ada', count: 1420 },
    { id: 'u2', name: 'grace', count: 533 },
    { id: 'worker', name: 'worker', count: 413 },
    { id: 'anonymous', name: null, count: 402 },
  ],
  days: perDay.map((count, index) => ({ value: dayOf(index), count })),
}

/** How often calls were refused among them: about one in five. */
export const refusedStats: Wire<'audit.stats'> = {
  ...auditStats,
  days: auditStats.days.map(({ count, ...day }, index) => ({
    ...day,
    count: Math.round((count * (1 + (index % 3))) / 10),
  })),
}

/** Nothing was counted, in the gallery. */
export const noStats: Wire<'audit.stats'> = {
  counted: 0,
  complete: true,
  since: null,
  kinds: [],
  actions: [],
  categories: [],
  severities: [],
  outcomes: [],
  decisions: [],
  workspaces: [],
  actors: [],
  days: [],
}

/** Saved searches of the gallery: one's own, one that is shared, one of somebody else. */
export const auditViews: readonly Wire<'auditView.save'>[] = [
  {
    id: 'v1',
    name: 'Refused today',
    filters: '{"outcome":"refused","from":"1d","kinds":["change","refusal","event"]}',
    shared: false,
    own: true,
    createdAt: inMinutes(-4000),
  },
  {
    id: 'v2',
    name: 'High severity',
    filters: '{"severity":"high","kinds":["change","refusal","event"]}',
    shared: true,
    own: true,
    createdAt: inMinutes(-9000),
  },
  {
    id: 'v3',
    name: 'Policy reloads',
    filters: '{"action":"policy.reload"}',
    shared: true,
    own: false,
    createdAt: inMinutes(-9900),
  },
]
