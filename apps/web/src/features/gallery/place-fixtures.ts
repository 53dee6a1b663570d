import type { Wire } from '@gatehouse/contract'
import { inMinutes } from './moments.ts'

/** Workspaces of the gallery. */
export const workspaces: readonly Wire<'workspace.get'>[] = [
  {
    id: 'default',
    name: 'default',
    environment: 'development',
    tier: 'development',
    timeZone: 'UTC',
    teams: ['sre', 'developers'],
    createdAt: inMinutes(-90_000),
  },
  {
    id: 'shop',
    name: 'shop',
    environment: 'production',
    tier: 'production',
    timeZone: 'Europe/Helsinki',
    teams: ['sre'],
    createdAt: inMinutes(-40_000),
  },
  {
    id: 'lab',
    name: 'lab',
    environment: 'staging',
    tier: 'staging',
    timeZone: 'Europe/Helsinki',
    teams: [],
    createdAt: inMinutes(-900),
  },
]

/** When people work in a workspace of the gallery. */
export const calendar: Wire<'calendar.get'> = {
  workspace: 'shop',
  timeZone: 'Europe/Helsinki',
  ownTimeZone: true,
  businessHours: ['mon-fri 08:00-18:00', 'sat 10:00-14:00'],
  holidays: ['2026-12-06', '2026-12-24', '2026-12-25', '2026-12-26', '2027-01-01', '2027-01-06'],
  onCall: [
    { user: 'u1', username: 'ada', from: inMinutes(-300), to: inMinutes(420) },
    { user: 'u2', username: 'grace', from: inMinutes(420), to: inMinutes(1140) },
  ],
  now: {
    localTime: '2026-11-28 14:05',
    day: 'sat',
    businessHours: false,
    weekend: true,
    holiday: false,
    onCall: ['ada'],
  },
  updatedAt: inMinutes(-4000),
  updatedBy: 'grace',
}

const environment = (
  id: 'development' | 'staging' | 'production',
  over: Partial<Wire<'environment.list'>['environments'][number]>,
): Wire<'environment.list'>['environments'][number] => ({
  id,
  tier: id,
  requiresMfa: false,
  requiresApproval: false,
  timeZone: 'Europe/Helsinki',
  networks: [],
  workspaces: 1,
  updatedAt: null,
  updatedBy: null,
  ...over,
})

/** The three environments of the gallery. */
export const environments: Wire<'environment.list'> = {
  environments: [
    environment('development', { timeZone: 'UTC' }),
    environment('staging', { requiresMfa: true }),
    environment('production', {
      requiresMfa: true,
      requiresApproval: true,
      networks: ['10.0.0.0/8', '192.0.2.0/24', '2001:db8::/32'],
      updatedAt: inMinutes(-4000),
      updatedBy: 'grace',
    }),
  ],
}

const sink = (id: string, over: Partial<Wire<'auditSink.pause'>>): Wire<'auditSink.pause'> => ({
  id,
  name: id,
  kind: 'hec',
  format: 'splunk',
  target: 'https://splunk.example.org:8088/services/collector/event',
  redacted: false,
  required: false,
  state: 'active',
  cursor: 1199,
  lagEntries: 0,
  lagSeconds: 0,
  deadLetters: 0,
  deliveredAt: inMinutes(-0.1),
  failingSince: null,
  lastError: null,
  createdAt: inMinutes(-60_000),
  ...over,
})

/** Where the audit log of the gallery goes. */
export const sinks: readonly Wire<'auditSink.pause'>[] = [
  sink('siem', { required: true }),
  sink('archive', { kind: 'file', format: 'jsonl', target: 'archive.jsonl', redacted: true, deadLetters: 2 }),
  sink('pager', {
    kind: 'webhook',
    format: 'jsonl',
    target: 'https://pager.example.org/hooks/gatehouse',
    cursor: 1012,
    lagEntries: 187,
    lagSeconds: 2460,
    deliveredAt: inMinutes(-41),
    failingSince: inMinutes(-41),
    lastError: 'https://pager.example.org answered 503',
  }),
  sink('syslog', {
    kind: 'syslog',
    format: 'rfc5424',
    target: 'logs.example.org:6514',
    state: 'paused',
    cursor: 904,
    lagEntries: 295,
    lagSeconds: 86_000,
    deliveredAt: inMinutes(-1433),
  }),
]

/** What a sink of the gallery would not take. */
export const deadLetters: Wire<'auditSink.deadLetters'>['items'] = [
  { entryId: 'e1197', seq: 1197, error: '413: larger than the collector takes', at: inMinutes(-80), due: false },
  { entryId: 'e1193', seq: 1193, error: '400: invalid time', at: inMinutes(-90), due: true },
]

/** An export of the gallery, and what comes of it before it breaks off. */
export const auditExport: Wire<'audit.export'> = {
  id: 'x1',
  format: 'jsonl',
  mediaType: 'application/jsonl; charset=utf-8',
  size: 1200,
  checkpoint: null,
  createdAt: inMinutes(0),
  expiresAt: inMinutes(360),
}
const part = (rows: number, percent: number, manifest: string | null): Wire<'audit.exportStream'> => ({
  text: '{}\n'.repeat(40),
  rows,
  bytes: rows * 812,
  percent,
  cursor: `c${rows}`,
  manifest,
})
/** Parts of an export that is still coming. */
export const someParts = [part(250, 21, null), part(500, 46, null)]
/** Parts of an export that comes to its end. */
export const allParts = [...someParts, part(1199, 100, 'gatehouse audit export v1\n')]
