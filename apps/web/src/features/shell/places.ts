import type { Component } from 'solid-js'
import {
  Bell,
  BellRing,
  BookLock,
  Bot,
  Boxes,
  CircleQuestionMark as CircleHelp,
  ClipboardCheck,
  Database,
  FileBadge,
  FileDown,
  FilePen,
  FingerprintPattern as Fingerprint,
  Flame,
  FlaskConical,
  Gauge,
  Gavel,
  Handshake,
  KeyRound,
  KeySquare,
  Layers,
  Lock,
  LockKeyhole,
  Megaphone,
  MonitorSmartphone,
  RotateCcwClock as History,
  Scale,
  ScrollText,
  Send,
  Server,
  Settings,
  ShieldCheck,
  Siren,
  Table2,
  Ticket,
  Timer,
  UserRound,
  Users,
  UsersRound,
  Vault,
} from '../../generated/icons.tsx'
import type { CallName } from '../../wire.ts'

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
      { href: '/access/roles', name: 'Credential roles', icon: Ticket, shows: 'secretRole.list' },
      { href: '/access/backends', name: 'Credential backends', icon: Database, shows: 'secretBackend.list' },
      { href: '/access/hosts', name: 'SSH hosts', icon: Server, shows: 'sshHost.list' },
      { href: '/access/authority', name: 'SSH authority', icon: Fingerprint, shows: 'sshHost.list' },
      { href: '/access/locks', name: 'Locks', icon: Lock, shows: 'lock.list' },
    ],
  },
  {
    name: 'Encryption',
    places: [
      { href: '/encryption/keys', name: 'Encryption keys', icon: LockKeyhole, shows: 'kmsKey.list' },
      { href: '/encryption/overview', name: 'What is encrypted', icon: Vault, shows: 'kms.status' },
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
