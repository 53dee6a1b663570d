import type { Component } from 'solid-js'
import type { CallName } from '../../wire.ts'
import Bell from 'lucide-solid/icons/bell'
import BellRing from 'lucide-solid/icons/bell-ring'
import BookLock from 'lucide-solid/icons/book-lock'
import Bot from 'lucide-solid/icons/bot'
import Boxes from 'lucide-solid/icons/boxes'
import ClipboardCheck from 'lucide-solid/icons/clipboard-check'
import CircleHelp from 'lucide-solid/icons/circle-question-mark'
import FileDown from 'lucide-solid/icons/file-down'
import FileBadge from 'lucide-solid/icons/file-badge'
import FilePen from 'lucide-solid/icons/file-pen'
import Fingerprint from 'lucide-solid/icons/fingerprint-pattern'
import Flame from 'lucide-solid/icons/flame'
import FlaskConical from 'lucide-solid/icons/flask-conical'
import Gavel from 'lucide-solid/icons/gavel'
import Gauge from 'lucide-solid/icons/gauge'
import Handshake from 'lucide-solid/icons/handshake'
import History from 'lucide-solid/icons/rotate-ccw-clock'
import KeyRound from 'lucide-solid/icons/key-round'
import KeySquare from 'lucide-solid/icons/key-square'
import Layers from 'lucide-solid/icons/layers'
import Megaphone from 'lucide-solid/icons/megaphone'
import MonitorSmartphone from 'lucide-solid/icons/monitor-smartphone'
import Scale from 'lucide-solid/icons/scale'
import ScrollText from 'lucide-solid/icons/scroll-text'
import Send from 'lucide-solid/icons/send'
import Server from 'lucide-solid/icons/server'
import Settings from 'lucide-solid/icons/settings'
import ShieldCheck from 'lucide-solid/icons/shield-check'
import Siren from 'lucide-solid/icons/siren'
import Table2 from 'lucide-solid/icons/table-2'
import Timer from 'lucide-solid/icons/timer'
import UserRound from 'lucide-solid/icons/user-round'
import Users from 'lucide-solid/icons/users'
import UsersRound from 'lucide-solid/icons/users-round'

/** A place of the control center. */
export interface Place {
  readonly href: string
  readonly name: string
  readonly icon: Component<{ 'aria-hidden'?: 'true' }>
  /** What the place shows: who can't ask for it is not led there. */
  readonly shows?: CallName
  /** Shows how many wait there. */
  readonly counts?: 'alerts' | 'approvals' | 'notices'
}

/** A group of places, as the side bar shows them. */
export interface PlaceGroup {
  readonly name: string | null
  readonly places: readonly Place[]
}

/** Every place, in the order people need them. */
const placeGroups: readonly PlaceGroup[] = [
  {
    name: null,
    places: [
      { href: '/', name: 'Overview', icon: Gauge },
      { href: '/alerts', name: 'Alerts', icon: BellRing, shows: 'alert.list', counts: 'alerts' },
      { href: '/incidents', name: 'Incidents', icon: Siren, shows: 'incident.list' },
      { href: '/security', name: 'Security', icon: ShieldCheck, shows: 'system.dashboard' },
      { href: '/approvals', name: 'Approvals', icon: Handshake, shows: 'approval.list', counts: 'approvals' },
    ],
  },
  {
    name: 'Emergency',
    places: [
      { href: '/emergency/requests', name: 'Break-glass', icon: Flame, shows: 'breakGlass.list' },
      { href: '/emergency/sessions', name: 'Emergency sessions', icon: ClipboardCheck, shows: 'emergencySession.list' },
      { href: '/emergency/rule', name: 'Approval rule', icon: UsersRound, shows: 'breakGlass.ruleGet' },
    ],
  },
  {
    name: 'Access',
    places: [
      { href: '/access/leases', name: 'Leases', icon: Timer, shows: 'lease.list' },
      { href: '/access/keys', name: 'SSH keys', icon: KeyRound, shows: 'sshKey.list' },
      { href: '/access/certificates', name: 'Certificates', icon: FileBadge, shows: 'sshCertificate.list' },
      { href: '/access/hosts', name: 'SSH hosts', icon: Server, shows: 'sshHost.list' },
    ],
  },
  {
    name: 'People',
    places: [
      { href: '/people/users', name: 'Users', icon: Users, shows: 'user.list' },
      { href: '/people/teams', name: 'Teams', icon: UsersRound, shows: 'team.list' },
      { href: '/programs/accounts', name: 'Service accounts', icon: Bot, shows: 'serviceAccount.list' },
    ],
  },
  {
    name: 'Policy',
    places: [
      { href: '/policy', name: 'Policies', icon: BookLock, shows: 'policy.list' },
      { href: '/policy-matrix', name: 'Access matrix', icon: Table2, shows: 'policy.matrix' },
      { href: '/decisions', name: 'Decisions', icon: Scale, shows: 'decision.list' },
      { href: '/policy-explain', name: 'Explain a decision', icon: CircleHelp, shows: 'policy.explain' },
      { href: '/policy-change', name: 'Change policies', icon: FilePen, shows: 'policy.publish' },
      { href: '/policy-shadow', name: 'Shadow set', icon: FlaskConical, shows: 'policy.shadowReport' },
      { href: '/policy-history', name: 'Policy history', icon: History, shows: 'policy.history' },
    ],
  },
  {
    name: 'Workspaces',
    places: [
      { href: '/workspaces', name: 'Workspaces', icon: Boxes, shows: 'workspace.list' },
      { href: '/environments', name: 'Environments', icon: Layers, shows: 'environment.list' },
    ],
  },
  {
    name: 'Audit',
    places: [
      { href: '/record/audit', name: 'Audit log', icon: ScrollText, shows: 'audit.search' },
      { href: '/record/export', name: 'Audit export', icon: FileDown, shows: 'audit.export' },
      { href: '/record/retention', name: 'Retention and holds', icon: Gavel, shows: 'audit.retentionGet' },
      { href: '/record/sinks', name: 'Sinks', icon: Send, shows: 'auditSink.list' },
    ],
  },
  {
    name: null,
    places: [
      { href: '/alert-channels', name: 'Alert channels', icon: Megaphone, shows: 'alertChannel.list' },
      { href: '/settings', name: 'Settings', icon: Settings, shows: 'settings.get' },
    ],
  },
  {
    name: 'You',
    places: [
      { href: '/me/authenticators', name: 'Authenticators', icon: Fingerprint },
      { href: '/me/sessions', name: 'Sessions', icon: MonitorSmartphone },
      { href: '/me/tokens', name: 'API tokens', icon: KeySquare },
      { href: '/me/notices', name: 'Notices', icon: Bell, counts: 'notices' },
      { href: '/me/account', name: 'Account', icon: UserRound },
    ],
  },
]

/** The places that lead somewhere, by what may be asked; a group without any is left out. */
export const placesFor = (may: (operation: CallName) => boolean): readonly PlaceGroup[] =>
  placeGroups
    .map(({ name, places }) => ({ name, places: places.filter(({ shows }) => shows === undefined || may(shows)) }))
    .filter(({ places }) => places.length > 0)
