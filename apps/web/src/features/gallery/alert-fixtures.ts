import { alertKinds, type Wire } from '@gatehouse/contract'
import { inMinutes } from './moments.ts'

type Alert = Wire<'alert.acknowledge'>
type Channel = Wire<'alertChannel.create'>

const alert = (id: string, kind: Alert['kind'], over: Partial<Alert>): Alert => ({
  id,
  kind,
  severity: alertKinds[kind].severity,
  title: alertKinds[kind].summary,
  advice: alertKinds[kind].advice,
  state: 'open',
  at: inMinutes(-12),
  lastAt: inMinutes(-12),
  count: 1,
  about: { type: 'System', id: 'gatehouse', name: null },
  facts: [],
  acknowledgedAt: null,
  acknowledgedBy: null,
  acknowledgement: null,
  undeliveredAt: null,
  deliveries: [],
  ...over,
})

/** What was found in the gallery. */
export const alerts: readonly Alert[] = [
  alert('al1', 'auth-failures', {
    count: 14,
    at: inMinutes(-31),
    lastAt: inMinutes(-2),
    about: { type: 'User', id: 'u2', name: 'boris' },
    facts: [
      { name: 'failures', value: '5' },
      { name: 'windowSeconds', value: '300' },
    ],
    deliveries: [
      { channel: 'on call', state: 'delivered', attempts: 1, error: null, at: inMinutes(-31) },
      { channel: 'security', state: 'waiting', attempts: 4, error: 'it answers with status 503', at: inMinutes(-31) },
    ],
  }),
  alert('al2', 'lease-irrevocable', {
    about: { type: 'Lease', id: 'l4', name: 'deploy@db-1' },
    facts: [
      { name: 'role', value: 'deploy@db-1' },
      { name: 'backend', value: 'ssh-key' },
      { name: 'attempts', value: '24' },
    ],
    undeliveredAt: inMinutes(-11),
    deliveries: [
      { channel: 'security', state: 'dead', attempts: 80, error: 'it takes no connection', at: inMinutes(-1) },
    ],
  }),
  alert('al3', 'policy-reload-refused', {
    at: inMinutes(-240),
    lastAt: inMinutes(-240),
    state: 'acknowledged',
    acknowledgedAt: inMinutes(-236),
    acknowledgedBy: 'ada',
    acknowledgement: 'a comma was missing; the corrected file is in review',
    facts: [{ name: 'node', value: 'gateway-1' }],
    deliveries: [{ channel: 'on call', state: 'delivered', attempts: 1, error: null, at: inMinutes(-240) }],
  }),
  alert('al5', 'break-glass-requested', {
    at: inMinutes(-6),
    lastAt: inMinutes(-6),
    about: { type: 'BreakGlassRequest', id: '019ad38e-1f2a-7c3b-8d4e-5f6071829304', name: 'grace' },
    facts: [
      { name: 'request', value: '019ad38e-1f2a-7c3b-8d4e-5f6071829304' },
      { name: 'requester', value: 'grace' },
      { name: 'workspace', value: 'shop' },
    ],
    deliveries: [{ channel: 'on call', state: 'delivered', attempts: 1, error: null, at: inMinutes(-6) }],
  }),
  alert('al4', 'audit-witness-failing', { at: inMinutes(-3000), lastAt: inMinutes(-2900), count: 3 }),
]

const channel = (id: string, name: string, over: Partial<Channel>): Channel => ({
  id,
  name,
  kind: 'mail',
  target: 'security@example.org',
  severity: 'low',
  waiting: 0,
  deadLetters: 0,
  deliveredAt: inMinutes(-31),
  failingSince: null,
  lastError: null,
  disabledAt: null,
  createdAt: inMinutes(-90_000),
  ...over,
})

/** Where the gallery's alerts are sent. */
export const alertChannels: readonly Channel[] = [
  channel('ch1', 'on call', { kind: 'pagerduty', target: 'events.pagerduty.com', severity: 'high' }),
  channel('ch2', 'security', {
    kind: 'slack',
    target: 'hooks.slack.com',
    waiting: 3,
    deadLetters: 1,
    failingSince: inMinutes(-31),
    lastError: 'it answers with status 503',
    deliveredAt: inMinutes(-1200),
  }),
  channel('ch3', 'archive', { deliveredAt: null, disabledAt: inMinutes(-600) }),
]

/** What the gallery's Slack would not take. */
export const deadLetters: readonly Wire<'alertChannel.deadLetters'>['items'][number][] = [
  {
    id: 'dl1',
    alert: 'al2',
    kind: 'lease-irrevocable',
    severity: alertKinds['lease-irrevocable'].severity,
    title: alertKinds['lease-irrevocable'].summary,
    attempts: 80,
    error: 'it answers with status 503',
    at: inMinutes(-1),
  },
]
