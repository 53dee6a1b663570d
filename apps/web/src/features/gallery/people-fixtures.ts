import type { Wire } from '@gatehouse/contract'
import { inMinutes } from './moments.ts'

/** People of the gallery. */
export const users: Wire<'user.list'>['items'] = [
  {
    id: 'u1',
    username: 'ada',
    displayName: 'Ada Lovelace',
    email: 'ada@example.org',
    status: 'active',
    locked: false,
    roles: ['Operator'],
    teams: ['sre'],
    hasAuthenticator: true,
    invitation: null,
    invitationExpiresAt: null,
    createdAt: inMinutes(-90_000),
    lastLoginAt: inMinutes(-20),
  },
  {
    id: 'u2',
    username: 'grace',
    displayName: 'Grace Hopper',
    email: null,
    status: 'active',
    locked: false,
    roles: ['Admin'],
    teams: ['platform-admin'],
    hasAuthenticator: true,
    invitation: null,
    invitationExpiresAt: null,
    createdAt: inMinutes(-90_000),
    lastLoginAt: inMinutes(-300),
  },
  {
    id: 'u7',
    username: 'vera',
    displayName: 'Vera Molnár',
    email: 'vera@example.org',
    status: 'active',
    locked: false,
    roles: ['Viewer'],
    teams: ['developers'],
    hasAuthenticator: false,
    invitation: 'refused',
    invitationExpiresAt: inMinutes(4000),
    createdAt: inMinutes(-30),
    lastLoginAt: null,
  },
]

/** Roles of the gallery. */
export const roles: Wire<'role.list'>['roles'] = [
  { name: 'Admin', description: 'runs Gatehouse: people, hosts and policies', holders: ['grace'], holderCount: 1 },
  { name: 'Operator', description: 'requests credentials where their teams work', holders: ['ada'], holderCount: 1 },
  { name: 'Viewer', description: 'looks, and changes nothing', holders: ['vera'], holderCount: 1 },
]

/** Teams of the gallery. */
export const teams: Wire<'team.list'>['items'] = [
  {
    id: 't1',
    name: 'sre',
    description: 'keeps it running',
    members: [{ id: 'u1', username: 'ada' }],
    createdAt: inMinutes(-90_000),
  },
  {
    id: 't2',
    name: 'platform-admin',
    description: '',
    members: [{ id: 'u2', username: 'grace' }],
    createdAt: inMinutes(-90_000),
  },
]

/** The person of the gallery. */
export const me: Wire<'auth.whoami'> = {
  id: 'u1',
  username: 'ada',
  displayName: 'Ada Lovelace',
  roles: ['Operator'],
  teams: ['sre'],
  assurance: 'mfa',
  assuranceAt: inMinutes(-20),
  sessionId: 's1',
  missing: [],
  sessionExpiresAt: inMinutes(10_000),
  sessionIdleExpiresAt: inMinutes(9000),
}

/** Sessions of the gallery. */
export const sessions: Wire<'session.list'>['items'] = [
  {
    id: 's1',
    current: true,
    user: 'u1',
    username: 'ada',
    methods: ['password', 'totp'],
    assurance: 'mfa',
    address: '10.0.0.17',
    device: 'Firefox on Linux',
    createdAt: inMinutes(-20),
    lastUsedAt: inMinutes(0),
    expiresAt: inMinutes(10_000),
  },
  {
    id: 's2',
    current: false,
    user: 'u1',
    username: 'ada',
    methods: ['password', 'totp'],
    assurance: 'mfa',
    address: '10.0.0.21',
    device: 'gatehouse CLI on Linux',
    createdAt: inMinutes(-2000),
    lastUsedAt: inMinutes(-47),
    expiresAt: inMinutes(8000),
  },
]

/** An enrolment of the gallery; its secret opens nothing. */
export const enrolment: Wire<'totp.enroll'> = {
  id: 'a2',
  secret: 'JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP',
  otpauthUri:
    'otpauth://totp/Gatehouse:ada?secret=JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP&issuer=Gatehouse' +
    '&algorithm=SHA1&digits=6&period=30',
}
