import type { Wire } from '@gatehouse/contract'
import { inMinutes } from './fixtures.ts'

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
