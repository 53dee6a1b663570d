import { Check, CircleDashed, CircleSlash, Clock, Minus, Pencil, Plus, TriangleAlert } from '../generated/icons.tsx'
import type { JSX } from 'solid-js'
import { Dynamic } from 'solid-js/web'
import './state.css'

type Tone = 'ok' | 'warn' | 'bad' | 'calm'

const icons = {
  check: Check,
  dashed: CircleDashed,
  slash: CircleSlash,
  clock: Clock,
  minus: Minus,
  alert: TriangleAlert,
  plus: Plus,
  pencil: Pencil,
} as const

interface Sign {
  readonly tone: Tone
  readonly icon: keyof typeof icons
  readonly word?: string
}

/** How each state looks. Colour never stands alone: an icon and the word stand beside it. */
const signs: Readonly<Record<string, Sign>> = {
  active: { tone: 'ok', icon: 'check' },
  deployed: { tone: 'ok', icon: 'check' },
  allowed: { tone: 'ok', icon: 'check' },
  allow: { tone: 'ok', icon: 'check' },
  permit: { tone: 'ok', icon: 'check' },
  ok: { tone: 'ok', icon: 'check' },
  reachable: { tone: 'ok', icon: 'check' },
  enrolled: { tone: 'ok', icon: 'check' },
  approved: { tone: 'ok', icon: 'check' },
  unbound: { tone: 'warn', icon: 'alert' },
  'CA not trusted': { tone: 'bad', icon: 'alert' },
  'next CA not trusted': { tone: 'warn', icon: 'alert' },
  'list old': { tone: 'warn', icon: 'clock' },
  'check waived': { tone: 'warn', icon: 'alert' },
  pending: { tone: 'warn', icon: 'dashed' },
  generated: { tone: 'warn', icon: 'dashed', word: 'not on host' },
  removing: { tone: 'warn', icon: 'dashed' },
  degraded: { tone: 'warn', icon: 'alert' },
  intent: { tone: 'warn', icon: 'dashed', word: 'in progress' },
  unknown: { tone: 'warn', icon: 'alert' },
  revoking: { tone: 'warn', icon: 'dashed' },
  'expiring soon': { tone: 'warn', icon: 'clock' },
  unused: { tone: 'warn', icon: 'minus' },
  unread: { tone: 'warn', icon: 'dashed' },
  read: { tone: 'calm', icon: 'check' },
  overdue: { tone: 'bad', icon: 'alert' },
  'not approved in time': { tone: 'calm', icon: 'clock' },
  ended: { tone: 'calm', icon: 'check' },
  reviewed: { tone: 'ok', icon: 'check' },
  'review due': { tone: 'warn', icon: 'clock' },
  'review overdue': { tone: 'bad', icon: 'alert' },
  refused: { tone: 'warn', icon: 'slash' },
  deny: { tone: 'warn', icon: 'slash' },
  forbid: { tone: 'warn', icon: 'slash' },
  'not enrolled': { tone: 'warn', icon: 'alert' },
  invited: { tone: 'warn', icon: 'dashed' },
  'invitation expired': { tone: 'warn', icon: 'clock' },
  'mail delayed': { tone: 'warn', icon: 'clock' },
  'mail refused': { tone: 'bad', icon: 'alert' },
  irrevocable: { tone: 'bad', icon: 'alert' },
  high: { tone: 'warn', icon: 'alert' },
  critical: { tone: 'bad', icon: 'alert' },
  failed: { tone: 'bad', icon: 'alert' },
  down: { tone: 'bad', icon: 'alert' },
  unreachable: { tone: 'bad', icon: 'alert' },
  revoked: { tone: 'calm', icon: 'slash' },
  expired: { tone: 'calm', icon: 'clock' },
  disabled: { tone: 'calm', icon: 'slash' },
  locked: { tone: 'bad', icon: 'slash' },
  removed: { tone: 'calm', icon: 'check' },
  denied: { tone: 'calm', icon: 'slash' },
  cancelled: { tone: 'calm', icon: 'slash' },
  used: { tone: 'calm', icon: 'check' },
  'file added': { tone: 'ok', icon: 'plus', word: 'added' },
  'file changed': { tone: 'warn', icon: 'pencil', word: 'changed' },
  'file removed': { tone: 'bad', icon: 'minus', word: 'removed' },
  verified: { tone: 'ok', icon: 'check' },
  'not proved': { tone: 'bad', icon: 'alert' },
  'not checked': { tone: 'calm', icon: 'minus' },
  medium: { tone: 'warn', icon: 'minus' },
  low: { tone: 'calm', icon: 'minus' },
  open: { tone: 'warn', icon: 'dashed' },
  acknowledged: { tone: 'calm', icon: 'check' },
  delivered: { tone: 'ok', icon: 'check' },
  sending: { tone: 'calm', icon: 'dashed' },
  retrying: { tone: 'warn', icon: 'clock' },
  'not delivered': { tone: 'bad', icon: 'alert' },
  paused: { tone: 'warn', icon: 'minus' },
  failing: { tone: 'bad', icon: 'alert' },
  'tier production': { tone: 'warn', icon: 'alert', word: 'production tier' },
  'tier staging': { tone: 'calm', icon: 'dashed', word: 'staging tier' },
  'tier development': { tone: 'calm', icon: 'minus', word: 'development tier' },
  'in force': { tone: 'ok', icon: 'check' },
  'same set': { tone: 'ok', icon: 'check', word: 'up to date' },
  'other set': { tone: 'warn', icon: 'alert', word: 'different set' },
  'set rejected': { tone: 'bad', icon: 'alert', word: 'rejected' },
  gains: { tone: 'warn', icon: 'plus', word: 'newly allowed' },
  losses: { tone: 'bad', icon: 'minus', word: 'newly denied' },
  waiting: { tone: 'calm', icon: 'clock' },
  done: { tone: 'ok', icon: 'check' },
  could: { tone: 'ok', icon: 'check' },
  'could, with more': { tone: 'warn', icon: 'clock' },
  'never checked': { tone: 'calm', icon: 'minus' },
  enabled: { tone: 'ok', icon: 'check' },
  'decrypt only': { tone: 'warn', icon: 'minus' },
  'deletion scheduled': { tone: 'bad', icon: 'clock' },
  destroyed: { tone: 'calm', icon: 'slash' },
  current: { tone: 'ok', icon: 'check' },
  'older version': { tone: 'calm', icon: 'clock', word: 'older' },
  'version revoked': { tone: 'bad', icon: 'alert', word: 'revoked' },
  closed: { tone: 'calm', icon: 'slash' },
  'has every version': { tone: 'ok', icon: 'check' },
  incomplete: { tone: 'warn', icon: 'dashed' },
  'other key in the settings': { tone: 'bad', icon: 'alert' },
  usable: { tone: 'ok', icon: 'check' },
  unusable: { tone: 'bad', icon: 'alert' },
  'not checked yet': { tone: 'calm', icon: 'minus' },
  'not tested yet': { tone: 'calm', icon: 'minus' },
  'not on this machine': { tone: 'warn', icon: 'alert' },
  'not on this server': { tone: 'warn', icon: 'alert' },
}

const unknownSign: Sign = { tone: 'calm', icon: 'minus' }

/** A state as icon and word. */
export function StateMark(props: { state: string }): JSX.Element {
  const sign = (): Sign => signs[props.state] ?? unknownSign
  return (
    <span class={`state state-${sign().tone}`}>
      <Dynamic component={icons[sign().icon]} aria-hidden="true" />
      {sign().word ?? props.state}
    </span>
  )
}
